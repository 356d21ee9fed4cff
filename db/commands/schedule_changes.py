"""Statements that read and write log entries other than reviews."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text, bindparam, false, or_, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from db.commands.moved_cards import MOVED
from db.commands.reviews import LogKeyRow
from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.reviews import schedule_changes
from domain.enums import ScheduleChangeKind
from domain.ids import CardId
from domain.scheduling import ScheduleChange
from domain.scheduling.schedule_json import schedule_from_json


class ScheduleChangeRow(Row):
    """A log entry of a card, or of all cards of the learner if `card_id` is None."""

    __slots__ = ()
    card_id: CardId | None
    kind: ScheduleChangeKind
    changed_at: datetime
    idempotency_key: str
    day: date
    due_day: date | None
    days: int
    details: str | None

    @property
    def entry(self) -> ScheduleChange:
        kind = ScheduleChangeKind(self.kind)
        imported = (
            schedule_from_json(self.details) if kind is ScheduleChangeKind.IMPORT and self.details is not None else None
        )
        return ScheduleChange(self.changed_at, self.idempotency_key, kind, self.day, self.due_day, self.days, imported)


class LoggedChangeRow(ScheduleChangeRow):
    """A log entry of a card. `created_at` equals `changed_at` if the server set the time."""

    __slots__ = ()
    id: UUID
    created_at: datetime


_columns = (*row_columns(schedule_changes, ScheduleChangeRow), *row_columns(schedule_changes, LoggedChangeRow))
_BATCH_KEY = bindparam("batch_key", type_=Text)

# Entries of cards and of all cards, without undone ones and those that a fold ignores. Parameter: ids, of cards.
changes_by_card_id = Query(
    select(*row_columns(schedule_changes, ScheduleChangeRow)).where(
        schedule_changes.c.user_id == VIEWER_ID,
        ~schedule_changes.c.undone,
        schedule_changes.c.kind != ScheduleChangeKind.SETTINGS.value,
        or_(any_of(schedule_changes.c.card_id, IDS), schedule_changes.c.card_id.is_(None)),
    ),
    ScheduleChangeRow,
    rls_scoped=True,
)

_GIVEN = ("id", "card_id", "kind", "changed_at", "day", "due_day", "days", "details", "idempotency_key")
_INSERTED = (*_GIVEN, "batch_key", "created_at")
_inserted = UnnestedRows("inserted", {name: schedule_changes.c[name].type for name in _INSERTED})
# Returns the inserted entries; a key that was used before inserts nothing.
insert_changes = Command(
    insert(schedule_changes)
    .from_select([*_INSERTED, "user_id"], select(*_inserted.table.c, VIEWER_ID))
    .on_conflict_do_nothing(index_elements=["user_id", "idempotency_key"])
    .returning(*row_columns(schedule_changes, ScheduleChangeRow)),
    ScheduleChangeRow,
)


def change_values(
    rows: Iterable[tuple[object, ...]], now: datetime, *, batch_key: str | None = None
) -> dict[str, list[object]]:
    """Return the parameters of `insert_changes` for rows of the columns in `_GIVEN`."""
    return _inserted.values((*row, batch_key, now) for row in rows)


# Parameter: batch_key.
changes_by_batch_key = Query(
    select(*_columns).where(schedule_changes.c.user_id == VIEWER_ID, schedule_changes.c.batch_key == _BATCH_KEY),
    LoggedChangeRow,
    rls_scoped=True,
)
undo_batch = Command(
    update(schedule_changes)
    .values(undone=true())
    .where(
        schedule_changes.c.user_id == VIEWER_ID, schedule_changes.c.batch_key == _BATCH_KEY, ~schedule_changes.c.undone
    )
    .returning(*_columns),
    LoggedChangeRow,
)

# Inserts entries, or replaces those with the same keys by what the source has now. Parameters: `change_values`.
_imported = insert(schedule_changes).from_select([*_INSERTED, "user_id"], select(*_inserted.table.c, VIEWER_ID))
save_imported = Command(
    _imported.on_conflict_do_update(
        index_elements=["user_id", "idempotency_key"],
        set_={
            name: _imported.excluded[name]
            for name in ("card_id", "changed_at", "day", "due_day", "days", "details", "batch_key")
        }
        | {"undone": false()},
    ),
    Row,
)


# Also those of undone entries. Parameter: keys.
known_changes = Query(
    select(schedule_changes.c.idempotency_key).where(
        schedule_changes.c.user_id == VIEWER_ID,
        any_of(schedule_changes.c.idempotency_key, bindparam("keys", type_=ARRAY(Text))),
    ),
    LogKeyRow,
    rls_scoped=True,
)

# To other cards of the viewer. Parameters: `moved_values`.
move_changes = Command(
    update(schedule_changes)
    .values(card_id=MOVED.c.to_id)
    .where(schedule_changes.c.card_id == MOVED.c.from_id, schedule_changes.c.user_id == VIEWER_ID),
    Row,
)
