"""Loads the graded readers as books with text and its words. They are newer than the catalogue, easiest first."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from analysis.search_terms import REVISION as TERMS_REVISION
from analysis.search_terms import book_search_terms
from content.book_rows import BOOK_TABLES, ContentBook, save_books
from content.book_texts import analyze_books
from content.exercise_rows import EXERCISE_TABLES, save_exercises
from content.loader import EPOCH_MS, Part, claim, content_id
from content.stories import STORIES, Question, Story, load_stories
from content.vocabulary import fingerprint_with_digest
from domain.annotated_text import AnnotatedText
from domain.aozora import parse_aozora
from domain.book_pages import split_pages
from domain.enums import AnswerLanguage, ExerciseKind
from domain.exercises import Exercise, Prompt, Solution

_REVISION = 4

# The date of the newest book of the catalogue.
_ADDED_AFTER = datetime.fromtimestamp(EPOCH_MS / 1000, UTC)
_BETWEEN_STORIES = timedelta(hours=1)
# Of two books of a level, the list by level has the one with the larger id first.
_ID_POSITION = -1


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(STORIES.glob("*.toml")):
        digest.update(path.read_bytes())
    words = fingerprint_with_digest("stories", digest.hexdigest(), _REVISION)
    return f"{words}, terms {TERMS_REVISION}"


async def _load(connection: asyncpg.Connection) -> None:
    ids = {story: content_id("story", story.slug, _ID_POSITION) for story in load_stories()}
    claimed = await claim(connection, "books", list(ids.values()), "published_at is not null")
    books = []
    # The date of a story does not depend on which ones are claimed.
    for number, (story, id) in enumerate(reversed(ids.items()), start=1):
        if id in claimed:
            text = story_text(story)
            added_at = _ADDED_AFTER + number * _BETWEEN_STORIES
            books.append(_book(story, id, added_at, split_pages(text)))
    await save_books(connection, books)
    await analyze_books(connection, [book.id for book in books])
    exercises = {id: story_exercises(story) for story, id in ids.items() if id in claimed}
    await save_exercises(connection, "book_id", exercises)


def story_text(story: Story) -> AnnotatedText:
    """Return the text of a story, with the readings that it gives."""
    return parse_aozora("\n\n".join(story.paragraphs)).text


def story_exercises(story: Story) -> tuple[Exercise, ...]:
    """Return the comprehension questions of a story, one exercise for each."""
    return tuple(
        Exercise(
            kind=ExerciseKind.CHOICE,
            title="Comprehension",
            task="Choose the answer that the story gives.",
            answer_language=AnswerLanguage.JAPANESE,
            prompts=(Prompt(question.question),),
            options=question.choices,
            solutions=(_solution(question),),
        )
        for question in story.questions
    )


def _solution(question: Question) -> Solution:
    answer = question.choices[question.answer]
    return Solution(answer, (answer,), question.answer, question.explanation)


def _book(story: Story, id: UUID, added_at: datetime, pages: list[AnnotatedText]) -> ContentBook:
    return ContentBook(
        id=id,
        title=story.title,
        title_reading=story.title_reading,
        author=story.author,
        description=story.summary,
        jlpt_level=story.jlpt_level,
        added_at=added_at,
        search_terms=book_search_terms(story.title, story.title_reading, story.author),
        pages=pages,
    )


PART = Part("stories", _fingerprint, _load, (*BOOK_TABLES, *EXERCISE_TABLES))
