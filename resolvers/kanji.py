"""Kanji and the words written with them."""

from typing import Annotated
from uuid import UUID

import strawberry

from db.queries.kanji import kanji_by_character
from db.queries.vocabulary import KanjiRow
from domain.errors import BadUserInput
from domain.ids import shorten
from domain.pages import PageArguments, page_arguments
from resolvers.context import Info
from resolvers.loaded import loaded
from resolvers.pages import After, First


async def kanji(
    info: Info, character: Annotated[str, strawberry.argument(description="One character.")]
) -> KanjiRow | None:
    if len(character) != 1:
        raise BadUserInput(f"character: {shorten(character)!r} is not one character.")
    return await info.context.reads.row(kanji_by_character, character=character)


def _vocabulary_page(
    parent: strawberry.Parent[KanjiRow], info: Info, first: First = None, after: After = None
) -> tuple[UUID, PageArguments]:
    return parent.id, page_arguments(first, after)


vocabulary = loaded(lambda loaders: loaders.vocabulary.vocabulary_by_kanji_id, key=_vocabulary_page)
