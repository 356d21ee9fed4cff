"""Statements written with SQLAlchemy Core, compiled once, run by asyncpg.

SQLAlchemy checks names against the tables and writes the SQL; its execution layer is not used, because it costs more
than the statement: 20 rows take 194 µs this way, 492 µs through a Core connection and 858 µs through an ORM session.
"""

import inspect
import re
import time
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeVar

import asyncpg
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.sql.elements import ClauseElement

from db.core.row_level_security import rls_settings, with_rls_context
from db.notify.cache_tags import TagFactory
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer

_DIALECT = dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its dialects' constructors untyped

# What reads the clock of the server.
_CLOCK = re.compile(r"\b(now|clock_timestamp|statement_timestamp)\(|\bcurrent_(date|time|timestamp)\b", re.IGNORECASE)


class Row(asyncpg.Record):  # type: ignore[misc]  # asyncpg carries no types
    """A row whose columns read as attributes. Subclasses name the columns, for the reader and the type checker."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        # A property that calls no Python code is read three times as fast as what __getattr__ finds.
        for name in inspect.get_annotations(cls):
            setattr(cls, name, property(itemgetter(name)))

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


RowT = TypeVar("RowT", bound=Row)


class Statement(Generic[RowT]):
    """One statement, ready to run."""

    __slots__ = ("defaults", "parameters", "row", "sql")

    def __init__(self, statement: Executable, row: type[RowT]) -> None:
        if not isinstance(statement, ClauseElement):
            raise TypeError(f"{statement!r} cannot be compiled")
        compiled = statement.compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self.parameters: Sequence[str] = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]  # of SQLCompiler, which a statement compiles to
        self.defaults = {name: value for name, value in compiled.params.items() if value is not None}
        self.row = row

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        """The values in the order of the statement's placeholders.

        Those that the statement itself gives stand where none is handed in. Raises KeyError for one that is missing.
        """
        defaults = self.defaults
        return [values[name] if name in values else defaults[name] for name in self.parameters]

    async def run(
        self, connection: asyncpg.Connection, values: Mapping[str, object], statistics: RequestStatistics
    ) -> list[RowT]:
        """All rows, in the statement's order."""
        return await self._fetch(connection, self.sql, self.arguments(values), statistics)

    async def _fetch(
        self, connection: asyncpg.Connection, sql: str, arguments: Sequence[object], statistics: RequestStatistics
    ) -> list[RowT]:
        started_at = time.perf_counter()
        rows: list[RowT] = await connection.fetch(sql, *arguments, record_class=self.row)
        statistics.sql_statements += 1
        statistics.sql_ms += (time.perf_counter() - started_at) * 1000
        return rows


class Query(Statement[RowT]):
    """A statement that reads.

    `personal`: row-level security applies to what it reads, so a signed-in viewer's run has to name them: it runs in a
    transaction that does, or by `run_for_viewer`. A query of public content needs neither.

    `tags`: what its answer is made of. Without any, nothing that is made of it may be kept.

    `changes_at`: the column of the first row that says when the answer is another one although nobody writes anything.
    Raises TypeError for a query whose answers may be kept and depend on the clock, and which does not say when.
    """

    __slots__ = ("_cache_tags", "_sql_with_rls_context", "changes_at", "rls_scoped")

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
        if cache_tags and changes_at is None and ("now" in self.parameters or _CLOCK.search(self.sql)):
            raise TypeError(f"{row.__name__}: it depends on the clock, and does not say when it changes")
        self.changes_at = changes_at
        self.rls_scoped = rls_scoped
        self._cache_tags = cache_tags
        self._sql_with_rls_context = with_rls_context(self.sql, len(self.parameters))

    def cache_tags(self, values: Mapping[str, object]) -> set[str]:
        """What the answer to these values is made of, whatever it is; empty where that is not known."""
        return {tag for tagging in self._cache_tags for tag in tagging(values)}

    async def run_for_viewer(
        self,
        viewer: Viewer,
        connection: asyncpg.Connection,
        values: Mapping[str, object],
        statistics: RequestStatistics,
    ) -> list[RowT]:
        """All rows that the viewer may see, in the statement's order, outside of a transaction."""
        arguments = [*self.arguments(values), *rls_settings(viewer)]
        return await self._fetch(connection, self._sql_with_rls_context, arguments, statistics)


class Command(Statement[RowT]):
    """A statement that writes or locks. It runs in a transaction; `ReadSession` does not take it."""

    __slots__ = ()
