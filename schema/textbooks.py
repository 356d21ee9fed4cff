"""Textbooks and their chapters."""

from datetime import datetime

import strawberry

from db.queries.textbooks import ChapterRow, TextbookRow
from domain.enums import JlptLevel, TextbookStatus
from resolvers import textbooks as resolve_textbooks
from schema import lazy_types as ref
from schema import list_sizes
from schema.cache_control import TEXTBOOKS
from schema.directives import Cost
from schema.nodes import Node, is_row


@strawberry.type(description="A textbook made of chapters.", directives=[TEXTBOOKS])
class Textbook(Node):
    is_type_of = is_row(TextbookRow)

    title: str = strawberry.field(description="Its title.", directives=[Cost(weight="5")])
    description = strawberry.field(
        resolver=resolve_textbooks.description,
        graphql_type=str,
        description="What it teaches.",
        directives=[Cost(weight="100")],
    )
    jlpt_level: JlptLevel = strawberry.field(description="The level it is for.")
    topics: list[str] = strawberry.field(description="What its chapters are about.", directives=[list_sizes.TOPICS])
    status: TextbookStatus = strawberry.field(description="Whether its chapters are there.")
    is_public: bool = strawberry.field(description="Whether everybody sees it, or its owner alone.")
    owner = strawberry.field(
        resolver=resolve_textbooks.owner,
        graphql_type=ref.User | None,
        description="Whose it is; null for the platform's own.",
    )
    version: int = strawberry.field(description="Raised by every change; an update names the one it read.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    chapter_count = strawberry.field(
        resolver=resolve_textbooks.chapter_count, graphql_type=int, description="How many chapters are there."
    )
    chapters = strawberry.field(
        resolver=resolve_textbooks.chapters,
        graphql_type=list[ref.Chapter],
        description="By position; at most 50.",
        directives=[list_sizes.CHAPTERS],
    )
    job = strawberry.field(
        resolver=resolve_textbooks.job,
        graphql_type=ref.Job | None,
        description="The newest job that wrote it, for its owner alone.",
    )


@strawberry.type(description="A chapter of a textbook.", directives=[TEXTBOOKS])
class Chapter(Node):
    is_type_of = is_row(ChapterRow)

    textbook = strawberry.field(
        resolver=resolve_textbooks.chapter_textbook, graphql_type=ref.Textbook, description="The textbook it is in."
    )
    position: int = strawberry.field(description="Its number, from 1.")
    title: str = strawberry.field(description="Its title.", directives=[Cost(weight="3")])
    summary: str = strawberry.field(
        description="What it teaches, in a sentence or two.", directives=[Cost(weight="20")]
    )
    content = strawberry.field(
        resolver=resolve_textbooks.chapter_content,
        graphql_type=str,
        description="The text, in Markdown.",
        directives=[Cost(weight="300")],
    )
    vocabulary = strawberry.field(
        resolver=resolve_textbooks.chapter_vocabulary,
        graphql_type=list[ref.Vocabulary],
        description="Its words, in the order they are taught.",
        directives=[list_sizes.WORDS_OF_CHAPTER],
    )
