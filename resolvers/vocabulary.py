"""Resolvers of words and the search."""

from typing import Annotated

import strawberry

from db.core.pagination import Page
from db.queries.search import VocabularySearchRow, paged_search_results, search_values
from db.queries.vocabulary import (
    VocabularyListShape,
    VocabularyRow,
    paged_vocabulary,
)
from domain.enums import SearchField
from domain.pages import page_arguments
from resolvers.connections import After, Before, Edge, First, Last
from resolvers.context import Info
from resolvers.filters import VocabularyFilter, check_search, level_values
from resolvers.loader_field import load_by_key


async def vocabulary(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    filter: Annotated[VocabularyFilter | None, strawberry.argument(description="Filters of a list of words.")] = None,
) -> Page[VocabularyRow]:
    arguments = page_arguments(first, after, last, before)
    shape, values = _filtered(info, filter)
    return await info.context.reads.page(paged_vocabulary(shape), arguments, **values)


async def search_vocabulary(
    info: Info,
    query: Annotated[str, strawberry.argument(description="Kanji, kana, romaji or English; max 100 characters.")],
    filter: Annotated[VocabularyFilter | None, strawberry.argument(description="Filters of a list of words.")] = None,
    first: First = None,
    after: After = None,
) -> Page[VocabularySearchRow]:
    arguments = page_arguments(first, after)
    check_search("query", query)
    shape, values = _filtered(info, filter)
    return await info.context.reads.page(paged_search_results(shape), arguments, **search_values(query), **values)


def _filtered(info: Info, filter: VocabularyFilter | None) -> tuple[VocabularyListShape, dict[str, object]]:
    filter = filter or VocabularyFilter()
    viewer = info.context.require_viewer() if filter.has_card is not None else None
    shape = VocabularyListShape(levels=filter.jlpt_levels is not None, has_card=filter.has_card)
    return shape, {"levels": level_values(filter.jlpt_levels), "viewer_id": viewer.id if viewer else None}


examples = load_by_key(lambda loaders: loaders.vocabulary.examples_by_vocabulary_id)

kanji = load_by_key(lambda loaders: loaders.vocabulary.kanji_by_vocabulary_id)

card = load_by_key(lambda loaders: loaders.cards.card_by_vocabulary_id)


def score(parent: strawberry.Parent[Edge]) -> float:
    score: float = parent.node["score"]
    return score


def matched_on(parent: strawberry.Parent[Edge]) -> list[SearchField]:
    return [SearchField(field) for field in parent.node["matched_on"]]
