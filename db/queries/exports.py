"""Queries for exports, whose rows are formatted lines.

A formatted line costs Python a tenth of a row of values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.sql.selectable import Subquery

from db.core.statement import Query, Row
from db.queries.exported_changes import changes_of_card
from db.queries.expressions import VIEWER_ID, not_deleted
from db.tables.base import Timestamp
from db.tables.cards import card_contexts, card_tags, cards
from db.tables.custom_vocabulary import custom_vocabulary
from db.tables.reviews import reviews
from db.tables.users import user_settings, users
from db.tables.vocabulary import kanji, vocabulary
from domain.csv_formulas import BREAKS, FORMULA, LEADING, SIGNS
from domain.enums import ExportFormat, ExportKind

_SINCE = bindparam("since", type_=Timestamp)
_UNTIL = bindparam("until", type_=Timestamp)


class LineRow(Row):
    """A line of the file without its line terminator."""

    __slots__ = ()
    line: str


class LineCountRow(Row):
    """The number of lines."""

    __slots__ = ()
    count: int


@dataclass(frozen=True, slots=True)
class Export:
    """The queries of an export and the header line, if the format has one. Parameters: viewer_id, since, until."""

    header: str | None
    lines: Query[LineRow]
    count: Query[LineCountRow]


def _id(type_name: str, id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the global id. It is not of type Text, because it never needs CSV quoting."""
    return func.encode(func.convert_to(func.concat(type_name + ":", id), "UTF8"), "base64")


