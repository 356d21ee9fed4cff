"""Queries for the keys of a user's changed objects: a copy of all, and the log of changes after a transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.statement import Query, Row
from db.queries.expressions import VIEWER_ID, any_of, not_deleted
from db.tables.base import Timestamp, TransactionId
from db.tables.books import reading_progress
from db.tables.cards import cards
from db.tables.exercises import chapter_progress, exercise_attempts
from db.tables.reviews import reviews
from db.tables.tombstones import tombstones
from db.tables.users import user_settings
from domain.changes import FIRST_KEY, LAST_KEY, RANKS, TOMBSTONE_RANK, ChangesToken
from domain.enums import ChangeType


class HorizonRow(Row):
    """All transactions below it have ended."""

    __slots__ = ()
    horizon: int


class ChangeRow(Row):
    """A changed or deleted object, after what the statement knows of the database. `rank` is null if there is none.

    `horizon`: all transactions below it have ended. `time`: of a review. `key`: by which a copy is ordered.
    `changed_in`: null in a copy.
    """

    __slots__ = ()
    horizon: int
    database: int
    now: datetime
    rank: int | None
    type: ChangeType
    object_id: UUID
    changed_in: int | None
    time: datetime | None
    key: UUID


_HORIZON: ColumnElement[int] = func.pg_snapshot_xmin(func.pg_current_snapshot(), type_=TransactionId)
_HORIZON_PARAMETER = cast(bindparam("horizon", type_=TransactionId), TransactionId)
_LIMIT = bindparam("limit", type_=Integer)

_TABLES: dict[ChangeType, Table] = {
    ChangeType.CARD: cards,
    ChangeType.REVIEW: reviews,
    ChangeType.READING_PROGRESS: reading_progress,
    ChangeType.SETTINGS: user_settings,
    ChangeType.CHAPTER_PROGRESS: chapter_progress,
    ChangeType.EXERCISE_ATTEMPT: exercise_attempts,
}
# The columns that identify objects.
_IDS: dict[ChangeType, ColumnElement[UUID]] = {type: table.c.id for type, table in _TABLES.items() if "id" in table.c}
_IDS |= {
    ChangeType.SETTINGS: user_settings.c.user_id,
    ChangeType.CHAPTER_PROGRESS: chapter_progress.c.chapter_id,
}
# Their order in a copy, by an index that begins with the user. A row has the same key forever.
_KEYS = _IDS | {ChangeType.READING_PROGRESS: reading_progress.c.book_id}


def _columns(
    rank: int, type: ColumnElement[str], id: ColumnElement[UUID], changed_in: Any, time: Any, key: ColumnElement[UUID]
) -> Select[Any]:
    return select(
        literal_column(str(rank), Integer).label("rank"),
        type.label("type"),
        id.label("object_id"),
        changed_in.label("changed_in"),
        time.label("time"),
        key.label("key"),
    )


def _of_type(type: ChangeType, changed_in: Any, key: ColumnElement[UUID] | None = None) -> Select[Any]:
    table = _TABLES[type]
    id = _IDS[type]
    time = table.c.reviewed_at if type is ChangeType.REVIEW else cast(null(), Timestamp)
    name = literal_column(f"'{type.value}'", Text)
    own = _columns(RANKS[type], name, id, changed_in, time, id if key is None else key).where(
        table.c.user_id == VIEWER_ID
    )
    return own.where(not_deleted(table)) if "deleted_at" in table.c else own


def _limited(statement: Select[Any], rank: int, *order: ColumnElement[Any]) -> Select[Any]:
    """The rows of a rank, none without executing it if the parameter `limit_N` is 0."""
    return select(statement.order_by(*order).limit(bindparam(f"limit_{rank}", type_=Integer)).subquery())


def _copy(type: ChangeType) -> Select[Any]:
    """Objects of a type in the order of their keys, after those of the parameters `key_N` and `time`."""
    rank, key = RANKS[type], _KEYS[type]
    columns = (reviews.c.reviewed_at, key) if type is ChangeType.REVIEW else (key,)
    bounds = (bindparam("time", type_=Timestamp), bindparam(f"key_{rank}", type_=UuidType))
    after = tuple_(*columns) > tuple_(*bounds[-len(columns) :])
    return _limited(_of_type(type, cast(null(), TransactionId), key).where(after), rank, *columns)


def _log(
    statement: Select[Any],
    rank: int,
    changed_in: ColumnElement[int],
    id: ColumnElement[UUID],
    horizon: ColumnElement[int],
) -> Select[Any]:
    """Objects in the order of their last changes, after the parameters `transaction` and `key_N`."""
    after = (bindparam("transaction", type_=TransactionId), bindparam(f"key_{rank}", type_=UuidType))
    changed = statement.where(tuple_(changed_in, id) > tuple_(*after), changed_in < horizon)
    return _limited(changed, rank, changed_in, id)


def _log_of_type(type: ChangeType, horizon: ColumnElement[int]) -> Select[Any]:
    changed_in = _TABLES[type].c.changed_in
    return _log(_of_type(type, changed_in), RANKS[type], changed_in, _IDS[type], horizon)


def _deletions(horizon: ColumnElement[int]) -> Select[Any]:
    columns = tombstones.c
    statement = _columns(
        TOMBSTONE_RANK,
        columns.type,
        columns.object_id,
        columns.changed_in,
        cast(null(), Timestamp),
        columns.object_id,
    ).where(columns.user_id == VIEWER_ID, any_of(columns.type, bindparam("types", type_=ARRAY(Text))))
    return _log(statement, TOMBSTONE_RANK, columns.changed_in, columns.object_id, horizon)


def _page(horizon: ColumnElement[int], branches: list[Select[Any]], *order: str) -> Query[ChangeRow]:
    """One row with the database if there is no object, so that a page is one statement."""
    database = select(
        horizon.label("horizon"), func.database_identity(type_=BigInteger).label("database"), func.now().label("now")
    ).subquery("database")
    found = union_all(*branches).subquery("found")
    page = select(found).order_by(*(found.c[name] for name in order)).limit(_LIMIT).lateral("page")
    statement = select(database, page).select_from(database.outerjoin(page, true()))
    return Query(statement.order_by(*(page.c[name] for name in order)), ChangeRow, rls_scoped=True)


def _keys(horizon: ColumnElement[int]) -> tuple[Query[ChangeRow], Query[ChangeRow]]:
    deletions_and_changes = [_deletions(horizon), *(_log_of_type(type, horizon) for type in ChangeType)]
    return (
        _page(horizon, [_copy(type) for type in ChangeType], "rank", "time", "key"),
        _page(horizon, deletions_and_changes, "changed_in", "rank", "object_id"),
    )


# Parameters: those of `change_parameters`, and viewer_id.
copied_keys, logged_keys = _keys(_HORIZON)
# Of a distributed database, whose servers have transactions of their own. Other parameter: horizon, of the coordinator.
copied_keys_before, logged_keys_before = _keys(_HORIZON_PARAMETER)
present_horizon = Query(select(_HORIZON.label("horizon")), HorizonRow, rls_scoped=False)


def change_parameters(token: ChangesToken, limit: int) -> Mapping[str, object]:
    """The parameters of the page after the token."""
    values: dict[str, object] = {"limit": limit, "time": token.time, "transaction": token.transaction}
    types = [type for type in ChangeType if token.includes(type)]
    values["types"] = [type.value for type in types]
    used = {TOMBSTONE_RANK, *(RANKS[type] for type in types)}
    for rank in (TOMBSTONE_RANK, *RANKS.values()):
        is_copied = token.is_copy and rank < token.rank
        values[f"limit_{rank}"] = limit if rank in used and not is_copied else 0
        # Of the log: ranks before have been read to the end of the transaction, ranks behind not at all.
        values[f"key_{rank}"] = LAST_KEY if rank < token.rank else token.key if rank == token.rank else FIRST_KEY
    return values
