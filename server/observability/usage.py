"""Counts which clients use which parts of the schema and which trusted documents, in memory until it is flushed.

A request increments one count: that of its document, the coordinates in its variables, and its client. Coordinates are
counted when counts are flushed.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import TypeAlias

import asyncpg
import structlog

from common.error_descriptions import describe_error
from common.periodic import flushed_periodically
from domain.errors import ClientError
from domain.usage import (
    MAX_CLIENTS,
    MAX_CLIENTS_OF_ANONYMOUS,
    MAX_CLIENTS_OF_SOURCE,
    OTHERS,
    UNKNOWN,
    ClientName,
    UsageKey,
    UsageKind,
    UsageSource,
)
from engine.request.used_parts import UsedParts

log = structlog.get_logger()

FLUSH_INTERVAL_SECONDS = 30.0
# Beyond it, coordinates of new combinations of documents, variables and clients are counted immediately.
_MAX_USES = 2_000
# Uses whose coordinates are counted before other tasks get a turn.
_USES_PER_TURN = 50
# Beyond it, further clients are counted together until the next flush.
_MAX_COUNTS = 100_000

# Adds counts to the day of a time, and removes from them what is written: regular clients are counted by name, and
# those of viewers before others. Raises ClientError if the database is down.
WriteUsage: TypeAlias = Callable[
    [dict[UsageKey, int], datetime, Collection[ClientName], Collection[ClientName]], Awaitable[None]
]
# Reads the clients that were counted by name on most days before that of a time. Raises like WriteUsage.
ReadRegular: TypeAlias = Callable[[datetime], Awaitable[Collection[ClientName]]]


# A document, the coordinates in its variables, its id if it is a trusted document, and the client. Not a NamedTuple:
# its construction takes longer than the lookup.
_Use: TypeAlias = tuple[UsedParts, Sequence[str], str | None, ClientName]


class Usage:
    """The counts of one process that are not flushed yet. `is_registered`: whether a client is that of an operator."""

    def __init__(
        self,
        write: WriteUsage,
        is_registered: Callable[[ClientName], bool] = lambda _: False,
        read_regular: ReadRegular | None = None,
    ) -> None:
        self._write = write
        self._read_regular = read_regular
        self._is_registered = is_registered
        self._uses: dict[_Use, int] = {}
        self._counts: Counter[UsageKey] = Counter()
        self._names = _DailyNames()

    def record(
        self,
        used: UsedParts,
        inputs: Sequence[str],
        document_id: str | None,
        client: ClientName,
        source: Callable[[], UsageSource],
    ) -> None:
        """Count one use of a document. `inputs`: coordinates in its variables. `source`: who sent it, of whose clients
        only some are counted by name.
        """
        uses = self._uses
        use = used, inputs, document_id, client
        count = uses.get(use)
        if count is not None:
            uses[use] = count + 1
            return
        is_counted_by_name = client == UNKNOWN or self._is_registered(client)
        if not is_counted_by_name and not self._names.admits(client, source):
            use = used, inputs, document_id, OTHERS
        if use in uses or len(uses) < _MAX_USES:
            uses[use] = uses.get(use, 0) + 1
        else:
            self._expand(use, 1)

    async def flush(self) -> None:
        """Add the counts to the database. Those that it does not write are kept for the next flush."""
        now = datetime.now(UTC)
        while self._uses:
            for _ in range(min(_USES_PER_TURN, len(self._uses))):
                self._expand(*self._uses.popitem())
            await asyncio.sleep(0)
        counts, self._counts = self._counts, Counter()
        # Requests first, which introduce the clients of the day.
        ordered = dict(sorted(counts.items(), key=lambda item: item[0].kind is not UsageKind.REQUEST))
        try:
            await self._begin_day(now)
            await self._write(ordered, now, self._names.regular, self._names.of_viewers)
        except (ClientError, asyncpg.UndefinedTableError) as error:
            log.warning("usage not written", reason=describe_error(error))
        finally:
            self._counts.update(ordered)

    async def _begin_day(self, now: datetime) -> None:
        """Read the regular clients, also after the start: a restart must not give their places to strangers."""
        if self._names.day == now.date():
            return
        regular = () if self._read_regular is None else await self._read_regular(now)
        self._names.begin_day(now, regular)

    def _expand(self, use: _Use, count: int) -> None:
        used, inputs, document_id, client = use
        self._add(UsageKind.REQUEST, "", client, count)
        if document_id is not None:
            self._add(UsageKind.DOCUMENT, document_id, client, count)
        # A coordinate may be in both.
        for coordinate in {*used.coordinates, *inputs}:
            self._add(UsageKind.COORDINATE, coordinate, client, count)

    def _add(self, kind: UsageKind, name: str, client: ClientName, count: int) -> None:
        key = UsageKey(kind, name, client)
        if len(self._counts) >= _MAX_COUNTS and key not in self._counts:
            key = key._replace(client=OTHERS)
        self._counts[key] += count


class _DailyNames:
    """The clients that are counted by name today, of which strangers could send any number.

    `regular`: those of earlier days, which are always. `day`: on which they were read; None until they are.
    `of_viewers`: those that a viewer has used today.
    """

    def __init__(self) -> None:
        self.day: date | None = None
        self.regular: Collection[ClientName] = ()
        self.of_viewers: set[ClientName] = set()
        self._names: set[ClientName] = set()
        self._by_source: Counter[str] = Counter()

    def admits(self, client: ClientName, get_source: Callable[[], UsageSource]) -> bool:
        if client in self.of_viewers or client in self.regular:
            return True
        source = get_source()
        if client not in self._names:
            maximum = MAX_CLIENTS if source.is_viewer else MAX_CLIENTS_OF_ANONYMOUS
            if len(self._names) >= maximum or self._by_source[source.key] >= MAX_CLIENTS_OF_SOURCE:
                return False
            self._by_source[source.key] += 1
            self._names.add(client)
        if source.is_viewer:
            self.of_viewers.add(client)
        return True

    def begin_day(self, now: datetime, regular: Collection[ClientName]) -> None:
        if self.day is not None:
            self._names.clear()
            self.of_viewers = set()
            self._by_source.clear()
        self.day, self.regular = now.date(), regular


@asynccontextmanager
async def open_usage(
    write: WriteUsage,
    is_registered: Callable[[ClientName], bool] = lambda _: False,
    read_regular: ReadRegular | None = None,
) -> AsyncIterator[Usage]:
    """Flushes periodically and on exit."""
    usage = Usage(write, is_registered, read_regular)

    async def flush() -> None:
        try:
            await usage.flush()
        except Exception:
            log.exception("usage not written")

    async with flushed_periodically(flush, FLUSH_INTERVAL_SECONDS):
        yield usage
