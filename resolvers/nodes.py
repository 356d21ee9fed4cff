"""Objects by their global id, whatever their type."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import strawberry

from db.queries.administration import AuditEntryRow
from db.queries.books import BookRow
from db.queries.cards import CardRow
from db.queries.jobs import JobRow
from db.queries.reading import BookProgressRow
from db.queries.reviews import ReviewRow
from db.queries.textbooks import ChapterRow, TextbookRow
from db.queries.users import AccountRow, UserRow
from db.queries.vocabulary import KanjiRow, VocabularyRow
from db.query import Row
from domain.errors import BadUserInput
from domain.ids import global_id, parse_global_id, shorten
from loaders import Loaders
from loaders.base import OneByKey
from resolvers.context import Info

MAX_NODES = 100

GlobalId = Annotated[strawberry.ID, strawberry.argument(description="A global id, as any `id` field gives it.")]


class _TypeNames(dict[type[Row], str]):
    """Of which type a row is the object. Subclasses of a row are rows of the same type."""

    def __missing__(self, row: type[Row]) -> str:
        name = self[row] = next(self[base] for base in row.__mro__[1:] if base in self)
        return name


_TYPE_NAMES = _TypeNames(
    {
        AccountRow: "User",
        AuditEntryRow: "AuditEntry",
        BookProgressRow: "BookProgress",
        BookRow: "Book",
        CardRow: "Card",
        ChapterRow: "Chapter",
        JobRow: "Job",
        KanjiRow: "Kanji",
        ReviewRow: "Review",
        TextbookRow: "Textbook",
        UserRow: "User",
        VocabularyRow: "Vocabulary",
    }
)

_LOADERS: dict[str, Callable[[Loaders], OneByKey[Any]]] = {
    "AuditEntry": lambda loaders: loaders.administration.audit_entry_by_id,
    "Book": lambda loaders: loaders.books.book_by_id,
    "BookProgress": lambda loaders: loaders.books.progress_by_id,
    "Card": lambda loaders: loaders.cards.card_by_id,
    "Chapter": lambda loaders: loaders.textbooks.chapter_by_id,
    "Job": lambda loaders: loaders.jobs.job_by_id,
    "Kanji": lambda loaders: loaders.vocabulary.kanji_by_id,
    "Review": lambda loaders: loaders.cards.review_by_id,
    "Textbook": lambda loaders: loaders.textbooks.textbook_by_id,
    "User": lambda loaders: loaders.users.user_by_id,
    "Vocabulary": lambda loaders: loaders.vocabulary.vocabulary_by_id,
}


def type_name_of(row: Row) -> str:
    """The GraphQL type of a row."""
    return _TYPE_NAMES[type(row)]


def id(parent: strawberry.Parent[Any]) -> str:
    return global_id(_TYPE_NAMES[type(parent)], parent.id)


async def node(info: Info, id: GlobalId) -> Row | None:
    return await _load(info, *_parsed(id))


async def nodes(
    info: Info,
    ids: Annotated[list[strawberry.ID], strawberry.argument(description="Global ids of any types, at most 100.")],
) -> list[Row | None]:
    if len(ids) > MAX_NODES:
        raise BadUserInput(f"ids: {len(ids)} ids are more than the {MAX_NODES} that one field may ask for.")
    parsed = [_parsed(id) for id in ids]
    return await asyncio.gather(*(_load(info, type_name, id) for type_name, id in parsed))


def _parsed(value: str) -> tuple[str, UUID]:
    type_name, id = parse_global_id(value)
    if type_name not in _LOADERS:
        raise BadUserInput(f"{shorten(value)!r} is the id of a {shorten(type_name)}, which is not a type of this API.")
    return type_name, id


async def _load(info: Info, type_name: str, id: UUID) -> Row | None:
    row: Row | None = await _LOADERS[type_name](info.context.loaders).load(id)
    return row
