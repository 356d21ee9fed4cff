"""Resolvers of words and the search."""

from typing import Any

import strawberry

from db.core.pagination import Page
from db.queries.search import VocabularySearchRow, paged_search_results, restrict, search_values
from db.queries.sentences import SentenceRow, paged_sentences
from db.queries.vocabulary import (
    VocabularyFilter,
    VocabularyRow,
    paged_vocabulary,
)
from domain.enums import SearchField
from domain.ids import VocabularyId, global_id, parse_global_id_as
from domain.inflection import Inflection
from domain.pages import page_arguments
from domain.search.tags import split_tags
from domain.search_input import check_search
from resolvers.connections import Edge
from resolvers.context import Info
from resolvers.loader_field import load_by_key
from resolvers.texts import tokens_of_sentences


async def vocabulary(
    info: Info,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    filter: VocabularyFilter | None = None,
) -> Page[VocabularyRow]:
    arguments = page_arguments(first, after, last, before)
    filter = filter or VocabularyFilter()
    return await info.context.reads.page(paged_vocabulary(filter), arguments, **_parameters(info, filter))


async def search_vocabulary(
    info: Info,
    query: str,
    filter: VocabularyFilter | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Page[VocabularySearchRow]:
    arguments = page_arguments(first, after)
    check_search("query", query)
    query, tags = split_tags("query", query)
    filter = restrict(filter or VocabularyFilter(), tags)
    values = {**search_values(query), **_parameters(info, filter)}
    return await info.context.reads.page(paged_search_results(filter), arguments, **values)


async def example_sentences(
    info: Info,
    vocabulary_id: strawberry.ID,
    known: bool | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Page[SentenceRow]:
    arguments = page_arguments(first, after)
    word_id = parse_global_id_as(VocabularyId, vocabulary_id)
    viewer = info.context.require_viewer() if known else info.context.viewer
    return await info.context.reads.page(
        paged_sentences(known=bool(known)), arguments, word_id=word_id, viewer_id=viewer.id if viewer else None
    )


def _parameters(info: Info, filter: VocabularyFilter) -> dict[str, object]:
    viewer = info.context.require_viewer() if filter.needs_viewer else None
    return {**filter.parameters(), "viewer_id": viewer.id if viewer else None}


examples = load_by_key(lambda loaders: loaders.vocabulary.examples_by_vocabulary_id)

example_tokens = load_by_key(
    lambda loaders: loaders.texts.sentences_by_text, key="japanese", transform=tokens_of_sentences
)


def example_word_id(parent: strawberry.Parent[Any]) -> str:
    return global_id("Vocabulary", parent.vocabulary_id)


forms = load_by_key(lambda loaders: loaders.vocabulary.forms_by_vocabulary_id)

senses = load_by_key(lambda loaders: loaders.vocabulary.senses_by_vocabulary_id)

kanji = load_by_key(lambda loaders: loaders.vocabulary.kanji_by_vocabulary_id)

card = load_by_key(lambda loaders: loaders.cards.recognition_card_by_vocabulary_id)

cards = load_by_key(lambda loaders: loaders.cards.cards_by_vocabulary_id)


def score(parent: strawberry.Parent[Edge]) -> float:
    score: float = parent.node["score"]
    return score


def matched_on(parent: strawberry.Parent[Edge]) -> list[SearchField]:
    return [SearchField(field) for field in parent.node["matched_on"]]


def deinflection(parent: strawberry.Parent[Edge]) -> list[Inflection]:
    return [Inflection(inflection) for inflection in parent.node["deinflection"]]
