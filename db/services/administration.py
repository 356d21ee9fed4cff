"""Writes audit log entries and domain events in the transaction of the change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from common.text import camel_case
from db.commands import administration as commands
from db.core.cache_tags import CACHE, TAG
from db.core.transaction import Transaction
from domain.enums import EventKind
from domain.exports import ExportRequest
from domain.field_changes import shorten_changes
from domain.ids import UserId, new_id


async def write_audit_entry(
    transaction: Transaction,
    action: str,
    entity: str,
    entity_id: UUID,
    before: Mapping[str, object],
    after: Mapping[str, object],
    *,
    max_value_length: int | None = None,
) -> None:
    """Insert an audit log entry with the columns that changed. One statement.

    `max_value_length`: of the JSON of each value, of which longer ones become excerpts.
    """
    await transaction.rows(
        commands.insert_audit_entry,
        id=new_id(),
        action=action,
        entity=entity,
        entity_id=entity_id,
        changes=format_changes(before, after, max_value_length),
        request_id=transaction.request_id,
    )


def format_changes(
    before: Mapping[str, object], after: Mapping[str, object], max_value_length: int | None = None
) -> str:
    """Return the values that differ, as the audit log stores them."""
    changes = {
        camel_case(name): {"before": before.get(name), "after": after.get(name)}
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    }
    text = orjson.dumps(changes, default=str)
    if max_value_length is not None:
        text = orjson.dumps(shorten_changes(orjson.loads(text), max_value_length))
    return text.decode()


async def write_export_look(transaction: Transaction, export: ExportRequest) -> None:
    """Insert the audit entry of an export of all users. One statement."""
    looked = {"export": export.format.value, "since": export.since, "until": export.until}
    await write_audit_entry(transaction, "viewList", "User", transaction.viewer.id, {}, looked)


async def write_account_entry(
    connection: asyncpg.Connection,
    action: str,
    user_id: UserId,
    at: datetime,
    *,
    actor_id: UserId | None = None,
    changes: str = "{}",
) -> None:
    """Insert an audit log entry about an account, as the owner of the tables. `changes`: JSON. One statement."""
    entry = {"id": new_id(), "now": at, "viewer_id": actor_id, "action": action, "request_id": None}
    entry |= {"entity": "User", "entity_id": user_id, "changes": changes}
    await connection.execute(commands.insert_audit_entry.sql, *commands.insert_audit_entry.arguments(entry))


async def publish_event(transaction: Transaction, kind: EventKind, entity_id: UUID) -> None:
    """Insert a domain event; one that was published before is ignored. One statement."""
    await transaction.rows(commands.insert_event, id=new_id(), kind=kind.value, entity_id=entity_id)


async def request_purge(transaction: Transaction, tags: Sequence[str]) -> None:
    """Invalidate the cache tags in all processes, like a write to what they name. Two statements."""
    keys = orjson.dumps({TAG: tags}).decode()
    await transaction.rows(commands.tell_change, table=CACHE, operation="purge", keys=keys)
    await write_audit_entry(transaction, "purgeCache", "User", transaction.viewer.id, {}, {"tags": list(tags)})
