"""Statements that insert and change cards."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Integer,
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
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.base import Timestamp
from db.tables.cards import cards
from db.tables.vocabulary import vocabulary
from domain.enums import CardKind
from domain.ids import CardId, KanjiId, VocabularyId, new_id
from domain.scheduling import Schedule

_SCHEDULE = Schedule._fields
_schedules = JsonRows("schedules", {"id": UuidType(), **{name: cards.c[name].type for name in _SCHEDULE}})
CHANGE = {"version": cards.c.version + 1, "updated_at": func.now()}
schedule_update = (
    update(cards)
    .values(**{name: _schedules.table.c[name] for name in _SCHEDULE}, **CHANGE)
    .where(cards.c.id == _schedules.table.c.id, cards.c.user_id == VIEWER_ID)
)
update_schedules = Command(schedule_update, Row)


def schedule_values(schedules: Iterable[tuple[CardId, Schedule]]) -> dict[str, str]:
    """Return the parameters of `schedule_update` for pairs of card id and schedule."""
    return {"schedules": _schedules.value({"id": id, **schedule._asdict()} for id, schedule in schedules)}


_THRESHOLD = bindparam("threshold", type_=Integer)
# As in `LeechRule.marks`: the integers are divided without remainders. Parameter: threshold.
LEECH_MARKS = case(
    (or_(literal_column("0") == _THRESHOLD, cards.c.lapses < _THRESHOLD), literal_column("0")),
    else_=literal_column("1") + (cards.c.lapses - _THRESHOLD) // ((_THRESHOLD + 1) // literal_column("2", Integer)),
)

# Due days start at another time after a change of the time zone or of the hour at which days start.
move_due_days = Command(
    text("""
update cards
set due_at = (due_day + make_interval(hours => day_starts_at_hour)) at time zone time_zone,
    version = cards.version + 1, updated_at = now()
from user_settings
where cards.user_id = :viewer_id and user_settings.user_id = :viewer_id and due_day is not null
""").bindparams(VIEWER_ID),
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

_with_word = UnnestedRows(
    "with_word",
    {"id": UuidType(), "vocabulary_id": UuidType(), "suspended": cards.c.suspended.type, "deleted_at": Timestamp},
)
change_words = Command(
    update(cards)
    .values(
        vocabulary_id=_with_word.table.c.vocabulary_id,
        suspended=_with_word.table.c.suspended,
        suspended_as_leech=and_(cards.c.suspended_as_leech, _with_word.table.c.suspended),
        deleted_at=_with_word.table.c.deleted_at,
        **CHANGE,
    )
    .where(cards.c.id == _with_word.table.c.id, cards.c.user_id == VIEWER_ID),
    Row,
)


def word_values(cards: Iterable[tuple[CardId, VocabularyId, bool, datetime | None]]) -> dict[str, list[object]]:
    """Return the parameters of `change_words`: card id, word, whether the card is suspended, when it was deleted."""
    return _with_word.values(cards)


# With their reviews, immediately. Parameter: ids.
purge_cards = Command(delete(cards).where(cards.c.user_id == VIEWER_ID, any_of(cards.c.id, IDS)), Row)

# Sorted by word, kanji and kind, so that concurrent inserts cannot deadlock. A word in kana has no card that asks its
# reading.
_NEW = ("id", "vocabulary_id", "kanji_id", "kind", "created_at", *_SCHEDULE)
_new = UnnestedRows("new", {name: cards.c[name].type for name in _NEW})
_asks_kana = and_(
    _new.table.c.kind == literal_column(f"'{CardKind.READING}'"),
    exists().where(vocabulary.c.id == _new.table.c.vocabulary_id, vocabulary.c.word == vocabulary.c.reading),
)
insert_cards = Command(
    insert(cards)
    .from_select(
        [*_NEW, "user_id"],
        select(*_new.table.c, VIEWER_ID)
        .where(~_asks_kana)
        .order_by(*(_new.table.c[name] for name in ("vocabulary_id", "kanji_id", "kind"))),
    )
    .on_conflict_do_nothing()
    .returning(*row_columns(cards, CardRow)),
    CardRow,
)


def new_card_values(
    subjects: Iterable[VocabularyId | KanjiId], kind: CardKind, now: datetime, *, kanji: bool = False
) -> dict[str, list[object]]:
    """Return the parameters of `insert_cards` for a card per word or kanji, due immediately."""
    schedule = Schedule.initial(now)
    return _new.values(
        (new_id(), None if kanji else id, id if kanji else None, kind.value, now, *schedule) for id in subjects
    )
