"""What changed in the database, told to those who wait for it. One connection a process listens for all of them."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from itertools import count
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import orjson

from db.core.errors import DATABASE_ERRORS, log_database_error
from db.notify.cache_tags import Change

# Where triggers tell of changes: see db/migrations/versions/0009_changes.py.
CHANGES_CHANNEL = "changes"

# A connection that was cut without a word is found after one and a half times this time: it is asked after half of it,
# and does not answer. For so long a process may show what is old, so it is short.
_HEARTBEAT = timedelta(seconds=1)
_CONNECT_EVERY_SECONDS = 1.0
_LONGEST_CONNECT_SECONDS = 5.0
_LONGEST_ECHO_SECONDS = 1.0

# The name says that a connection listens already.
_NAMED = "shinjp changes"
_LISTENERS = "select pid from pg_stat_activity where application_name = $1 and datname = current_database()"
_OWNER_COLUMNS = ("user_id", "job_id")
# The end of `app.changes`, where a transaction changed more than it could tell.
_LONGEST_TOLD = 50_000


class Follower(Protocol):
    """Who wants to know of every change, and of when some may have been missed."""

    def changed(self, change: Change) -> None:
        """Rows were written, and committed."""

    def lost(self) -> None:
        """Nothing is heard from now on."""

    def found(self) -> None:
        """Everything is heard from now on."""

    async def settled(self) -> None:
        """Until all that follows from the changes so far is done."""


class Changes:
    """Wakes those who watch. Open it with `open_changes`.

    Being woken says that there may be something new, nothing more: whoever is woken looks, from where they looked
    last. So nothing is missed: after a connection was lost everybody is woken.
    """

    def __init__(self, url: str, heartbeat: timedelta) -> None:
        self._url = url
        self._heartbeat = heartbeat
        self._watching: defaultdict[tuple[str, UUID | None], set[asyncio.Event]] = defaultdict(set)
        self._followers: list[Follower] = []
        self._lost = asyncio.Event()
        self._connection: asyncpg.Connection = None
        # When the server was last asked something that it answered.
        self._confirmed_at = 0.0
        # asyncpg runs one statement of a connection at a time.
        self._free = asyncio.Lock()
        self._asked = count()
        self._echoes: dict[str, asyncio.Queue[int]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self.listening = asyncio.Event()

    @contextmanager
    def watch(self, table: str, owner: UUID | None = None) -> Iterator[asyncio.Event]:
        """An event that is set when rows of the table changed that are the owner's; None: anybody's.

        The owner is a learner or a job. Whoever wants to know of one job is not woken by the learner's others.
        """
        with self.watch_any([(table, owner)]) as changed:
            yield changed

    @contextmanager
    def watch_any(self, watched: Collection[tuple[str, UUID | None]]) -> Iterator[asyncio.Event]:
        """Like `watch`: one event for several tables, each with its owner."""
        changed = asyncio.Event()
        for key in watched:
            self._watching[key].add(changed)
        try:
            yield changed
        finally:
            for key in watched:
                self._watching[key].discard(changed)
                if not self._watching[key]:
                    del self._watching[key]

    @contextmanager
    def follow(self, follower: Follower) -> Iterator[None]:
        """Tells the follower of every change until the context ends."""
        self._followers.append(follower)
        if self.listening.is_set():
            follower.found()
        try:
            yield
        finally:
            self._followers.remove(follower)

    @property
    def is_current(self) -> bool:
        """Whether everything was heard that was committed longer ago than the heartbeat."""
        return self.listening.is_set() and time.monotonic() - self._confirmed_at < self._heartbeat.total_seconds()

    @property
    def watchers(self) -> int:
        return sum(map(len, self._watching.values()))

    async def heard_by_all(self) -> bool:
        """Waits until every process that listens has heard what was committed before, and acted on it.

        Notifications keep the order of commits, so an echo of one that is sent now comes after all of them. False where
        one did not answer within a second: it hangs, or its connection is cut.
        """
        if not self.listening.is_set():
            return False
        question = f"{self._connection.get_server_pid()}:{next(self._asked)}"
        heard = self._echoes[question] = asyncio.Queue()
        try:
            async with asyncio.timeout(_LONGEST_ECHO_SECONDS):
                async with self._free:
                    missing = {row["pid"] for row in await self._connection.fetch(_LISTENERS, _NAMED)}
                    await self._tell(ask=question)
                while missing:
                    missing.discard(await heard.get())
        except (TimeoutError, *DATABASE_ERRORS) as error:
            log_database_error("a change was not heard by all", error)
            return False
        finally:
            del self._echoes[question]
        return True

    async def listen(self) -> None:
        """For ever. An outage of the database is waited out."""
        while True:
            has_listened = False
            try:
                await self._listen()
            except DATABASE_ERRORS as error:
                log_database_error("changes are not heard", error)
            finally:
                has_listened = self.listening.is_set()
                self.listening.clear()
                for follower in self._followers:
                    follower.lost()
            if not has_listened:
                await asyncio.sleep(_CONNECT_EVERY_SECONDS)

    async def _listen(self) -> None:
        async with asyncio.timeout(_LONGEST_CONNECT_SECONDS):
            self._connection = connection = await asyncpg.connect(self._url)
        try:
            self._lost.clear()
            connection.add_termination_listener(lambda _: self._lost.set())
            async with asyncio.timeout(_LONGEST_CONNECT_SECONDS):
                await connection.add_listener(CHANGES_CHANNEL, lambda *heard: self._hear(heard[-1]))
                await connection.execute(f"set application_name = '{_NAMED}'")
            self._confirmed_at = time.monotonic()
            self._wake_all()
            self.listening.set()
            for follower in self._followers:
                follower.found()
            while not self._lost.is_set():
                async with asyncio.timeout(self._heartbeat.total_seconds()), self._free:
                    asked_at = time.monotonic()
                    await connection.execute("select 1")
                self._confirmed_at = asked_at
                await _wait(self._lost, self._heartbeat / 2)
        finally:
            connection.terminate()

    def _hear(self, payload: str) -> None:
        told = orjson.loads(payload)
        if "ask" in told:
            task = asyncio.create_task(self._answer(told["ask"]))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        elif "echo" in told:
            if told["echo"] in self._echoes:
                self._echoes[told["echo"]].put_nowait(told["by"])
        else:
            self._spread(_change(told))

    def _spread(self, change: Change) -> None:
        for follower in self._followers:
            follower.changed(change)
        if change.keys is None:
            self._wake_all(change.table)
            return
        self._wake((change.table, None))
        for column in _OWNER_COLUMNS:
            for owner in change.keys.get(column, ()):
                self._wake((change.table, UUID(owner)))

    async def _answer(self, question: str) -> None:
        for follower in self._followers:
            await follower.settled()
        try:
            async with self._free:
                await self._tell(echo=question, by=self._connection.get_server_pid())
        except DATABASE_ERRORS:
            # Who asked does not wait for a connection that is gone.
            pass

    async def _tell(self, **payload: Any) -> None:
        await self._connection.execute("select pg_notify($1, $2)", CHANGES_CHANNEL, orjson.dumps(payload).decode())

    def _wake(self, key: tuple[str, UUID | None]) -> None:
        for changed in self._watching.get(key, ()):
            changed.set()

    def _wake_all(self, table: str | None = None) -> None:
        for key in [key for key in self._watching if table in (None, key[0])]:
            self._wake(key)


def changes_told(told: str) -> list[Change] | None:
    """What a transaction's `app.changes` says that it changed; None: more than can be told."""
    if len(told) >= _LONGEST_TOLD:
        return None
    return [_change(orjson.loads(line)) for line in told.splitlines()]


def _change(told: dict[str, Any]) -> Change:
    keys = told["keys"]
    return Change(told["table"], None if keys == "many" else keys)


@asynccontextmanager
async def open_changes(url: str, *, heartbeat: timedelta = _HEARTBEAT) -> AsyncIterator[Changes]:
    """Listens until the context ends. `url`: without a pooler in between, which would not pass notifications on."""
    changes = Changes(url, heartbeat)
    listening = asyncio.create_task(changes.listen())
    try:
        # So that what happens from now on is heard, unless the database is away.
        await _wait(changes.listening, timedelta(seconds=_LONGEST_CONNECT_SECONDS))
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
