"""Receives change notifications of the database on one connection per process and passes them on."""

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

from common.task_set import TaskSet
from db.core.changes import Change
from db.core.errors import DATABASE_ERRORS, log_database_error

# The channel on which triggers announce changes. See db/migrations/versions/0009_changes.py.
CHANGES_CHANNEL = "changes"

# How stale a process may become before it notices a dead connection: a heartbeat every half interval detects one after
# at most one and a half intervals.
_HEARTBEAT = timedelta(seconds=1)
_RECONNECT_DELAY_SECONDS = 1.0
_CONNECT_TIMEOUT_SECONDS = 5.0
_ACK_TIMEOUT_SECONDS = 1.0

# Connections have this name once they listen.
APPLICATION_NAME = "shinjp changes"
_LISTENER_PIDS = "select pid from pg_stat_activity where application_name = $1 and datname = current_database()"
_OWNER_COLUMNS = ("user_id", "job_id")


class ChangeListener(Protocol):
    """Receives every change, and learns when changes may have been missed."""

    def on_change(self, change: Change) -> None:
        """Handle rows that were written and committed."""

    def on_disconnect(self) -> None:
        """Handle the loss of the connection: changes are missed from now on."""

    def on_connect(self) -> None:
        """Handle a new connection: every change from now on is received."""

    async def drain(self) -> None:
        """Wait until all changes received so far have taken effect."""