def _optional_id(type_name: str, id: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((id.is_(None), null()), else_=_id(type_name, id))


def format_timestamp(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Format as RFC 3339 in UTC with microseconds, without loss of precision."""
    return func.to_char(column.op("at time zone")("UTC"), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


def _literal(text: str) -> ColumnElement[Any]:
    """Return a SQL literal of a constant; a parameter would prevent constant folding in the plan."""
    escaped = "".join(character if character.isalnum() else f"\\u{ord(character):04x}" for character in text)
    return literal_column(f"E'{escaped}'")


def _between(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return (column >= _SINCE) & (column < _UNTIL)


# Of a word, an own word or a kanji, whose readings are listed.
_own = custom_vocabulary.c
_word = func.coalesce(vocabulary.c.word, kanji.c.character, _own.word, type_=Text)
_is_own = (_own.id == cards.c.custom_vocabulary_id) & (_own.user_id == VIEWER_ID)
_readings = kanji.c.onyomi.op("||")(kanji.c.kunyomi)
_reading = func.coalesce(vocabulary.c.reading, func.array_to_string(_readings, "; "), _own.reading, type_=Text)
_reviews = (
    select(
        _id("Review", reviews.c.id).label("id"),
        format_timestamp(reviews.c.reviewed_at).label("reviewedAt"),
        _word.label("word"),
        _reading.label("reading"),
        reviews.c.quality,
        reviews.c.interval_days_before.label("intervalDaysBefore"),
        reviews.c.interval_days_after.label("intervalDaysAfter"),
        reviews.c.duration_ms.label("durationMs"),
        reviews.c.undone,
        _id("Card", reviews.c.card_id).label("cardId"),
        reviews.c.idempotency_key.label("idempotencyKey"),
        cards.c.kind,
        reviews.c.rescheduled,
        reviews.c.day,
        reviews.c.due_day.label("dueDay"),
        reviews.c.retrievability,
    )
    .select_from(
        reviews.join(cards, cards.c.id == reviews.c.card_id)
        .outerjoin(vocabulary)
        .outerjoin(kanji)
        .outerjoin(custom_vocabulary, _is_own)
    )
    .where(reviews.c.user_id == VIEWER_ID, cards.c.user_id == VIEWER_ID, _between(reviews.c.reviewed_at))
    .order_by(reviews.c.reviewed_at, reviews.c.id)
)
# A semicolon or a backslash in a tag follows a backslash.
_tag = func.regexp_replace(card_tags.c.tag, _literal(r"([\\;])"), _literal(r"\\\1"), _literal("g"))
_tags = (
    select(func.array_agg(aggregate_order_by(_tag, card_tags.c.tag)))
    .where(card_tags.c.card_id == cards.c.id, card_tags.c.user_id == VIEWER_ID)
    .correlate(cards)
    .scalar_subquery()
)
_cards = (
    select(
        _id("Card", cards.c.id).label("id"),
        _word.label("word"),
        _reading.label("reading"),
        func.coalesce(
            func.array_to_string(func.coalesce(vocabulary.c.meanings, kanji.c.meanings), "; "), _own.meaning, type_=Text
        ).label("meanings"),
        func.coalesce(vocabulary.c.jlpt_level, kanji.c.jlpt_level).label("jlptLevel"),
        cards.c.state,
        format_timestamp(cards.c.due_at).label("dueAt"),
        cards.c.interval_days.label("intervalDays"),
        cards.c.ease_factor.label("easeFactor"),
        cards.c.stability,
        cards.c.difficulty,
        cards.c.repetitions,
        cards.c.lapses,
        cards.c.suspended,
        cards.c.flag,
        func.array_to_string(_tags, "; ", type_=Text).label("tags"),
        format_timestamp(cards.c.last_reviewed_at).label("lastReviewedAt"),
        format_timestamp(cards.c.created_at).label("createdAt"),
        card_contexts.c.text.label("context"),
        _optional_id("Book", card_contexts.c.book_id).label("contextBookId"),
        card_contexts.c.page.label("contextPage"),
        cards.c.kind,
        case(
            (cards.c.kanji_id.is_not(None), literal_column("'KANJI'", Text)),
            (cards.c.custom_vocabulary_id.is_not(None), literal_column("'OWN_WORD'", Text)),
            else_=literal_column("'WORD'", Text),
        ).label("subject"),
        case(
            (cards.c.kanji_id.is_not(None), _id("Kanji", cards.c.kanji_id)),
            (cards.c.custom_vocabulary_id.is_not(None), _id("CustomVocabulary", cards.c.custom_vocabulary_id)),
            else_=_id("Vocabulary", cards.c.vocabulary_id),
        ).label("subjectId"),
        cards.c.due_day.label("dueDay"),
        cards.c.learning_step.label("learningStep"),
        format_timestamp(cards.c.first_reviewed_at).label("firstReviewedAt"),
        cards.c.last_reviewed_day.label("lastReviewedDay"),
        cards.c.suspended_as_leech.label("suspendedAsLeech"),
        cards.c.dismissed_leech_marks.label("dismissedLeechMarks"),
        changes_of_card.label("scheduleChanges"),
    )
    .select_from(
        cards.outerjoin(vocabulary)
        .outerjoin(kanji)
        .outerjoin(custom_vocabulary, _is_own)
        .outerjoin(card_contexts, (card_contexts.c.card_id == cards.c.id) & (card_contexts.c.user_id == VIEWER_ID))
    )
    .where(cards.c.user_id == VIEWER_ID, not_deleted(cards), _between(cards.c.created_at))
    .order_by(cards.c.id)
)
# Row-level security shows all users to administrators only.
_learners = (
    select(
        _id("User", users.c.id).label("id"),
        users.c.email,
        users.c.display_name.label("displayName"),
        users.c.role,
        user_settings.c.scheduler,
        user_settings.c.time_zone.label("timeZone"),
        format_timestamp(users.c.created_at).label("createdAt"),
    )
    .select_from(users.outerjoin(user_settings))
    .where(not_deleted(users), _between(users.c.created_at))
    .order_by(users.c.id)
)
_STATEMENTS: Mapping[ExportKind, Select[Any]] = {
    ExportKind.REVIEWS: _reviews,
    ExportKind.CARDS: _cards,
    ExportKind.LEARNERS: _learners,
}


@cache
def build_export(kind: ExportKind, format: ExportFormat) -> Export:
    statement = _STATEMENTS[kind]
    exported = statement.subquery("exported")
    counted = select(func.count().label("count")).select_from(statement.order_by(None).subquery())
    lines = json_lines(exported) if format is ExportFormat.JSONL else csv_lines(exported)
    return Export(
        header=",".join(exported.c.keys()) if format is ExportFormat.CSV else None,
        lines=Query(lines, LineRow, rls_scoped=True),
        count=Query(counted, LineCountRow, rls_scoped=True),
    )


def json_lines(exported: Subquery) -> Select[Any]:
    """Return the rows of a subquery named `exported` as JSON objects."""
    return select(cast(func.row_to_json(literal_column("exported")), Text).label("line")).select_from(exported)


def csv_lines(exported: Subquery) -> Select[Any]:
    """Format as CSV (RFC 4180). Null values are empty."""
    parts: list[ColumnElement[Any]] = []
    for column in exported.c:
        if parts:
            parts.append(literal_column("','"))
        parts.append(_csv_value(column))
    return select(func.concat(*parts).label("line"))


def _csv_value(column: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, (ARRAY, JSONB)):
        column = cast(column, Text)
    if isinstance(column.type, Text):
        return _csv_text(column)
    return cast(column, Text) if isinstance(column.type, Boolean) else column


def _csv_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Quote the value, and prefix an apostrophe if a spreadsheet would evaluate it as a formula.

    A value that already has the apostrophe gets another one, so that removing one restores the value.
    """
    # Avoids the regular expression for nearly all values.
    may_be_formula = func.strpos(_literal(LEADING + BREAKS + SIGNS), func.left(column, 1)) > literal_column("0")
    is_formula = may_be_formula & column.op("~")(_literal(FORMULA))
    defused = func.concat(case((is_formula, literal_column("''''")), else_=literal_column("''")), column)
    return func.concat(literal_column("'\"'"), func.replace(defused, '"', '""'), literal_column("'\"'"))
