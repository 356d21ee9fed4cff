"""What happened and waits for its handler, as the worker sees it, which owns the table."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from domain.enums import EventKind

# Where a trigger tells of new events, and of nothing else: see db/migrations/versions/0012_events_channel.py.
EVENTS_CHANNEL = "events"

# An event's row is its lock: another worker takes the next one.
_CLAIM = """
    select id, kind, entity_id, at from events where handled_at is null and id <> all($1)
    order by at, id limit 1 for update skip locked
"""
_MARK_HANDLED = "update events set handled_at = clock_timestamp() where id = $1"


@dataclass(frozen=True, slots=True)
class Event:
    """`entity_id`: what or whom it happened to."""

    id: UUID
    kind: EventKind
    entity_id: UUID
    at: datetime


Handler = Callable[[asyncpg.Connection, Event], Awaitable[None]]


class HandlerFailed(Exception):
    """A handler raised. The event stays unhandled."""

    def __init__(self, event: Event) -> None:
        super().__init__(f"{event.kind} {event.id}")
        self.event = event


async def handle_next_event(
    connection: asyncpg.Connection, handlers: Mapping[EventKind, Handler], skip: Collection[UUID]
) -> Event | None:
    """Handles the oldest event that waits, in one transaction with what its handler writes. None where none waits.

    `skip`: events to leave for later. Raises HandlerFailed.
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
