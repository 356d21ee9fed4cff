"""Which clients still use what is deprecated: counted in memory, written every few seconds."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from db.core.database import Database
from db.services.deprecated_usage import add_deprecated_usage
from domain.errors import ClientError

log = structlog.get_logger()

WRITE_EVERY_SECONDS = 10.0

# By these headers Apollo's clients, and those that follow them, say who they are.
CLIENT_HEADERS = (b"graphql-client-name", b"apollographql-client-name")
_CLIENT_NAME = re.compile(r"[\w .:/@-]{1,64}")
# Names come from outside. More of them than this are counted as one.
MAX_CLIENTS = 200
UNKNOWN, OTHERS = "unknown", "others"


def client_name(headers: Mapping[bytes, bytes]) -> str:
    """What a client calls itself; `unknown` where it does not say, or not in a sane way."""
    for header in CLIENT_HEADERS:
        given = headers.get(header)
        if given is not None:
            name = given.decode("latin-1")
            return name if _CLIENT_NAME.fullmatch(name) else UNKNOWN
    return UNKNOWN


class DeprecatedUsage:
    """One process's counts that are not written yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: Counter[tuple[str, str]] = Counter()
        self._clients: set[str] = set()

    def count(self, coordinates: Iterable[str], client: str) -> None:
        """A client ran a document that uses these."""
        if client not in self._clients:
            if len(self._clients) < MAX_CLIENTS:
                self._clients.add(client)
            else:
                client = OTHERS
        self._counts.update((coordinate, client) for coordinate in coordinates)

    async def write(self) -> None:
        """Adds what was counted to the database. What cannot be written now is kept for the next time."""
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
    """Writes every few seconds and in the end."""
    usage = DeprecatedUsage(database)

    async def write_again_and_again() -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_SECONDS)
            await usage.write()

    writing = asyncio.create_task(write_again_and_again())
    try:
        yield usage
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await usage.write()
