"""Statements built with SQLAlchemy Core, compiled once and executed by asyncpg.

SQLAlchemy checks names against the tables and generates the SQL. Its execution layer is not used, because it costs more
than the statement: 20 rows take 194 µs this way, 492 µs through a Core connection and 858 µs through an ORM session.
"""

import inspect
import re
import time
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from operator import itemgetter
from typing import Any, Generic, Self, TypeVar

import asyncpg
from sqlalchemy import Executable, make_url
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

from common.metrics.instruments import Counter, Histogram, HistogramSeries, NumberSeries
from common.tracing.span_types import STATEMENT
from common.tracing.trace import record
from db.core.cache_tags import TagFactory
from db.core.caller_name import caller_name
from db.core.connection import Connection
from db.core.executed_statements import remember_sql
from db.core.row_level_security import rls_settings, with_rls_context
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer

# Named by OpenTelemetry's conventions.
STATEMENT_SECONDS = Histogram("db_client_operation_duration_seconds", "Duration of SQL statements.")[()]
_SECONDS_BY_NAME = Histogram(
    "shinjp_sql_statement_seconds", "Duration of SQL statements, by name.", ("db_query_summary",), bounds=()
)

_ROWS_BY_NAME = Counter(
    "shinjp_sql_statement_rows", "Rows that SQL statements returned, by name.", ("db_query_summary",)
)

_DIALECT = make_url("postgresql+asyncpg://").get_dialect()()

# SQL that reads the clock of the server.
_CLOCK = re.compile(r"\b(now|clock_timestamp|statement_timestamp)\(|\bcurrent_(date|time|timestamp)\b", re.IGNORECASE)

_WRITTEN = re.compile(r"\b(?:insert into|update|delete from) (\w+)", re.IGNORECASE)

# Attributes of statements that exist from their first use on.
_COMPILED = frozenset({"_sql_with_rls_context", "defaults", "distributed", "parameters", "sql", "written"})

# Before the SELECT of a common table expression of a query: a single server makes it a part of the query as if it were
# a subquery, and a distributed database reads it before the query.
READ_FIRST = "NOT MATERIALIZED"


def to_distributed(sql: str) -> str:
    """Return the SQL of a query as a distributed database executes it."""
    return sql.replace(READ_FIRST, "MATERIALIZED")


