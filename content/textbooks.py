"""Loads the textbooks of the catalogue, built from the dictionary and their plans."""

from uuid import UUID

import asyncpg

from analysis.search_terms import REVISION as TERMS_REVISION
from analysis.search_terms import textbook_search_terms
from content.catalogue import TEXTBOOK_PLANS, CatalogueTextbook, load_textbook_plans
from content.exercise_rows import EXERCISE_TABLES, save_exercises
from content.loader import Part, claim, content_id, upsert
from content.vocabulary import fingerprint_with
from content.words import Dictionary, read_dictionary
from domain.enums import TextbookStatus
from domain.textbooks import assign_words, render_chapter

CHAPTER_TABLES = ("chapters", "chapter_vocabulary", *EXERCISE_TABLES)

_REVISION = 2


def _fingerprint() -> str:
    words = fingerprint_with("plans", TEXTBOOK_PLANS, _REVISION)
    return f"{words}, terms {TERMS_REVISION}"


async def _load(connection: asyncpg.Connection) -> None:
    plans = {_id(plan, position): plan for position, plan in enumerate(load_textbook_plans())}
    ids = await claim(connection, "textbooks", list(plans), "is_public")
    dictionary = await read_dictionary(connection)
    await upsert(
        connection,
        "textbooks",
        ("id", "title", "description", "jlpt_level", "topics", "status", "is_public", "search_terms"),
        [textbook_row(id, plan, is_public=True) for id, plan in plans.items() if id in ids],
        key=("id",),
        casts={"search_terms": "tsvector"},
    )
    for id, plan in plans.items():
        if id in ids:
            await load_chapters(connection, id, plan, dictionary)


def textbook_row(id: UUID, plan: CatalogueTextbook, *, is_public: bool) -> tuple[object, ...]:
    return (
        id,
        plan.title,
        plan.description,
        plan.jlpt_level.value,
        list(plan.topics),
        TextbookStatus.READY.value,
        is_public,
        textbook_search_terms(plan.title, plan.topics),
    )


async def load_chapters(
    connection: asyncpg.Connection, textbook_id: UUID, plan: CatalogueTextbook, dictionary: Dictionary
) -> None:
    """Build the chapters and replace the existing ones."""
    words = assign_words(plan.chapters, dictionary.of_level(plan.jlpt_level))
    rendered = [render_chapter(chapter, chosen) for chapter, chosen in zip(plan.chapters, words, strict=True)]
    chapters = [
        (
            content_id("chapter", f"{textbook_id} {position}", 0),
            textbook_id,
            position,
            chapter.title,
            chapter.summary,
            rendered[position - 1].content,
        )
        for position, chapter in enumerate(plan.chapters, start=1)
    ]
    await upsert(
        connection,
        "chapters",
        ("id", "textbook_id", "position", "title", "summary", "content"),
        chapters,
        key=("id",),
    )
    # The plan may have fewer chapters than before.
    await connection.execute(
        "delete from chapters where textbook_id = $1 and id <> all($2)", textbook_id, [row[0] for row in chapters]
    )
    await connection.execute("delete from chapter_vocabulary where chapter_id = any($1)", [row[0] for row in chapters])
    await connection.copy_records_to_table(
        "chapter_vocabulary",
        columns=["chapter_id", "position", "vocabulary_id"],
        records=[
            (row[0], position, dictionary.ids[word])
            for row, chosen in zip(chapters, words, strict=True)
            for position, word in enumerate(chosen)
        ],
    )
    exercises = {row[0]: each.exercises for row, each in zip(chapters, rendered, strict=True)}
    await save_exercises(connection, "chapter_id", exercises)


def _id(plan: CatalogueTextbook, position: int) -> UUID:
    return content_id("textbook", plan.title, position)


PART = Part("textbooks", _fingerprint, _load, ("textbooks", "content_items", *CHAPTER_TABLES))
