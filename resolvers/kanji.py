"""Resolvers of kanji."""

from common.text import truncate
from db.core.pagination import Page
from db.queries.kanji import (
    KanjiFilter,
    KanjiSearchRow,
    kanji_by_character,
    kanji_search_values,
    paged_kanji,
    paged_kanji_search,
)
from db.queries.vocabulary import KanjiRow
from domain.errors import BadUserInput
from domain.pages import page_arguments
from domain.search_input import check_kanji_search
from resolvers.connections import nested_page_key
from resolvers.context import Info
from resolvers.loader_field import load_by_key


async def kanji(info: Info, character: str) -> KanjiRow | None:
    if len(character) != 1:
        raise BadUserInput(f"character: {truncate(character)!r} is not a single character.")
    return await info.context.reads.row(kanji_by_character, character=character)


async def kanji_list(
    info: Info,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    filter: KanjiFilter | None = None,
) -> Page[KanjiRow]:
    arguments = page_arguments(first, after, last, before)
    filter = filter or KanjiFilter()
    return await info.context.reads.page(paged_kanji(filter), arguments, **filter.parameters())


async def search_kanji(
    info: Info,
    query: str,
    filter: KanjiFilter | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Page[KanjiSearchRow]:
    arguments = page_arguments(first, after)
    check_kanji_search("query", query)
    filter = filter or KanjiFilter()
    values = {**kanji_search_values(query), **filter.parameters()}
    return await info.context.reads.page(paged_kanji_search(filter), arguments, **values)


strokes = load_by_key(lambda loaders: loaders.vocabulary.strokes_by_kanji_id)

vocabulary = load_by_key(lambda loaders: loaders.vocabulary.vocabulary_by_kanji_id, key=nested_page_key)

card = load_by_key(lambda loaders: loaders.cards.recognition_card_by_kanji_id)

cards = load_by_key(lambda loaders: loaders.cards.cards_by_kanji_id)
