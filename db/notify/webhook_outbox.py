"""The table of webhook deliveries as an outbox, for workers, which own the table."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg

from db.notify.domain_events import Event
from domain.ids import new_ids
from domain.webhooks import DISABLED_AFTER, DeliveryState, payload

# The channel on which a trigger announces deliveries. See db/migrations/versions/0065_webhooks.py.
WEBHOOKS_CHANNEL = "webhooks"

_BATCH_SIZE = 10
# A worker that died during an attempt is followed by another one after this time.
_LEASE = timedelta(minutes=2)
_SUBSCRIBED = "select id from webhooks where disabled_at is null and $1 = any(event_kinds)"
_INSERT = """
    insert into webhook_deliveries (id, webhook_id, event_id, event_kind, payload)
    select id, webhook_id, $3, $4, $5 from unnest($1::uuid[], $2::uuid[]) as new (id, webhook_id)
    on conflict do nothing
"""
_CLAIM = """
    with claimed as (
        update webhook_deliveries set attempts = attempts + 1, next_attempt_at = now() + $2::interval
        where id in (
            select webhook_deliveries.id from webhook_deliveries join webhooks on webhooks.id = webhook_id
            where state = 'PENDING' and next_attempt_at <= now() and disabled_at is null
            order by next_attempt_at, webhook_deliveries.id limit $1 for update of webhook_deliveries skip locked
        )
        returning id, webhook_id, payload, attempts
    )
    select claimed.*, url, secret from claimed join webhooks on webhooks.id = webhook_id order by claimed.id
"""
_SETTLE = """
    update webhook_deliveries set state = $3, status = $4, error = $5, next_attempt_at = now() + $6
    where id = $1 and attempts = $2 and state = 'PENDING'
"""
_SUCCEEDED = "update webhooks set failing_since = null where id = $1 and failing_since is not null"
_FAILED = """
    update webhooks set failing_since = coalesce(failing_since, now()),
        disabled_at = coalesce(disabled_at, case when failing_since < now() - $2::interval then now() end),
        version = version + coalesce(disabled_at is null and failing_since < now() - $2::interval, false)::int
    where id = $1
"""
_NEXT = """
    select extract(epoch from min(next_attempt_at) - now())::float8
    from webhook_deliveries join webhooks on webhooks.id = webhook_id
    where state = 'PENDING' and disabled_at is null
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that this worker sends."""

    id: UUID
    webhook_id: UUID
    payload: str
    attempts: int
    url: str
    secret: str


async def add_deliveries(connection: asyncpg.Connection, event: Event) -> None:
    """Insert the deliveries of an event, in the transaction of its handler. One statement, two with a webhook."""
    subscribed = [row["id"] for row in await connection.fetch(_SUBSCRIBED, event.kind.value)]
    if subscribed:
        text = payload(event.kind, event.entity_id, event.at.isoformat())
        await connection.execute(_INSERT, new_ids(len(subscribed)), subscribed, event.id, event.kind.value, text)


async def claim_deliveries(connection: asyncpg.Connection) -> list[Delivery]:
    """Claim a batch of due deliveries. One statement."""
    return [Delivery(**dict(row)) for row in await connection.fetch(_CLAIM, _BATCH_SIZE, _LEASE)]


async def settle_delivery(
    connection: asyncpg.Connection,
    delivery: Delivery,
    state: DeliveryState,
    status: int | None,
    error: str | None,
    delay: timedelta = timedelta(),
) -> None:
    """Record the result of an attempt, and whether the webhook works. `delay`: until the next attempt, for PENDING."""
    values = (delivery.id, delivery.attempts, state.value, status, error, delay)
    await connection.execute(_SETTLE, *values)
    if state is DeliveryState.DELIVERED:
        await connection.execute(_SUCCEEDED, delivery.webhook_id)
    else:
        await connection.execute(_FAILED, delivery.webhook_id, DISABLED_AFTER)


async def seconds_until_next(connection: asyncpg.Connection) -> float | None:
    """Return the seconds until a delivery is due; None without pending ones."""
    seconds: float | None = await connection.fetchval(_NEXT)
    return seconds
