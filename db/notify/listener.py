"""Receives change notifications of the database on one connection per process and passes them on."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from itertools import count
from typing import Protocol
from uuid import UUID

import asyncpg
import orjson

from common.task_set import TaskSet
from db.core.changes import Change
from db.core.errors import DATABASE_ERRORS, log_database_error
from db.core.watched_connection import connect
from db.notify.change_flusher import ChangeFlusher

# The channel of changes, sent by triggers (db/migrations/versions/0009_changes.py) or from the outbox (0077).
CHANGES_CHANNEL = "changes"

# How stale a process may become before it notices a dead connection: a heartbeat every half interval detects one after
# at most one and a half intervals.
_HEARTBEAT = timedelta(seconds=1)
_RECONNECT_DELAY_SECONDS = 1.0
_CONNECT_TIMEOUT_SECONDS = 5.0
_ACK_TIMEOUT_SECONDS = 1.0

# Connections have this name once they listen.
APPLICATION_NAME = "shinjp changes"
# What they write need not survive a crash, in which all processes lose their connections. Changes of shared content
# wait for the acknowledgement of each session: that of a machine that disappeared ends within five seconds.
_SETTINGS = f"""
    set application_name = '{APPLICATION_NAME}'; set synchronous_commit = off;
    set tcp_keepalives_idle = 2; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 3;
    set tcp_user_timeout = 5000
"""
_ACKNOWLEDGE = "select acknowledge_changes($1)"
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
        self._heartbeat_seconds = heartbeat.total_seconds()
        self._subscribers: defaultdict[tuple[str, UUID | None], set[asyncio.Event]] = defaultdict(set)
        self._listeners: list[ChangeListener] = []
        self._lost = asyncio.Event()
        self._connection: asyncpg.Connection | None = None
        self._flusher: ChangeFlusher | None = None
        # When the last successful heartbeat was sent.
        self._confirmed_at = 0.0
        # asyncpg executes one statement of a connection at a time.
        self._lock = asyncio.Lock()
        self._sequence = count()
        self._acknowledged: dict[str, asyncio.Event] = {}
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
        return self.listening.is_set() and time.monotonic() - self._confirmed_at < self._heartbeat_seconds

    def on_commit(self, changes: Collection[Change] | None = None) -> None:
        """Wake subscribers to changes that this process has committed, and notify other processes soon.

        None: they are unknown or too many to be listed, and the notification wakes subscribers.
        """
        for change in changes or ():
            self._wake_owners(change)
        if self._flusher is not None:
            self._flusher.on_commit()

    async def wait_for_all(self) -> bool:
        """Wait until every listening process has received all committed changes and applied them.

        Notifications arrive in commit order, so an acknowledgement of one that is sent now covers all earlier ones.
        Returns False if a process does not acknowledge within a second: it hangs, or its connection is dead.
        """
        connection, flusher = self._connection, self._flusher
        if not self.listening.is_set() or connection is None or flusher is None:
            return False
        request = f"{connection.get_server_pid()}:{next(self._sequence)}"
        acknowledged = self._acknowledged[request] = asyncio.Event()
        try:
            async with asyncio.timeout(_ACK_TIMEOUT_SECONDS):
                async with self._lock:
                    await flusher.request_acknowledgements(request, APPLICATION_NAME)
                await acknowledged.wait()
        except (TimeoutError, *DATABASE_ERRORS) as error:
            log_database_error("invalidation acknowledgement timed out", error)
            return False
        finally:
            del self._acknowledged[request]
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
            self._connection = connection = await connect(self._url)
        self._flusher = flusher = ChangeFlusher(connection, self._heartbeat_seconds / 2)
        try:
            self._lost.clear()
            connection.add_termination_listener(lambda _: self._on_lost(flusher))
            async with asyncio.timeout(_CONNECT_TIMEOUT_SECONDS):
                await connection.add_listener(CHANGES_CHANNEL, lambda *arguments: self._on_notify(str(arguments[-1])))
                await connection.execute(_SETTINGS)
            self._confirmed_at = time.monotonic()
            self._wake_all()
            self.listening.set()
            for listener in self._listeners:
                listener.on_connect()
            while not self._lost.is_set():
                async with asyncio.timeout(self._heartbeat_seconds), self._lock:
                    sent_at = time.monotonic()
                    await flusher.flush()
                self._confirmed_at = sent_at
                await flusher.wait()
        finally:
            connection.terminate()

    def _on_lost(self, flusher: ChangeFlusher) -> None:
        self._lost.set()
        flusher.stop_waiting()

    def _on_notify(self, payload: str) -> None:
        message = orjson.loads(payload)
        if "ask" in message:
            self._replies.spawn(self._acknowledge(message["ask"]))
        elif "acknowledged" in message:
            if message["acknowledged"] in self._acknowledged:
                self._acknowledged[message["acknowledged"]].set()
        else:
            self._dispatch(Change.from_message(message))

    def _dispatch(self, change: Change) -> None:
        if self._flusher is not None:
            self._flusher.on_change()
        for listener in self._listeners:
            listener.on_change(change)
        self._wake_owners(change)

    async def _acknowledge(self, request: str) -> None:
        connection = self._connection
        for listener in self._listeners:
            await listener.drain()
        if connection is None:
            return
        try:
            async with self._lock:
                await connection.execute(_ACKNOWLEDGE, request)
        except DATABASE_ERRORS:
            # The requesting process does not wait for a dead connection.
            pass

    def _wake_owners(self, change: Change) -> None:
        if change.keys is None:
            self._wake_all(change.table)
            return
        self._wake((change.table, None))
        for column in _OWNER_COLUMNS:
            for owner in change.keys.get(column, ()):
                self._wake((change.table, UUID(owner)))

    def _wake(self, key: tuple[str, UUID | None]) -> None:
        for changed in self._subscribers.get(key, ()):
            changed.set()

    def _wake_all(self, table: str | None = None) -> None:
        for key in [key for key in self._subscribers if table in (None, key[0])]:
            self._wake(key)


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