class Row(asyncpg.Record):
    """A record with attribute access. Subclasses annotate the columns for readers and the type checker."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        # A property without Python code is three times as fast as __getattr__.
        for name in inspect.get_annotations(cls):
            setattr(cls, name, property(itemgetter(name)))

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


RowT = TypeVar("RowT", bound=Row)


class Statement(Generic[RowT]):
    """A statement, compiled on first use, and the class of its rows.

    `name`: for metrics; of the module that built it, and the function, or the variable after `name_statements`.

    `distributed`: the statement that a distributed database executes instead, with the same parameters and rows.

    Compiling all statements would take a tenth of the time of a start.
    """

    __slots__ = ("_metrics", "_statement", "defaults", "distributed", "name", "parameters", "row", "sql")

    sql: str
    parameters: Sequence[str]
    defaults: Mapping[str, object]
    distributed: Self | None

    def __init__(self, statement: Executable, row: type[RowT]) -> None:
        # Until it is compiled.
        self._statement: Executable | None = statement
        self.row = row
        self.name = caller_name()
        # Of this name, from the first execution on.
        self._metrics: tuple[HistogramSeries, NumberSeries] | None = None

    def __getattr__(self, name: str) -> Any:
        """Compile: these attributes are slots without a value before. Raises TypeError for what cannot be compiled."""
        if name not in _COMPILED or self._statement is None:
            raise AttributeError(name)
        self._compile(self._statement)
        self._statement = None
        return getattr(self, name)

    def _compile(self, statement: Executable) -> None:
        compiled = statement.compile(dialect=_DIALECT) if isinstance(statement, ClauseElement) else None
        if not isinstance(compiled, SQLCompiler):
            raise TypeError(f"{statement!r} cannot be compiled")
        self.sql = str(compiled)
        self.parameters = tuple(compiled.positiontup or ())
        self.defaults = {name: value for name, value in compiled.params.items() if value is not None}

    def variant(self, *, is_distributed: bool) -> Self:
        """Return the statement that a database executes."""
        if not is_distributed or self.distributed is None:
            return self
        self.distributed.name = self.name
        return self.distributed

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        """Return the values in the order of the placeholders, with the statement's defaults for missing ones.

        Raises KeyError for a missing value without a default.
        """
        defaults = self.defaults
        return [values[name] if name in values else defaults[name] for name in self.parameters]

    async def run(
        self, connection: Connection, values: Mapping[str, object], statistics: RequestStatistics
    ) -> list[RowT]:
        """Execute the statement and return all rows."""
        return await self._fetch(connection, self.sql, self.arguments(values), statistics)

    async def _fetch(
        self, connection: Connection, sql: str, arguments: Sequence[object], statistics: RequestStatistics
    ) -> list[RowT]:
        started_at = time.perf_counter()
        try:
            rows = await connection.fetch(sql, *arguments, record_class=self.row)
        except BaseException as error:
            record(STATEMENT, self.name, started_at, time.perf_counter(), error=type(error).__name__)
            raise
        ended_at = time.perf_counter()
        seconds = ended_at - started_at
        record(STATEMENT, self.name, started_at, ended_at, len(rows))
        statistics.sql_statements += 1
        statistics.sql_ms += seconds * 1000
        if statistics.sql_names is not None:
            statistics.sql_names[sql] = self.name
        STATEMENT_SECONDS.observe(seconds)
        if self._metrics is None:
            self._metrics = (_SECONDS_BY_NAME[self.name,], _ROWS_BY_NAME[self.name,])
            remember_sql(self.name, sql)
        by_name, returned = self._metrics
        by_name.observe(seconds)
        returned.add(len(rows))
        return rows


class Query(Statement[RowT]):
    """A statement that only reads.

    `rls_scoped`: row-level security restricts its rows, so for a signed-in viewer it runs with the RLS context: in a
    transaction that sets it, or by `run_for_viewer`.

    `cache_tags`: factories of the tags of its result. A result without tags must not be cached.

    `changes_at`: the column of the first row that contains the time at which the result changes without a write.
    Compiling raises TypeError for a query that has tags and depends on the clock, but has no such column.

    A distributed database materializes the expressions that are marked with `READ_FIRST`: those with rows of a learner
    that are joined with tables of the coordinator.
    """

    __slots__ = ("_cache_tags", "_sql_with_rls_context", "changes_at", "rls_scoped")

    _sql_with_rls_context: str

    def __init__(
        self,
        statement: Executable,
        row: type[RowT],
        *,
        rls_scoped: bool,
        cache_tags: Sequence[TagFactory] = (),
        changes_at: str | None = None,
    ) -> None:
        super().__init__(statement, row)
        self.changes_at = changes_at
        self.rls_scoped = rls_scoped
        self._cache_tags = cache_tags

    def _compile(self, statement: Executable) -> None:
        super()._compile(statement)
        depends_on_clock = "now" in self.parameters or _CLOCK.search(self.sql)
        if self._cache_tags and self.changes_at is None and depends_on_clock:
            raise TypeError(f"{self.row.__name__}: the query depends on the clock and does not state when it changes")
        self._sql_with_rls_context = with_rls_context(self.sql, len(self.parameters))
        self._add_distributed()

    def _add_distributed(self: Self) -> None:
        self.distributed = None
        if READ_FIRST in self.sql:
            self.distributed = distributed = copy(self)
            distributed._statement = None
            distributed.sql = to_distributed(self.sql)

    def cache_tags(self, values: Mapping[str, object]) -> set[str]:
        """Return the tags of the result for these parameters; empty if the result must not be cached."""
        return {tag for factory in self._cache_tags for tag in factory(values)}

    async def run_for_viewer(
        self,
        viewer: Viewer,
        connection: Connection,
        values: Mapping[str, object],
        statistics: RequestStatistics,
    ) -> list[RowT]:
        """Execute the query with the RLS context of the viewer, outside a transaction, and return all rows."""
        arguments = [*self.arguments(values), *rls_settings(viewer)]
        return await self._fetch(connection, self._sql_with_rls_context, arguments, statistics)


class Command(Statement[RowT]):
    """A statement that writes or locks. It runs in a `Transaction`; a `ReadSession` does not accept it.

    `written`: the names of the tables in which it inserts, updates or deletes rows.
    """

    __slots__ = ("written",)

    written: frozenset[str]

    def __init__(self, statement: Executable, row: type[RowT], *, distributed: Self | None = None) -> None:
        super().__init__(statement, row)
        self.distributed = distributed

    def _compile(self, statement: Executable) -> None:
        super()._compile(statement)
        self.written = frozenset(_WRITTEN.findall(self.sql))

    @classmethod
    def with_variant(cls, build: Callable[[bool], Executable], row: type[RowT]) -> Self:
        """Build the statement for a single server, and with the argument True for a distributed database."""
        distributed = cls(build(True), row)
        found = cls(build(False), row, distributed=distributed)
        distributed.name = found.name
        return found
