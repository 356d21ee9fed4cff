"""PostgreSQL's errors in our own words: what is an outage, and what is a mistake of ours."""

from typing import Self

import asyncpg
import structlog

from db.core.pool import BUSY, SILENT, DatabaseBusy
from domain.errors import OperationTimeout, ServiceUnavailable

log = structlog.get_logger()

# Whatever can go wrong between us and PostgreSQL, mistakes of ours among it. A server that shuts down says so before it
# closes the connection: what uses it in between gets asyncpg's InternalClientError, which is none of its others.
DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class DatabaseFull(ServiceUnavailable):
    """The database answers, and has no room on its disk for what is written or sorted."""


_OUTAGES = (
    asyncpg.DiskFullError,
    asyncpg.OutOfMemoryError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
# Of asyncpg's own errors, those that have nothing to do with the connection: values of a wrong type, and the like.
_MISTAKES = (
    asyncpg.DataError,
    asyncpg.exceptions.ClientConfigurationError,
    asyncpg.exceptions.UnsupportedClientFeatureError,
    asyncpg.exceptions.ProtocolError,
    asyncpg.exceptions.OutdatedSchemaCacheError,
    asyncpg.InvalidCachedStatementError,
)


def is_outage(error: BaseException, *, on_open_connection: bool = False) -> bool:
    """Whether the server or the network is the reason.

    `on_open_connection`: it came while the connection was open and stayed so. Then it is no reason for an error of
    asyncpg's, such as `another operation is in progress`, nor for errors of files.
    """
    if isinstance(error, _OUTAGES):
        return True
    if isinstance(error, _MISTAKES):
        return False
    if isinstance(error, asyncpg.InternalClientError):
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return not on_open_connection
    if isinstance(error, OSError):
        return not on_open_connection or isinstance(error, ConnectionError | TimeoutError)
    return False


def raise_translated(error: BaseException, *, on_open_connection: bool = False) -> None:
    """Raises what clients may see; nothing where the error is not one of theirs. The cause stays for the log."""
    if isinstance(error, asyncpg.QueryCanceledError):
        raise OperationTimeout("A statement took too long and was stopped.") from error
    if isinstance(error, asyncpg.TooManyConnectionsError | asyncpg.OutOfMemoryError):
        raise DatabaseBusy(BUSY) from error
    if isinstance(error, asyncpg.DiskFullError):
        raise DatabaseFull("The database has no room left. Try again later.", retry_after=60) from error
    if is_outage(error, on_open_connection=on_open_connection):
        raise ServiceUnavailable(SILENT) from error


class translate_errors:
    """Turns errors of connecting, of the pool and of our own statements without arguments into `raise_translated`'s."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        if error is not None:
            raise_translated(error)


def log_database_error(event: str, error: BaseException, **fields: object) -> None:
    """Of work that is retried: an outage in a sentence, a mistake of ours with its traceback."""
    if is_outage(error):
        log.warning(event, reason=describe(error), **fields)
    else:
        log.error(event, exc_info=error, **fields)


def describe(error: BaseException) -> str:
    """Its type too: the message of a time-out is empty."""
    return f"{type(error).__name__}: {error}"
