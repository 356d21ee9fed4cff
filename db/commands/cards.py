"""Statements that insert and change cards."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import UUID as UuidType
from sqlalchemy.dialects.postgresql import insert

from db.commands.json_rows import JsonRows
from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.cards import CardRow
from db.queries.expressions import IDS, VIEWER_ID, any_of, is_in_kana, row_columns
from db.queries.learner_days import start_of_day
from db.tables.cards import cards
from db.tables.vocabulary import kanji, vocabulary
from domain.enums import CardKind
from domain.ids import CardId, CustomVocabularyId, KanjiId, VocabularyId, new_id
from domain.scheduling import Schedule

# What cards are about, and the column of its id.
SubjectId = VocabularyId | KanjiId | CustomVocabularyId
SubjectColumn = Literal["vocabulary_id", "kanji_id", "custom_vocabulary_id"]

_SCHEDULE = Schedule._fields
# With the learner in the rows, cards are searched for by learner and id. With a condition on the learner, PostgreSQL
# reads all of their cards if its statistics do not know yet that they have many, as after an import.
_schedules = JsonRows("schedules", {"id": UuidType(), **{name: cards.c[name].type for name in _SCHEDULE}})
# Triggers set `changed_in` too, except on distributed tables.
CHANGE = {"version": cards.c.version + 1, "updated_at": func.now(), "changed_in": func.pg_current_xact_id()}
_of_viewer = select(VIEWER_ID.label("user_id"), _schedules.table).cte("of_viewer").prefix_with("materialized")


def is_of_learner(rows: FromClause, is_distributed: bool) -> tuple[ColumnElement[bool], ...]:
    """Return conditions for cards of the learner in the rows.

    A distributed database needs the learner itself, to know on which server the cards are.
    """
    same = cards.c.user_id == rows.c.user_id
    return (same, cards.c.user_id == VIEWER_ID) if is_distributed else (same,)


def schedule_update(is_distributed: bool) -> Update:
    """Return the statement that sets schedules. Parameters: `schedule_values`."""
    return (
        update(cards)
        .values(**{name: _of_viewer.c[name] for name in _SCHEDULE}, **CHANGE)
        .where(cards.c.id == _of_viewer.c.id, *is_of_learner(_of_viewer, is_distributed))
    )


update_schedules = Command.with_variant(schedule_update, Row)


def schedule_values(schedules: Iterable[tuple[CardId, Schedule]]) -> dict[str, str]:
    """Return the parameters of `schedule_update` for pairs of card id and schedule."""
    return {"schedules": _schedules.value((id, *schedule) for id, schedule in schedules)}


_THRESHOLD = bindparam("threshold", type_=Integer)
# As in `LeechRule.marks`: the integers are divided without remainders. Parameter: threshold.
LEECH_MARKS = case(
    (or_(literal_column("0") == _THRESHOLD, cards.c.lapses < _THRESHOLD), literal_column("0")),
    else_=literal_column("1") + (cards.c.lapses - _THRESHOLD) // ((_THRESHOLD + 1) // literal_column("2", Integer)),
)

_DUE_AT = start_of_day("due_day", turn="make_interval(hours => day_starts_at_hour)", is_immutable=True)
# Due days start at another time after a change of the time zone or of the hour at which days start.
move_due_days = Command(
    text(f"""
update cards
set due_at = {_DUE_AT},
    version = cards.version + 1, updated_at = now(), changed_in = pg_current_xact_id()
