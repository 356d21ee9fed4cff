"""Translates PostgreSQL and asyncpg errors into errors that clients may see."""

from typing import Self

import asyncpg
import structlog

from common.error_descriptions import describe_error
from db.core.pool import POOL_EXHAUSTED_MESSAGE, UNAVAILABLE_MESSAGE, DatabaseBusy
from domain.errors import OperationTimeout, ServiceUnavailable

log = structlog.get_logger()

# Everything that the driver raises, programming errors included. InternalClientError belongs to none of the other
# classes: a connection raises it between the shutdown message of the server and its closing.
DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class DatabaseFull(ServiceUnavailable):
    """The database is up, but out of disk space for a write or a sort."""


_OUTAGES = (
    asyncpg.DiskFullError,
    asyncpg.OutOfMemoryError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    # The server is a standby: another one was promoted.
    asyncpg.ReadOnlySQLTransactionError,
)
# Errors of asyncpg that say nothing about the connection, such as values of the wrong type.
_PROGRAMMING_ERRORS = (
    asyncpg.DataError,
    asyncpg.exceptions.ClientConfigurationError,
    asyncpg.exceptions.UnsupportedClientFeatureError,
    asyncpg.exceptions.ProtocolError,
    asyncpg.exceptions.OutdatedSchemaCacheError,
    asyncpg.InvalidCachedStatementError,
)


def is_outage(error: BaseException, *, on_open_connection: bool = False) -> bool:
    """Whether the server or the network caused the error.

    `on_open_connection`: the connection was open and stayed open. Then neither an InterfaceError, such as `another
    operation is in progress`, nor an error of the file system is an outage.
    """
    if isinstance(error, _OUTAGES):
        return True
    if isinstance(error, _PROGRAMMING_ERRORS):
        return False
    if isinstance(error, asyncpg.InternalClientError):
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return not on_open_connection
    if isinstance(error, OSError):
        return not on_open_connection or isinstance(error, ConnectionError | TimeoutError)
    return False


def raise_translated(error: BaseException, *, on_open_connection: bool = False) -> None:
    """Raise the client error for a driver error, chained to it for the log. Do nothing if there is none."""
    if isinstance(error, asyncpg.QueryCanceledError):
        raise OperationTimeout(
            "Statement timeout exceeded; the statement was cancelled.", limit="OPERATION_TIMEOUT_SECONDS"
        ) from error
    if isinstance(error, asyncpg.TooManyConnectionsError | asyncpg.OutOfMemoryError):
        raise DatabaseBusy(POOL_EXHAUSTED_MESSAGE) from error
    if isinstance(error, asyncpg.DiskFullError):
        raise DatabaseFull("The database is out of disk space; please retry later.", retry_after=60) from error
    if is_outage(error, on_open_connection=on_open_connection):
        raise ServiceUnavailable(UNAVAILABLE_MESSAGE) from error


class translate_errors:
    """Context manager that translates errors of the pool, of connecting and of transaction control statements."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> None:
        if error is not None:
            raise_translated(error)


def log_database_error(event: str, error: BaseException, **fields: object) -> None:
    """Log an error of work that is retried: an outage as a warning, anything else with its traceback."""
    if is_outage(error):
        log.warning(event, reason=describe_error(error), **fields)
    else:
        log.error(event, exc_info=error, **fields)
