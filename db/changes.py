"""What changed in the database, told to those who wait for it. One connection a process listens for all of them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from uuid import UUID

import asyncpg
import orjson
import structlog

from db.database import DATABASE_ERRORS
from db.events import CHANNEL

log = structlog.get_logger()

# A connection that was cut without a word is found after twice this time: it is asked, and does not answer.
_HEARTBEAT = timedelta(seconds=5)
_CONNECT_EVERY_SECONDS = 1.0


class Changes:
    """Wakes those who watch. Open it with `open_changes`.

    Being woken says that there may be something new, nothing more: whoever is woken looks, from where they looked
    last. So nothing is missed: after a connection was lost everybody is woken.
    """

    def __init__(self, url: str, heartbeat: timedelta) -> None:
        self._url = url
        self._heartbeat = heartbeat
        self._watching: defaultdict[tuple[str, UUID | None], set[asyncio.Event]] = defaultdict(set)
        self._lost = asyncio.Event()
        self.listening = asyncio.Event()

    @contextmanager
    def watch(self, table: str, owner: UUID | None = None) -> Iterator[asyncio.Event]:
        """An event that is set when rows of the table changed that are the owner's; None: anybody's."""
        changed = asyncio.Event()
        key = (table, owner)
        self._watching[key].add(changed)
        try:
            yield changed
        finally:
            self._watching[key].discard(changed)
            if not self._watching[key]:
                del self._watching[key]

    @property
    def watchers(self) -> int:
        return sum(map(len, self._watching.values()))

    async def listen(self) -> None:
        """For ever. An outage of the database is waited out."""
        while True:
            try:
                await self._listen()
            except DATABASE_ERRORS as error:
                log.warning("changes are not heard", reason=str(error))
            self.listening.clear()
            await asyncio.sleep(_CONNECT_EVERY_SECONDS)

    async def _listen(self) -> None:
        async with asyncio.timeout(self._heartbeat.total_seconds()):
            connection = await asyncpg.connect(self._url, server_settings={"application_name": "shinjp changes"})
        try:
            self._lost.clear()
            connection.add_termination_listener(lambda _: self._lost.set())
            await connection.add_listener(CHANNEL, lambda *heard: self._hear(heard[-1]))
            self._wake_all()
            self.listening.set()
            while not self._lost.is_set():
                async with asyncio.timeout(self._heartbeat.total_seconds()):
                    await connection.execute("select 1")
                await _wait(self._lost, self._heartbeat)
        finally:
            connection.terminate()

    def _hear(self, payload: str) -> None:
        told = orjson.loads(payload)
        table, owners = told["table"], told.get("owners", ())
        if owners == "many":
            self._wake_all(table)
            return
        self._wake((table, None))
        for owner in owners:
            self._wake((table, UUID(owner)))

    def _wake(self, key: tuple[str, UUID | None]) -> None:
        for changed in self._watching.get(key, ()):
            changed.set()

    def _wake_all(self, table: str | None = None) -> None:
        for key in [key for key in self._watching if table in (None, key[0])]:
            self._wake(key)


@asynccontextmanager
async def open_changes(url: str, *, heartbeat: timedelta = _HEARTBEAT) -> AsyncIterator[Changes]:
    """Listens until the context ends. `url`: without a pooler in between, which would not pass notifications on."""
    changes = Changes(url, heartbeat)
    listening = asyncio.create_task(changes.listen())
    try:
        # So that what happens from now on is heard, unless the database is away.
        await _wait(changes.listening, heartbeat)
        yield changes
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _wait(event: asyncio.Event, at_most: timedelta) -> None:
    try:
        async with asyncio.timeout(at_most.total_seconds()):
            await event.wait()
    except TimeoutError:
        pass
