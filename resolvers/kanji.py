"""Kanji and the words written with them."""

from typing import Annotated

import strawberry

from common.text import truncate
from db.queries.kanji import kanji_by_character
from db.queries.vocabulary import KanjiRow
from domain.errors import BadUserInput
from resolvers.connections import page_below
from resolvers.context import Info
from resolvers.loader_field import loaded


async def kanji(
    info: Info, character: Annotated[str, strawberry.argument(description="A single character.")]
) -> KanjiRow | None:
    if len(character) != 1:
        raise BadUserInput(f"character: {truncate(character)!r} is not one character.")
    return await info.context.reads.row(kanji_by_character, character=character)


vocabulary = loaded(lambda loaders: loaders.vocabulary.vocabulary_by_kanji_id, key=page_below)
