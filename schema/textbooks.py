"""Textbooks and chapters."""

from datetime import datetime

import strawberry

from db.queries.textbook_progress import ChapterProgressRow, TextbookProgressRow
from db.queries.textbook_topics import TextbookTopicRow
from db.queries.textbooks import ChapterRow, TextbookRow
from domain.enums import JlptLevel, TextbookStatus
from resolvers import exercises as resolve_exercises
from resolvers import revisions as resolve_revisions
from resolvers import textbooks as resolve_textbooks
from schema import lazy_types as ref
from schema import list_sizes
from schema.cache_control import TEXTBOOKS
from schema.connections import Connection
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import Node, is_row
from schema.revisions import Revision

_SCORE = "Share of right answers in the best attempt at each exercise done, from 0 to 1; null before the first attempt."


@strawberry.type(description="A textbook with chapters.", directives=[TEXTBOOKS])
class Textbook(Node):
    is_type_of = is_row(TextbookRow)

    title: str = strawberry.field(description="Title.", directives=[Cost(weight="5")])
    description = strawberry.field(
        resolver=resolve_textbooks.description,
        graphql_type=str,
        description="Description.",
        directives=[Cost(weight="100")],
    )
    jlpt_level: JlptLevel = strawberry.field(description="JLPT level.")
    topics: list[str] = strawberry.field(description="Topics of the chapters.", directives=[list_sizes.TOPICS])
    status: TextbookStatus = strawberry.field(description="The status.")
    is_public: bool = strawberry.field(description="Whether the textbook is public.")
    owner = strawberry.field(
        resolver=resolve_textbooks.owner,
        graphql_type=ref.User | None,
        description="The owner; null for textbooks of the platform.",
    )
    version: int = strawberry.field(
        description="Version for optimistic locking; incremented by every change. Pass it as `expectedVersion`."
    )
    created_at: datetime = strawberry.field(description="Creation time.")
    updated_at: datetime = strawberry.field(description="Time of the last change.")
    chapter_count = strawberry.field(
        resolver=resolve_textbooks.chapter_count, graphql_type=int, description="Number of chapters."
    )
    chapters = strawberry.field(
        resolver=resolve_textbooks.chapters,
        graphql_type=list[ref.Chapter],
        description="Ordered by position; at most 50.",
        directives=[list_sizes.CHAPTERS],
    )
    progress = strawberry.field(
        resolver=resolve_textbooks.progress,
        graphql_type=ref.TextbookProgress | None,
        description="The viewer's progress; null without chapters and for anonymous requests.",
    )
    job = strawberry.field(
        resolver=resolve_textbooks.job,
        graphql_type=ref.Job | None,
        description="The newest generation job; null unless the viewer is the owner.",
    )
    revisions = strawberry.field(
        resolver=resolve_revisions.revisions,
        graphql_type=Connection[Revision] | None,
        description="What was changed, newest first; empty unless the viewer is an editor.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )


@strawberry.type(description="A chapter of a textbook.", directives=[TEXTBOOKS])
class Chapter(Node):
    is_type_of = is_row(ChapterRow)

    textbook = strawberry.field(
        resolver=resolve_textbooks.chapter_textbook,
        graphql_type=ref.Textbook,
        description="The textbook of the chapter.",
    )
    position: int = strawberry.field(description="Position, from 1.")
    title: str = strawberry.field(description="Title.", directives=[Cost(weight="3")])
    summary: str = strawberry.field(description="Summary of the content.", directives=[Cost(weight="20")])
    content = strawberry.field(
        resolver=resolve_textbooks.chapter_content,
        graphql_type=str,
        description="Content in Markdown. Like a printed book, it has the answers to the exercises at its end.",
        directives=[Cost(weight="300")],
    )
    vocabulary = strawberry.field(
        resolver=resolve_textbooks.chapter_vocabulary,
        graphql_type=list[ref.Vocabulary],
        description="Words in the order in which they are taught.",
        directives=[list_sizes.WORDS_OF_CHAPTER],
    )
    exercises = strawberry.field(
        resolver=resolve_exercises.chapter_exercises,
        graphql_type=list[ref.Exercise],
        description="The exercises of `content`, without their answers; empty for chapters written by older versions.",
        directives=[list_sizes.EXERCISES],
    )
    progress = strawberry.field(
        resolver=resolve_textbooks.chapter_progress,
        graphql_type=ref.ChapterProgress | None,
        description="The viewer's progress; null for anonymous requests.",
    )
    revisions = strawberry.field(
        resolver=resolve_revisions.revisions,
        graphql_type=Connection[Revision] | None,
        description="What was changed, newest first; empty unless the viewer is an editor.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )


@strawberry.type(description="The viewer's progress in a chapter.")
class ChapterProgress(Node):
    is_type_of = is_row(ChapterProgressRow)

    chapter_id = strawberry.field(
        resolver=resolve_textbooks.progress_chapter_id,
        graphql_type=strawberry.ID,
        description="The global id of the chapter, for clients that keep copies.",
    )
    is_read: bool = strawberry.field(description="Whether the viewer has read it to its end.")
    last_read_at: datetime | None = strawberry.field(description="When it was last read; null if it was not opened.")
    exercise_count: int = strawberry.field(description="Number of exercises.")
    exercises_done: int = strawberry.field(description="Number of exercises with an attempt.")
    score: float | None = strawberry.field(description=_SCORE)


@strawberry.type(description="The viewer's progress in a textbook.")
class TextbookProgress(Node):
    is_type_of = is_row(TextbookProgressRow)

    chapter_count: int = strawberry.field(description="Number of chapters.")
    chapters_read: int = strawberry.field(description="Number of chapters that the viewer has read.")
    last_read_at: datetime | None = strawberry.field(
        description="When a chapter was last read; null if none was opened."
    )
    exercise_count: int = strawberry.field(description="Number of exercises in all chapters.")
    exercises_done: int = strawberry.field(description="Number of exercises with an attempt.")
    score: float | None = strawberry.field(description=_SCORE)


@strawberry.type(description="A topic that textbooks of a level can be generated about.")
class TextbookTopic:
    is_type_of = is_row(TextbookTopicRow)

    name: str = strawberry.field(description="Name in English.")
    japanese_name: str = strawberry.field(description="Name in Japanese.")
    word_count: int = strawberry.field(description="Number of words of the level about the topic; at least 6.")
