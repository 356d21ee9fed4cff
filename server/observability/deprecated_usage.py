"""Usage of deprecated fields by client, counted in memory and flushed to the database."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from common.task_set import cancel_and_wait
from db.core.database import Database
from db.services.deprecated_usage import add_deprecated_usage
from domain.errors import ClientError

log = structlog.get_logger()

FLUSH_INTERVAL_SECONDS = 10.0

# Clients identify themselves by these headers, as Apollo's do.
CLIENT_HEADERS = (b"graphql-client-name", b"apollographql-client-name")
_CLIENT_NAME = re.compile(r"[\w .:/@-]{1,64}")
# Clients choose their names. Further clients are counted together.
MAX_CLIENTS = 200
UNKNOWN, OTHER = "unknown", "others"


def get_client_name(headers: Mapping[bytes, bytes]) -> str:
    """Return the client's name; `unknown` if it sends none or an invalid one."""
    for header in CLIENT_HEADERS:
        value = headers.get(header)
        if value is not None:
            name = value.decode("latin-1")
            return name if _CLIENT_NAME.fullmatch(name) else UNKNOWN
    return UNKNOWN


class DeprecatedUsage:
    """The counts of one process that are not flushed yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: Counter[tuple[str, str]] = Counter()
        self._clients: set[str] = set()

    def record(self, coordinates: Iterable[str], client: str) -> None:
        """Count one operation of a client that uses deprecated schema coordinates."""
        if client not in self._clients:
            if len(self._clients) < MAX_CLIENTS:
                self._clients.add(client)
            else:
                client = OTHER
        self._counts.update((coordinate, client) for coordinate in coordinates)

    async def flush(self) -> None:
        """Add the counts to the database. If that fails, they are kept for the next flush."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            await add_deprecated_usage(self._database, counts, datetime.now(UTC))
        except ClientError as error:
            self._counts.update(counts)
            log.warning("deprecated usage not written", reason=error.message)


@asynccontextmanager
async def open_deprecated_usage(database: Database) -> AsyncIterator[DeprecatedUsage]:
    """Flushes periodically and on exit."""
    usage = DeprecatedUsage(database)

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
