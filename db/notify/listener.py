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
_RECONNECT_DELAY_SECONDS = 1.0
_CONNECT_TIMEOUT_SECONDS = 5.0
_ACK_TIMEOUT_SECONDS = 1.0

# The name says that a connection listens already.
APPLICATION_NAME = "shinjp changes"
_LISTENER_PIDS = "select pid from pg_stat_activity where application_name = $1 and datname = current_database()"
_OWNER_COLUMNS = ("user_id", "job_id")
# The end of `app.changes`, where a transaction changed more than it could tell.
MAX_CHANGES_LENGTH = 50_000


class ChangeListener(Protocol):
    """Who wants to know of every change, and of when some may have been missed."""

    def on_change(self, change: Change) -> None:
        """Rows were written, and committed."""

    def on_disconnect(self) -> None:
        """Nothing is heard from now on."""

    def on_connect(self) -> None:
        """Everything is heard from now on."""

    async def drain(self) -> None:
        """Until all that follows from the changes so far is done."""


class NotificationListener:
    """Wakes those who watch. Open it with `open_listener`.

    Being woken says that there may be something new, nothing more: whoever is woken looks, from where they looked
    last. So nothing is missed: after a connection was lost everybody is woken.
    """

    def __init__(self, url: str, heartbeat: timedelta) -> None:
        self._url = url
        self._heartbeat = heartbeat
        self._subscribers: defaultdict[tuple[str, UUID | None], set[asyncio.Event]] = defaultdict(set)
        self._listeners: list[ChangeListener] = []
        self._lost = asyncio.Event()
        self._connection: asyncpg.Connection = None
        # When the server was last asked something that it answered.
        self._confirmed_at = 0.0
        # asyncpg runs one statement of a connection at a time.
        self._lock = asyncio.Lock()
        self._sequence = count()
        self._acks: dict[str, asyncio.Queue[int]] = {}
        self._replies: set[asyncio.Task[None]] = set()
        self.listening = asyncio.Event()

    @contextmanager
    def subscribe(self, table: str, owner: UUID | None = None) -> Iterator[asyncio.Event]:
        """An event that is set when rows of the table changed that are the owner's; None: anybody's.

        The owner is a learner or a job. Whoever wants to know of one job is not woken by the learner's others.
        """
        with self.subscribe_any([(table, owner)]) as changed:
            yield changed

    @contextmanager
    def subscribe_any(self, watched: Collection[tuple[str, UUID | None]]) -> Iterator[asyncio.Event]:
        """Like `subscribe`: one event for several tables, each with its owner."""
        changed = asyncio.Event()
        for key in watched:
            self._subscribers[key].add(changed)
        try:
            yield changed
        finally:
            for key in watched:
                self._subscribers[key].discard(changed)
                if not self._subscribers[key]:
                    del self._subscribers[key]

    @contextmanager
    def add_listener(self, listener: ChangeListener) -> Iterator[None]:
        """Tells the listener of every change until the context ends."""
        self._listeners.append(listener)
        if self.listening.is_set():
            listener.on_connect()
        try:
            yield
        finally:
            self._listeners.remove(listener)

    @property
    def is_current(self) -> bool:
        """Whether everything was heard that was committed longer ago than the heartbeat."""
        return self.listening.is_set() and time.monotonic() - self._confirmed_at < self._heartbeat.total_seconds()

    @property
    def watchers(self) -> int:
        return sum(map(len, self._subscribers.values()))

    async def wait_for_all(self) -> bool:
        """Waits until every process that listens has heard what was committed before, and acted on it.

        Notifications keep the order of commits, so an echo of one that is sent now comes after all of them. False where
        one did not answer within a second: it hangs, or its connection is cut.
        """
        if not self.listening.is_set():
            return False
        question = f"{self._connection.get_server_pid()}:{next(self._sequence)}"
        heard = self._acks[question] = asyncio.Queue()
        try:
            async with asyncio.timeout(_ACK_TIMEOUT_SECONDS):
                async with self._lock:
                    missing = {row["pid"] for row in await self._connection.fetch(_LISTENER_PIDS, APPLICATION_NAME)}
                    await self._notify(ask=question)
                while missing:
                    missing.discard(await heard.get())
        except (TimeoutError, *DATABASE_ERRORS) as error:
            log_database_error("a change was not heard by all", error)
            return False
        finally:
            del self._acks[question]
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
                for listener in self._listeners:
                    listener.on_disconnect()
            if not has_listened:
                await asyncio.sleep(_RECONNECT_DELAY_SECONDS)

    async def _listen(self) -> None:
        async with asyncio.timeout(_CONNECT_TIMEOUT_SECONDS):
            self._connection = connection = await asyncpg.connect(self._url)
        try:
            self._lost.clear()
            connection.add_termination_listener(lambda _: self._lost.set())
            async with asyncio.timeout(_CONNECT_TIMEOUT_SECONDS):
                await connection.add_listener(CHANGES_CHANNEL, lambda *heard: self._on_notify(heard[-1]))
                await connection.execute(f"set application_name = '{APPLICATION_NAME}'")
            self._confirmed_at = time.monotonic()
            self._wake_all()
            self.listening.set()
            for listener in self._listeners:
                listener.on_connect()
            while not self._lost.is_set():
                async with asyncio.timeout(self._heartbeat.total_seconds()), self._lock:
                    asked_at = time.monotonic()
                    await connection.execute("select 1")
                self._confirmed_at = asked_at
                await _wait(self._lost, self._heartbeat / 2)
        finally:
            connection.terminate()

    def _on_notify(self, payload: str) -> None:
        told = orjson.loads(payload)
        if "ask" in told:
            task = asyncio.create_task(self._reply(told["ask"]))
            self._replies.add(task)
            task.add_done_callback(self._replies.discard)
        elif "echo" in told:
            if told["echo"] in self._acks:
                self._acks[told["echo"]].put_nowait(told["by"])
        else:
            self._dispatch(_to_change(told))

    def _dispatch(self, change: Change) -> None:
        for listener in self._listeners:
            listener.on_change(change)
        if change.keys is None:
            self._wake_all(change.table)
            return
        self._wake((change.table, None))
        for column in _OWNER_COLUMNS:
            for owner in change.keys.get(column, ()):
                self._wake((change.table, UUID(owner)))

    async def _reply(self, question: str) -> None:
        for listener in self._listeners:
            await listener.drain()
        try:
            async with self._lock:
                await self._notify(echo=question, by=self._connection.get_server_pid())
        except DATABASE_ERRORS:
            # Who asked does not wait for a connection that is gone.
            pass

    async def _notify(self, **payload: Any) -> None:
        await self._connection.execute("select pg_notify($1, $2)", CHANGES_CHANNEL, orjson.dumps(payload).decode())

    def _wake(self, key: tuple[str, UUID | None]) -> None:
        for changed in self._subscribers.get(key, ()):
            changed.set()

    def _wake_all(self, table: str | None = None) -> None:
        for key in [key for key in self._subscribers if table in (None, key[0])]:
            self._wake(key)


def parse_changes(told: str) -> list[Change] | None:
    """What a transaction's `app.changes` says that it changed; None: more than can be told."""
    if len(told) >= MAX_CHANGES_LENGTH:
        return None
    return [_to_change(orjson.loads(line)) for line in told.splitlines()]


def _to_change(told: dict[str, Any]) -> Change:
    keys = told["keys"]
    return Change(told["table"], None if keys == "many" else keys)


@asynccontextmanager
async def open_listener(url: str, *, heartbeat: timedelta = _HEARTBEAT) -> AsyncIterator[NotificationListener]:
    """Listens until the context ends. `url`: without a pooler in between, which would not pass notifications on."""
    changes = NotificationListener(url, heartbeat)
    listening = asyncio.create_task(changes.listen())
    try:
        # So that what happens from now on is heard, unless the database is away.
        await _wait(changes.listening, timedelta(seconds=_CONNECT_TIMEOUT_SECONDS))
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
