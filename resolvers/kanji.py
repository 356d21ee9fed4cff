"""Kanji and the words written with them."""

from typing import Annotated

import strawberry

from db.listing import Page
from db.queries.kanji import kanji_by_character
from db.queries.vocabulary import KanjiRow, KanjiVocabularyRow
from domain.errors import BadUserInput
from domain.ids import shorten
from domain.pages import page_arguments
from resolvers.context import Info
from resolvers.pages import After, First


async def kanji(
    info: Info, character: Annotated[str, strawberry.argument(description="One character.")]
) -> KanjiRow | None:
    if len(character) != 1:
        raise BadUserInput(f"character: {shorten(character)!r} is not one character.")
    return await info.context.reads.row(kanji_by_character, character=character)


async def vocabulary(
    parent: strawberry.Parent[KanjiRow], info: Info, first: First = None, after: After = None
) -> Page[KanjiVocabularyRow]:
    return await info.context.loaders.vocabulary.vocabulary_by_kanji_id.load((parent.id, page_arguments(first, after)))
