"""The events table as an outbox: workers, which own the table, claim pending events and handle them."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from domain.enums import EventKind

# The channel on which a trigger announces new events. See db/migrations/versions/0012_events_channel.py.
EVENTS_CHANNEL = "events"

# The lock on an event's row makes other workers skip it.
_CLAIM = """
    select id, kind, entity_id, at from events where handled_at is null and id <> all($1)
    order by at, id limit 1 for update skip locked
"""
_MARK_HANDLED = "update events set handled_at = clock_timestamp() where id = $1"


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the table. `entity_id`: the object or user to which the event happened."""

    id: UUID
    kind: EventKind
    entity_id: UUID
    at: datetime


Handler = Callable[[asyncpg.Connection, Event], Awaitable[None]]


class HandlerFailed(Exception):
    """A handler raised an exception. The event stays pending."""

    def __init__(self, event: Event) -> None:
        super().__init__(f"{event.kind} {event.id}")
        self.event = event


async def handle_next_event(
    connection: asyncpg.Connection, handlers: Mapping[EventKind, Handler], skip: Collection[UUID]
) -> Event | None:
    """Handle the oldest pending event, in one transaction with the writes of its handler. Return None if none is.

    `skip`: ids of events to leave pending. Raises HandlerFailed.
    """
    async with connection.transaction():
        row = await connection.fetchrow(_CLAIM, list(skip))
        if row is None:
            return None
        event = Event(row["id"], EventKind(row["kind"]), row["entity_id"], row["at"])
        try:
            await handlers[event.kind](connection, event)
        except Exception as error:
            raise HandlerFailed(event) from error
        await connection.execute(_MARK_HANDLED, event.id)
    return event
