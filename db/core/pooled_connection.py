"""The connections of the pool, with shorter paths than asyncpg's for what each request does."""

import time
from typing import TYPE_CHECKING, Any

from asyncpg.exceptions import InvalidCachedStatementError, OutdatedSchemaCacheError

from db.core.watched_connection import WatchedConnection


class PooledConnection(WatchedConnection):
    """A connection that is not reset on release.

    asyncpg sends RESET ALL and more on each release, a round trip of 60 to 150 µs. Here no state outlives a
    transaction: settings use `set_config(…, true)`, and there are no session locks, cursors or LISTENs.

    `opened_at`: monotonic.
    """

    __slots__ = ("opened_at",)

    if TYPE_CHECKING:
        # Attributes of asyncpg's that its stubs do not have.
        _check_open: Any
        _drop_global_statement_cache: Any
        _protocol: Any
        _query_loggers: Any
        _stmt_cache: Any
        _stmt_exclusive_section: Any

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.opened_at = time.monotonic()

    def get_reset_query(self) -> str:
        return ""

    async def fetch(
        self, query: str, *args: object, timeout: float | None = None, record_class: type[Any] | None = None
    ) -> list[Any]:
        """Execute a prepared statement with one coroutine; asyncpg needs five, and reads the clock three times."""
        statement = None if timeout is not None else self._stmt_cache.get((query, record_class, False))
        if statement is None or self._query_loggers:
            return await super().fetch(query, *args, timeout=timeout, record_class=record_class)
        self._check_open()
        protocol = self._protocol
        with self._stmt_exclusive_section:
            try:
                rows: list[Any] = await protocol.bind_execute(
                    statement, args, "", 0, False, protocol._get_timeout(None)
                )
                return rows
            except OutdatedSchemaCacheError:
                await self.reload_schema_state()
                raise
            except InvalidCachedStatementError:
                # As in asyncpg, the statement is prepared again, unless the error has ended a transaction.
                self._drop_global_statement_cache()
                if protocol.is_in_transaction():
                    raise
        return await super().fetch(query, *args, record_class=record_class)
