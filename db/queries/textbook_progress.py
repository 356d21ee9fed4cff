"""Queries for the viewer's progress in textbooks and their chapters."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Double, Integer, Select, cast, false, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.selectable import LateralFromClause

from db.core.statement import Query, Row
from db.queries.expressions import IDS, any_of, not_deleted, row_columns
from db.queries.own_rows import own_rows
from db.queries.textbooks import ChapterRow
from db.tables.exercises import chapter_progress, exercise_attempts, exercises
from db.tables.textbooks import chapters, textbooks
from domain.ids import ChapterId, TextbookId


class _ProgressRow(Row):
    """Counts of exercises and of the best answers to them. `score` is None before the first attempt."""

    __slots__ = ()
    exercise_count: int
    exercises_done: int
    score: float | None
    last_read_at: datetime | None


class ChapterProgressRow(_ProgressRow):
    """The viewer's progress in a chapter. `id`: of the chapter."""

    __slots__ = ()
    id: ChapterId
    is_read: bool


class TextbookProgressRow(_ProgressRow):
    """The viewer's progress in all chapters of a textbook. `id`: of the textbook."""

    __slots__ = ()
    id: TextbookId
    chapter_count: int
    chapters_read: int


_own_progress = own_rows(
    "own_progress",
    chapter_progress,
    *(chapter_progress.c.chapter_id, chapter_progress.c.is_read, chapter_progress.c.last_read_at),
)
_own_attempts = own_rows(
    "own_attempts", exercise_attempts, exercise_attempts.c.exercise_id, exercise_attempts.c.correct_count
)
_progress = _own_progress.c


def _exercise_totals() -> LateralFromClause:
    """Totals of the exercises of a chapter. The best attempt counts, so that the order of attempts does not matter."""
    best = (
        select(func.max(_own_attempts.c.correct_count).label("correct"))
        .where(_own_attempts.c.exercise_id == exercises.c.id)
        .lateral("best")
    )
    is_done = best.c.correct.is_not(None)
    return (
        select(
            func.count().label("exercise_count"),
            func.count(best.c.correct).label("exercises_done"),
            func.sum(best.c.correct).label("correct"),
            func.sum(func.jsonb_array_length(exercises.c.prompts)).filter(is_done).label("prompts"),
        )
        .select_from(exercises.join(best, true()))
        .where(exercises.c.chapter_id == chapters.c.id)
        .lateral("totals")
    )


def _progress_by(column: ColumnElement[Any], *more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Select the progress in the chapters of each value of a column."""
    totals = _exercise_totals()
    score = cast(func.sum(totals.c.correct), Double) / cast(func.sum(totals.c.prompts), Double)
    return (
        select(
            column.label("id"),
            *more,
            cast(func.sum(totals.c.exercise_count), Integer).label("exercise_count"),
            cast(func.sum(totals.c.exercises_done), Integer).label("exercises_done"),
            score.label("score"),
            func.max(_progress.last_read_at).label("last_read_at"),
        )
        .select_from(chapters.outerjoin(_own_progress, _progress.chapter_id == chapters.c.id).join(totals, true()))
        .where(any_of(column, IDS), not_deleted(chapters))
        .group_by(column)
    )


_is_read = func.coalesce(_progress.is_read, false())
progress_by_chapter_id = Query(
    _progress_by(chapters.c.id, func.bool_or(_is_read).label("is_read")), ChapterProgressRow, rls_scoped=True
)
progress_by_textbook_id = Query(
    _progress_by(
        chapters.c.textbook_id,
        cast(func.count(), Integer).label("chapter_count"),
        cast(func.count().filter(_is_read), Integer).label("chapters_read"),
    ),
    TextbookProgressRow,
    rls_scoped=True,
)

# Where the viewer stopped in each textbook: at the chapter that was read last.
_stops = (
    select(chapters.c.textbook_id, chapters.c.position, _progress.last_read_at)
    .ext(distinct_on(chapters.c.textbook_id))
    .select_from(
        _own_progress.join(chapters, chapters.c.id == _progress.chapter_id).join(
            textbooks, textbooks.c.id == chapters.c.textbook_id
        )
    )
    .where(
        _progress.last_read_at.is_not(None),
        not_deleted(chapters),
        not_deleted(textbooks),
    )
    .order_by(chapters.c.textbook_id, _progress.last_read_at.desc(), _progress.chapter_id.desc())
    .cte("stops")
)
# An unread chapter of the textbook that was read last and has one: the first from where the viewer stopped, otherwise
# the first before it. No row if there is none. Parameter: viewer_id.
chapter_to_continue = Query(
    select(*row_columns(chapters, ChapterRow))
    .select_from(
        chapters.join(_stops, chapters.c.textbook_id == _stops.c.textbook_id).outerjoin(
            _own_progress, _progress.chapter_id == chapters.c.id
        )
    )
    .where(not_deleted(chapters), ~_is_read)
    .order_by(
        _stops.c.last_read_at.desc(),
        _stops.c.textbook_id,
        chapters.c.position < _stops.c.position,
        chapters.c.position,
    )
    .limit(1),
    ChapterRow,
    rls_scoped=True,
)
