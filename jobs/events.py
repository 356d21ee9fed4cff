"""Handlers of domain events, such as a book's first publication and a learner's first sign-in."""

import asyncio
from collections.abc import Mapping
from functools import partial
from uuid import UUID

import asyncpg
import structlog

from db.maintenance.materialized_views import refresh_content_statistics
from db.notify.domain_events import EVENTS_CHANNEL, Event, Handler, HandlerFailed, handle_next_event
from db.notify.webhook_outbox import add_deliveries
from db.services.assignments import notify_learners
from db.services.notifications import NewNotification, notify_users
from db.services.reports import report_author
from db.services.sign_in import record_sign_up
from domain.enums import EventKind
from domain.ids import AssignmentId, UserId
from domain.notifications import NotificationKind
from jobs.outbox_loop import run_outbox

log = structlog.get_logger()


async def on_book_published(connection: asyncpg.Connection, _: Event) -> None:
    """Refresh the number of books of each level."""
    await refresh_content_statistics(connection)


async def on_first_sign_in(connection: asyncpg.Connection, event: Event) -> None:
    """Add the sign-up to the audit log, and welcome the learner."""
    user_id = UserId(event.entity_id)
    await record_sign_up(connection, user_id, event.at)
    await notify_users(connection, NotificationKind.WELCOME, [NewNotification(user_id, "sign-up")], event.at)


async def on_report_resolved(connection: asyncpg.Connection, event: Event) -> None:
    """Notify the learner who sent the report."""
    user_id = await report_author(connection, event.entity_id)
    if user_id is not None:
        new = NewNotification(user_id, str(event.entity_id))
        await notify_users(connection, NotificationKind.REPORT_RESOLVED, [new], event.at)


async def on_assignment_created(connection: asyncpg.Connection, event: Event) -> None:
    """Notify the learners of the group."""
    await notify_learners(connection, AssignmentId(event.entity_id), event.at)


_HANDLERS: Mapping[EventKind, Handler] = {
    EventKind.BOOK_FIRST_PUBLISHED: on_book_published,
    EventKind.LEARNER_FIRST_SIGNED_IN: on_first_sign_in,
    EventKind.REPORT_RESOLVED: on_report_resolved,
    EventKind.ASSIGNMENT_CREATED: on_assignment_created,
}


def _with_webhooks(handler: Handler) -> Handler:
    """Return a handler that also adds the deliveries of the event to webhooks, in the same transaction."""

    async def handle(connection: asyncpg.Connection, event: Event) -> None:
        await handler(connection, event)
        await add_deliveries(connection, event)

    return handle


HANDLERS = {kind: _with_webhooks(handler) for kind, handler in _HANDLERS.items()}


async def handle_events(
    database_url: str, stopping: asyncio.Event, handlers: Mapping[EventKind, Handler] = HANDLERS
) -> None:
    """Handle events until `stopping` is set. Waits during outages of the database."""
    handle = partial(_handle_all, handlers=handlers)
    await run_outbox(database_url, EVENTS_CHANNEL, stopping, handle, _nothing_is_due)


async def _handle_all(connection: asyncpg.Connection, handlers: Mapping[EventKind, Handler]) -> int:
    await handle_waiting_events(connection, handlers)
    # Those that are left have failed: they wait for the next notification or poll.
    return 0


async def _nothing_is_due(_: asyncpg.Connection) -> None:
    """Events have no time at which they are retried."""


async def handle_waiting_events(connection: asyncpg.Connection, handlers: Mapping[EventKind, Handler]) -> list[Event]:
    """Handle all pending events, oldest first. An event whose handler fails is logged and remains pending."""
    handled: list[Event] = []
    failed: set[UUID] = set()
    while True:
        try:
            event = await handle_next_event(connection, handlers, failed)
        except HandlerFailed as failure:
            log.exception("event handler failed", kind=failure.event.kind, event_id=str(failure.event.id))
            failed.add(failure.event.id)
            continue
        if event is None:
            return handled
        log.info("event handled", kind=event.kind, entity_id=str(event.entity_id))
        handled.append(event)