class NotificationListener:
    """Dispatches notifications to subscribers and listeners. Create it with `open_listener`.

    A subscriber's event only says that something may have changed; subscribers then read from where they last stopped.
    That way nothing is missed: after a reconnect all events are set.
    """

    def __init__(self, url: str, heartbeat: timedelta) -> None:
        self._url = url
        self._heartbeat = heartbeat
        self._subscribers: defaultdict[tuple[str, UUID | None], set[asyncio.Event]] = defaultdict(set)
        self._listeners: list[ChangeListener] = []
        self._lost = asyncio.Event()
        self._connection: asyncpg.Connection | None = None
        # When the last successful heartbeat was sent.
        self._confirmed_at = 0.0
        # asyncpg executes one statement of a connection at a time.
        self._lock = asyncio.Lock()
        self._sequence = count()
        self._acks: dict[str, asyncio.Queue[int]] = {}
        self._replies = TaskSet()
        self.listening = asyncio.Event()

    @contextmanager
    def subscribe(self, table: str, owner: UUID | None = None) -> Iterator[asyncio.Event]:
        """Yield an event that is set when rows of the table that belong to the owner change. None: any rows.

        The owner is a user or a job: a subscriber to one job is not woken by other jobs of the user.
        """
        with self.subscribe_any([(table, owner)]) as changed:
            yield changed

    @contextmanager
    def subscribe_any(self, keys: Collection[tuple[str, UUID | None]]) -> Iterator[asyncio.Event]:
        """Like `subscribe`, with one event for several tables and owners."""
        changed = asyncio.Event()
        for key in keys:
            self._subscribers[key].add(changed)
        try:
            yield changed
        finally:
            for key in keys:
                self._subscribers[key].discard(changed)
                if not self._subscribers[key]:
                    del self._subscribers[key]

    @contextmanager
    def add_listener(self, listener: ChangeListener) -> Iterator[None]:
        """Pass every change to the listener until the context exits."""
        self._listeners.append(listener)
        if self.listening.is_set():
            listener.on_connect()
        try:
            yield
        finally:
            self._listeners.remove(listener)

    @property
    def is_current(self) -> bool:
        """Whether all changes that were committed longer ago than the heartbeat interval have been received."""
        return self.listening.is_set() and time.monotonic() - self._confirmed_at < self._heartbeat.total_seconds()

    async def wait_for_all(self) -> bool:
        """Wait until every listening process has received all committed changes and applied them.

        Notifications arrive in commit order, so an acknowledgement of one that is sent now covers all earlier ones.
        Returns False if a process does not acknowledge within a second: it hangs, or its connection is dead.
        """
        connection = self._connection
        if not self.listening.is_set() or connection is None:
            return False
        request_id = f"{connection.get_server_pid()}:{next(self._sequence)}"
        acks = self._acks[request_id] = asyncio.Queue()
        try:
            async with asyncio.timeout(_ACK_TIMEOUT_SECONDS):
                async with self._lock:
                    missing = {row["pid"] for row in await connection.fetch(_LISTENER_PIDS, APPLICATION_NAME)}
                    await _notify(connection, ask=request_id)
                while missing:
                    missing.discard(await acks.get())
        except (TimeoutError, *DATABASE_ERRORS) as error:
            log_database_error("invalidation acknowledgement timed out", error)
            return False
        finally:
            del self._acks[request_id]
        return True

    async def listen(self) -> None:
        """Listen forever and reconnect after outages of the database."""
        while True:
            was_listening = False
            try:
                await self._listen()
            except DATABASE_ERRORS as error:
                log_database_error("notification listener disconnected", error)
            finally:
                was_listening = self.listening.is_set()
                self.listening.clear()
                for listener in self._listeners:
                    listener.on_disconnect()
            if not was_listening:
                await asyncio.sleep(_RECONNECT_DELAY_SECONDS)

    async def _listen(self) -> None:
        async with asyncio.timeout(_CONNECT_TIMEOUT_SECONDS):
            self._connection = connection = await asyncpg.connect(self._url)
        try:
            self._lost.clear()
            connection.add_termination_listener(lambda _: self._lost.set())
            async with asyncio.timeout(_CONNECT_TIMEOUT_SECONDS):
                await connection.add_listener(CHANGES_CHANNEL, lambda *arguments: self._on_notify(str(arguments[-1])))
                await connection.execute(f"set application_name = '{APPLICATION_NAME}'")
            self._confirmed_at = time.monotonic()
            self._wake_all()
            self.listening.set()
            for listener in self._listeners:
                listener.on_connect()
            while not self._lost.is_set():
                async with asyncio.timeout(self._heartbeat.total_seconds()), self._lock:
                    sent_at = time.monotonic()
                    await connection.execute("select 1")
                self._confirmed_at = sent_at
                await _wait(self._lost, self._heartbeat / 2)
        finally:
            connection.terminate()

    def _on_notify(self, payload: str) -> None:
        message = orjson.loads(payload)
        if "ask" in message:
            self._replies.spawn(self._reply(message["ask"]))
        elif "echo" in message:
            if message["echo"] in self._acks:
                self._acks[message["echo"]].put_nowait(message["by"])
        else:
            self._dispatch(Change.from_message(message))

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

    async def _reply(self, request_id: str) -> None:
        connection = self._connection
        for listener in self._listeners:
            await listener.drain()
        if connection is None:
            return
        try:
            async with self._lock:
                await _notify(connection, echo=request_id, by=connection.get_server_pid())
        except DATABASE_ERRORS:
            # The requesting process does not wait for a dead connection.
            pass

    def _wake(self, key: tuple[str, UUID | None]) -> None:
        for changed in self._subscribers.get(key, ()):
            changed.set()

    def _wake_all(self, table: str | None = None) -> None:
        for key in [key for key in self._subscribers if table in (None, key[0])]:
            self._wake(key)


async def _notify(connection: asyncpg.Connection, **payload: Any) -> None:
    await connection.execute("select pg_notify($1, $2)", CHANGES_CHANNEL, orjson.dumps(payload).decode())


@asynccontextmanager
async def open_listener(url: str, *, heartbeat: timedelta = _HEARTBEAT) -> AsyncIterator[NotificationListener]:
    """Listen until the context exits. `url` must bypass poolers, which do not forward notifications."""
    notifications = NotificationListener(url, heartbeat)
    task = asyncio.create_task(notifications.listen())
    try:
        # Unless the database is down, no change is missed from here on.
        await _wait(notifications.listening, timedelta(seconds=_CONNECT_TIMEOUT_SECONDS))
        yield notifications
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _wait(event: asyncio.Event, timeout: timedelta) -> None:
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            await event.wait()
    except TimeoutError:
        pass
