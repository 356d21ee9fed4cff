"""Explains statements without values: by the plan that PostgreSQL makes for any values of the parameters."""

import re
from collections.abc import Iterable, Sequence

import asyncpg

from db.core.connection import Connection
from db.core.executed_statements import find_sql
from domain.diagnostics import MAX_PLAN_LENGTH
from domain.request_stats import RequestStatistics

_NAME = "shinjp_explained"
_PLACEHOLDER = re.compile(r"\$(\d+)")
# Since version 16: partitions are not excluded by the nulls that stand for values.
_FIRST_VERSION_WITH_GENERIC_PLAN = 16


async def read_generic_plans(
    connection: Connection, names: Sequence[str], statistics: RequestStatistics
) -> dict[str, str]:
    """Return the plans of statements by name, without those that this process has not executed.

    The connection is in a transaction. Nothing is executed.
    """
    sql_by_name = {name: sql for name in names if (sql := find_sql(name)) is not None}
    # Those that are explained are not executed, and their number does not depend on that of rows.
    statistics.sql_statements += 1
    plans = await explain_statements(connection, sql_by_name.values())
    return {name: plans[sql] for name, sql in sql_by_name.items() if sql in plans}


async def explain_statements(connection: Connection, statements: Iterable[str]) -> dict[str, str]:
    """Return the plans of statements by their SQL, without those that the session may not execute.

    The connection is in a transaction, whose row-level security shapes them. Nothing is executed.
    """
    is_generic = connection.get_server_version().major >= _FIRST_VERSION_WITH_GENERIC_PLAN
    options = "generic_plan, " if is_generic else ""
    plans: dict[str, str] = {}
    for sql in statements:
        try:
            plans[sql] = (await _explain(connection, sql, options))[:MAX_PLAN_LENGTH]
        except asyncpg.PostgresError:
            # Such as a table that a newer version of the program does not have.
            await connection.execute("rollback to explained")
        except BaseException:
            # The name would stay in use in the session.
            connection.terminate()
            raise
    return plans


async def _explain(connection: Connection, sql: str, options: str) -> str:
    count = max((int(number) for number in _PLACEHOLDER.findall(sql)), default=0)
    arguments = f"({', '.join(['null'] * count)})" if count else ""
    # Statements without arguments are sent by the simple protocol, as several in one round trip.
    await connection.execute(
        f"savepoint explained; set local plan_cache_mode = force_generic_plan; prepare {_NAME} as {sql}"
    )
    try:
        explain = f"explain ({options}costs, format text) execute {_NAME}{arguments}"
        rows = await connection.fetch(explain)
    except asyncpg.PostgresError:
        await connection.execute(f"rollback to explained; deallocate {_NAME}")
        raise
    await connection.execute(f"deallocate {_NAME}; release explained")
    return "\n".join(row[0] for row in rows)
