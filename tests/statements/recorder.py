"""Records the SQL statements that an operation sends, whichever layer sends them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from db.core import database
from db.core.pooled_connection import PooledConnection

# asyncpg looks up the types of a statement when a connection prepares the first one that needs them.
_INTROSPECTION = ("typeinfo_tree", "current_setting('jit')")


@dataclass(frozen=True)
class RecordedStatement:
    """A statement with the arguments of its placeholders."""

    sql: str
    arguments: tuple[Any, ...]

    @property
    def is_transaction_control(self) -> bool:
        """Whether it has no plan: BEGIN with what is sent in the same round trip, COMMIT, ROLLBACK."""
        return self.sql.lower().startswith(("begin", "commit", "rollback"))


class QueryRecorder:
    """Records the statements of every pool that is opened after `install`.

    Only statements of the task that calls `record`, and of tasks that it starts, are recorded: background work of the
    same pool is not.
    """

    def __init__(self) -> None:
        self._current: ContextVar[list[RecordedStatement] | None] = ContextVar("recorded_statements", default=None)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Makes the application's pools log to this recorder."""
        recorder = self

        class RecordedConnection(PooledConnection):
            __slots__ = ()

            def __init__(self, *arguments: Any, **options: Any) -> None:
                super().__init__(*arguments, **options)
                self.add_query_logger(recorder._log)

        monkeypatch.setattr(database, "PooledConnection", RecordedConnection)

    @contextmanager
    def record(self) -> Iterator[list[RecordedStatement]]:
        """Yields the list that statements are appended to, in the order in which they completed."""
        statements: list[RecordedStatement] = []
        token = self._current.set(statements)
        try:
            yield statements
        finally:
            self._current.reset(token)

    def _log(self, query: "asyncpg.connection.LoggedQuery") -> None:
        statements = self._current.get()
        if statements is not None and not any(mark in query.query for mark in _INTROSPECTION):
            statements.append(RecordedStatement(query.query, tuple(query.args)))
