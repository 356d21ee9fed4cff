"""What follows from events: a book's first publication, a learner's first sign-in."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog

from db.core.database import owner_connection
from db.core.errors import DATABASE_ERRORS, log_database_error
from db.maintenance.materialized_views import refresh_content_statistics
from db.notify.domain_events import EVENTS_CHANNEL, Event, Handler, HandlerFailed, handle_next_event
from db.services.sign_in import record_sign_up
from domain.enums import EventKind
from jobs.wait_any import first_of

log = structlog.get_logger()

# A notification wakes the worker at once. What was told while no worker listened is found after this time.
LOOK_EVERY = timedelta(seconds=30)
# How long after a connection was lost the next one is tried.
CONNECT_EVERY = timedelta(seconds=1)


async def count_content(connection: asyncpg.Connection, _: Event) -> None:
    """The number of books of each level holds the new book at once."""
    await refresh_content_statistics(connection)


async def welcome(connection: asyncpg.Connection, event: Event) -> None:
    """Administrators see in the audit log who is new."""
    await record_sign_up(connection, event.entity_id, event.at)


HANDLERS: Mapping[EventKind, Handler] = {
    EventKind.BOOK_FIRST_PUBLISHED: count_content,
    EventKind.LEARNER_FIRST_SIGNED_IN: welcome,
}


async def handle_events(
    database_url: str, stopping: asyncio.Event, handlers: Mapping[EventKind, Handler] = HANDLERS
) -> None:
    """Handles events as they are told until told to stop. An outage of the database is waited out."""
    while not stopping.is_set():
        try:
            async with owner_connection(database_url) as connection:
                await _listen(connection, stopping, handlers)
        except DATABASE_ERRORS as error:
            log_database_error("events cannot be handled", error)
            await first_of(stopping, timeout=CONNECT_EVERY)


async def handle_waiting_events(connection: asyncpg.Connection, handlers: Mapping[EventKind, Handler]) -> list[Event]:
    """Handles all that wait, oldest first. One whose handler fails is logged and left for the next time."""
    handled: list[Event] = []
    failed: set[UUID] = set()
    while True:
        try:
            event = await handle_next_event(connection, handlers, failed)
        except HandlerFailed as failure:
            log.exception("an event's handler failed", kind=failure.event.kind, event_id=str(failure.event.id))
            failed.add(failure.event.id)
            continue
        if event is None:
            return handled
        log.info("event handled", kind=event.kind, entity_id=str(event.entity_id))
        handled.append(event)


async def _listen(
    connection: asyncpg.Connection, stopping: asyncio.Event, handlers: Mapping[EventKind, Handler]
) -> None:
    told = asyncio.Event()
    await connection.add_listener(EVENTS_CHANNEL, lambda *_: told.set())
    # Without this a connection that ends is noticed when it is next used.
    connection.add_termination_listener(lambda _: told.set())
    while not stopping.is_set():
        told.clear()
        await handle_waiting_events(connection, handlers)
        await first_of(stopping, told, timeout=LOOK_EVERY)
