"""Resolvers about the performance of the platform, and its errors. The parent is the administrator."""

import orjson
import strawberry

from db.queries import diagnostics as queries
from db.queries.diagnostics import ErrorGroupRow, IndexUsageRow, SlowOperationRow, SlowQueryRow
from domain.diagnostics import StatementTotal
from domain.pages import page_arguments
from resolvers.context import Info
from resolvers.loader_field import load_by_key


async def slow_queries(info: Info, first: int | None = 20) -> list[SlowQueryRow]:
    limit = page_arguments(first).size
    found = await info.context.reads.row(queries.slow_queries_available)
    if found is None or not found.available:
        return []
    return await info.context.reads.rows(queries.slow_queries, limit=limit)


async def unused_indexes(info: Info) -> list[IndexUsageRow]:
    return await info.context.reads.rows(queries.unused_indexes)


async def slow_operations(info: Info, first: int | None = 20) -> list[SlowOperationRow]:
    return await info.context.reads.rows(queries.latest_slow_operations, limit=page_arguments(first).size)


async def errors(info: Info, first: int | None = 20) -> list[ErrorGroupRow]:
    return await info.context.reads.rows(queries.latest_errors, limit=page_arguments(first).size)


statement_plan = load_by_key(lambda loaders: loaders.diagnostics.plan_by_statement, key="name")


def statements(parent: strawberry.Parent[SlowOperationRow]) -> list[StatementTotal]:
    return [StatementTotal(**total) for total in orjson.loads(parent.statements)]