from user_settings
where cards.user_id = :viewer_id and user_settings.user_id = :viewer_id and due_day is not null
""").bindparams(VIEWER_ID),  # noqa: S608  # a constant is put in, never a value
    Row,
)

_SUSPENDED_NOW = bindparam("suspended_now", type_=Boolean)
# Skips cards that already have the state. Who resumes a leech dismisses its marks. Parameters: ids, suspended_now, and
# threshold, of leeches.
suspend_cards = Command(
    update(cards)
    .values(
        suspended=_SUSPENDED_NOW,
        suspended_as_leech=false(),
        dismissed_leech_marks=case((_SUSPENDED_NOW, cards.c.dismissed_leech_marks), else_=LEECH_MARKS),
        **CHANGE,
    )
    .where(
        cards.c.user_id == VIEWER_ID,
        any_of(cards.c.id, IDS),
        or_(cards.c.suspended != _SUSPENDED_NOW, cards.c.suspended_as_leech),
    )
    .returning(*row_columns(cards, CardRow)),
    CardRow,
)


def _popularity(rows: FromClause) -> ColumnElement[Any]:
    """Return the popularity of the word or kanji of a new card. A trigger sets it too, except on distributed tables."""
    of_subject = (
        select(table.c.popularity).where(table.c.id == rows.c[name]).scalar_subquery()
        for table, name in ((vocabulary, "vocabulary_id"), (kanji, "kanji_id"))
        if name in rows.c
    )
    return func.coalesce(*of_subject, literal_column("0"))


_WORD = ("id", "vocabulary_id", "suspended", "suspended_as_leech", "dismissed_leech_marks", "deleted_at")
_with_word = UnnestedRows("with_word", {name: cards.c[name].type for name in _WORD})
change_words = Command(
    update(cards)
    .values(
        **{name: _with_word.table.c[name] for name in _WORD[1:]}, popularity=_popularity(_with_word.table), **CHANGE
    )
    .where(cards.c.id == _with_word.table.c.id, cards.c.user_id == VIEWER_ID),
    Row,
)


def word_values(cards: Iterable[tuple[object, ...]]) -> dict[str, list[object]]:
    """Return the parameters of `change_words` for rows of the columns in `_WORD`."""
    return _with_word.values(cards)


# With their reviews, immediately. Parameter: ids.
purge_cards = Command(delete(cards).where(cards.c.user_id == VIEWER_ID, any_of(cards.c.id, IDS)), Row)

# Sorted by subject and kind, so that concurrent inserts cannot deadlock. A word in kana has no card that asks its
# reading.
_NEW = ("id", "vocabulary_id", "kanji_id", "custom_vocabulary_id", "kind", "created_at", *_SCHEDULE)
_SUBJECTS = ("vocabulary_id", "kanji_id", "custom_vocabulary_id")
_new = UnnestedRows("new", {name: cards.c[name].type for name in _NEW})
_asks_kana = and_(
    _new.table.c.kind == literal_column(f"'{CardKind.READING}'"),
    exists().where(vocabulary.c.id == _new.table.c.vocabulary_id, is_in_kana(vocabulary)),
)
insert_cards = Command(
    insert(cards)
    .from_select(
        [*_NEW, "user_id", "popularity"],
        select(*_new.table.c, VIEWER_ID, _popularity(_new.table))
        .where(~_asks_kana)
        .order_by(*(_new.table.c[name] for name in (*_SUBJECTS, "kind"))),
    )
    .on_conflict_do_nothing()
    .returning(*row_columns(cards, CardRow)),
    CardRow,
)


_scheduled = JsonRows("scheduled", {name: cards.c[name].type for name in _NEW})
# Cards that are known to be new, with the schedules of their first reviews. Parameter: `scheduled_value`.
insert_scheduled = (
    insert(cards)
    .from_select(
        [*_NEW, "user_id", "popularity"],
        select(*_scheduled.table.c, VIEWER_ID, _popularity(_scheduled.table)).order_by(
            *(_scheduled.table.c[name] for name in (*_SUBJECTS, "kind"))
        ),
    )
    .returning(cards.c.id)
)


def scheduled_value(rows: Iterable[tuple[object, ...]]) -> str:
    """Return the parameter of `insert_scheduled`.

    `rows`: of the id, the ids of `subject_ids`, kind, `created_at` and the schedule.
    """
    return _scheduled.value(rows)


def subject_ids(id: SubjectId, column: SubjectColumn) -> tuple[SubjectId | None, ...]:
    """Return the values of the three columns of a card, of which one is the subject."""
    return tuple(id if name == column else None for name in _SUBJECTS)


def new_card_values(
    subjects: Iterable[tuple[SubjectId, CardKind]], now: datetime, column: SubjectColumn
) -> dict[str, list[object]]:
    """Return the parameters of `insert_cards` for a card per subject and kind, due immediately."""
    schedule = Schedule.initial(now)
    return _new.values((new_id(), *subject_ids(id, column), kind.value, now, *schedule) for id, kind in subjects)
