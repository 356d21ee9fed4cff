"""Names of clients, and usage counted by client in memory and flushed to the database."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeAlias

import structlog

from common.task_set import cancel_and_wait
from domain.errors import ClientError

log = structlog.get_logger()

FLUSH_INTERVAL_SECONDS = 10.0

# Clients identify themselves by these headers, as Apollo's do.
CLIENT_HEADERS = (b"graphql-client-name", b"apollographql-client-name")
_CLIENT_NAME = re.compile(r"[\w .:/@-]{1,64}")
# Clients choose their names. Further clients are counted together.
MAX_CLIENTS = 200
UNKNOWN, OTHER = "unknown", "others"
# Further pairs of names and clients are counted together until the next flush.
MAX_COUNTS = 20_000

# Adds counts by name and client to the day of a time. Raises ClientError if the database is down.
WriteUsage: TypeAlias = Callable[[Mapping[tuple[str, str], int], datetime], Awaitable[None]]


def get_client_name(headers: Mapping[bytes, bytes]) -> str:
    """Return the client's name; `unknown` if it sends none or an invalid one."""
    for header in CLIENT_HEADERS:
        value = headers.get(header)
        if value is not None:
            name = value.decode("latin-1")
            return name if _CLIENT_NAME.fullmatch(name) else UNKNOWN
    return UNKNOWN


class ClientUsage:
    """The counts of one process that are not flushed yet. `what`: is counted, for the log."""

    def __init__(self, what: str, write: WriteUsage) -> None:
        self._what = what
        self._write = write
        self._counts: Counter[tuple[str, str]] = Counter()
        self._clients: set[str] = set()

    def record(self, names: Iterable[str], client: str) -> None:
        """Count one use of each name by a client."""
        if client not in self._clients:
            if len(self._clients) < MAX_CLIENTS:
                self._clients.add(client)
            else:
                client = OTHER
        counts = self._counts
        for name in names:
            key = name, client
            if key not in counts and len(counts) >= MAX_COUNTS:
                key = name, OTHER
            counts[key] += 1

    async def flush(self) -> None:
        """Add the counts to the database. If that fails, they are kept for the next flush."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            await self._write(counts, datetime.now(UTC))
        except ClientError as error:
            self._counts.update(counts)
            log.warning(f"{self._what} not written", reason=error.message)


@asynccontextmanager
async def open_client_usage(what: str, write: WriteUsage) -> AsyncIterator[ClientUsage]:
    """Flushes periodically and on exit."""
    usage = ClientUsage(what, write)

    async def flush_loop() -> None:
        while True:
            await asyncio.sleep(FLUSH_INTERVAL_SECONDS)
            await usage.flush()

    task = asyncio.create_task(flush_loop())
    try:
        yield usage
    finally:
        await cancel_and_wait(task)
        await usage.flush()
