"""Saves slow operations and errors of this process with those of others."""

from collections.abc import Mapping, Sequence

import orjson

from db.core.database import Database
from domain.diagnostics import (
    MAX_ERROR_GROUPS,
    MAX_SLOW_OPERATIONS,
    PHASES,
    ErrorKey,
    ErrorOccurrences,
    SlowOperation,
)
from domain.ids import new_id
from domain.viewer import ADMINISTRATOR

_COLUMNS = ("id", "at", "kind", "operation", "document_hash", "client", "duration_ms", "request_id", "trace_id")
_ALL_COLUMNS = (*_COLUMNS, "statements", *(f"{phase}_ms" for phase in PHASES))
_INSERT = f"""
    insert into slow_operations ({", ".join(_ALL_COLUMNS)})
    values ({", ".join(f"${number}" for number in range(1, len(_ALL_COLUMNS) + 1))})
"""  # noqa: S608  # names of columns
_DELETE_OLDER_OPERATIONS = """
    delete from slow_operations where (at, id) <=
        (select at, id from slow_operations order by at desc, id desc offset $1 limit 1)
"""
# Sorted, so that concurrent writers lock rows in the same order. Occurrences that were returned during an outage may be
# older than those of other processes.
_ADD_ERRORS = """
    insert into error_groups
        (fingerprint, code, exception, location, operation, count, first_seen_at, last_seen_at, request_id)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[],
        $7::timestamptz[], $8::timestamptz[], $9::text[]) as added (fingerprint) order by fingerprint
    on conflict (fingerprint) do update set
        count = error_groups.count + excluded.count,
        (operation, request_id) = (
            select case when is_newer then excluded.operation else error_groups.operation end,
                case when is_newer then excluded.request_id else error_groups.request_id end
            from (select excluded.last_seen_at >= error_groups.last_seen_at as is_newer) as compared
        ),
        first_seen_at = least(error_groups.first_seen_at, excluded.first_seen_at),
        last_seen_at = greatest(error_groups.last_seen_at, excluded.last_seen_at)
"""
_DELETE_OLDER_ERRORS = """
    delete from error_groups where (last_seen_at, fingerprint) <= (
        select last_seen_at, fingerprint from error_groups
        order by last_seen_at desc, fingerprint desc offset $1 limit 1)
"""


async def add_slow_operations(database: Database, operations: Sequence[SlowOperation]) -> None:
    """Insert them and delete the oldest beyond a limit, in one transaction.

    Raises ServiceUnavailable if the database is down.
    """
    async with database.transaction_of(ADMINISTRATOR) as connection:
        await connection.executemany(_INSERT, [_row(operation) for operation in operations])
        await connection.execute(_DELETE_OLDER_OPERATIONS, MAX_SLOW_OPERATIONS)


async def add_errors(database: Database, errors: Mapping[ErrorKey, ErrorOccurrences]) -> None:
    """Add them to their groups and delete the oldest groups beyond a limit, in one transaction.

    Raises ServiceUnavailable if the database is down.
    """
    rows = [
        (
            *(key.fingerprint, *key, found.operation, found.count),
            *(found.first_seen_at, found.last_seen_at, found.request_id),
        )
        for key, found in errors.items()
    ]
    async with database.transaction_of(ADMINISTRATOR) as connection:
        await connection.execute(_ADD_ERRORS, *map(list, zip(*rows, strict=True)))
        await connection.execute(_DELETE_OLDER_ERRORS, MAX_ERROR_GROUPS)


def _row(operation: SlowOperation) -> Sequence[object]:
    columns = (new_id(), *(getattr(operation, column) for column in _COLUMNS[1:]))
    statements = orjson.dumps(operation.statements).decode()
    return *columns, statements, *(operation.phases[phase] for phase in PHASES)
