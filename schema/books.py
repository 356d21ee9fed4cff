"""Books and the viewer's place in them."""

from datetime import datetime

import strawberry

from db.queries.books import BookRow
from db.queries.reading import BookProgressRow
from domain.enums import JlptLevel, ReadingStatus
from resolvers import books as resolve_books
from schema import lazy_types as ref
from schema import list_sizes
from schema.cache_control import BOOKS
from schema.connections import Connection
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import Node, is_row


@strawberry.type(description="A graded book.", directives=[BOOKS])
class Book(Node):
    is_type_of = is_row(BookRow)

    title: str = strawberry.field(description="The title in Japanese.", directives=[Cost(weight="5")])
    title_reading: str | None = strawberry.field(description="The title in hiragana.", directives=[Cost(weight="5")])
    author: str = strawberry.field(description="Who wrote it.", directives=[Cost(weight="2")])
    description = strawberry.field(
        resolver=resolve_books.description,
        graphql_type=str,
        description="What it is about, in English.",
        directives=[Cost(weight="100")],
    )
    jlpt_level: JlptLevel = strawberry.field(description="The level a reader needs.")
    cover_url: str | None = strawberry.field(description="Where its cover picture is.", directives=[Cost(weight="20")])
    page_count: int = strawberry.field(description="How many pages it has.")
    original_year: int | None = strawberry.field(description="The year in which the work first appeared.")
    published_at: datetime | None = strawberry.field(
        description="Since when learners see it; null: not yet, and only editors do."
    )
    created_at: datetime = strawberry.field(description="When it was added.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    version: int = strawberry.field(description="Raised by every change; an update names the one it read.")
    progress = strawberry.field(
        resolver=resolve_books.progress,
        graphql_type=ref.BookProgress | None,
        description="The viewer's own place; null when not started or nobody is signed in.",
    )
    vocabulary = strawberry.field(
        resolver=resolve_books.vocabulary,
        graphql_type=Connection[ref.Vocabulary] | None,
        description="Words to know for it, in the order of the book.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )


@strawberry.type(description="How far the viewer has read a book.")
class BookProgress(Node):
    is_type_of = is_row(BookProgressRow)

    book = strawberry.field(resolver=resolve_books.progress_book, graphql_type=ref.Book, description="The book.")
    current_page: int = strawberry.field(description="The last page read; at most the book's `pageCount`.")
    percent: float = strawberry.field(description="How much is read: 0 to 100; 100 where it is finished, only there.")
    status: ReadingStatus = strawberry.field(description="FINISHED where `finishedAt` is, READING from page 1 on.")
    started_at: datetime = strawberry.field(description="When it was opened first.")
    last_read_at: datetime = strawberry.field(description="When it was read last.")
    finished_at: datetime | None = strawberry.field(
        description="When its end was reached first. Turning back keeps it; so does an edition with more pages."
    )
