"""Resolvers of kanji."""

from common.text import truncate
from db.queries.kanji import kanji_by_character
from db.queries.vocabulary import KanjiRow
from domain.errors import BadUserInput
from resolvers.connections import nested_page_key
from resolvers.context import Info
from resolvers.loader_field import load_by_key


async def kanji(info: Info, character: str) -> KanjiRow | None:
    if len(character) != 1:
        raise BadUserInput(f"character: {truncate(character)!r} is not a single character.")
    return await info.context.reads.row(kanji_by_character, character=character)


vocabulary = load_by_key(lambda loaders: loaders.vocabulary.vocabulary_by_kanji_id, key=nested_page_key)
