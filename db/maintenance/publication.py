"""Publishes books at the time that editors set. Runs as the owner of the tables."""

import asyncpg

from db.commands.administration import insert_audit_entry, insert_event
from domain.enums import EventKind
from domain.ids import new_id

_PUBLISH = """
    update books set published_at = publish_at, publish_at = null, version = version + 1, updated_at = now()
    where publish_at <= now() and deleted_at is null returning id, published_at, updated_at
"""


async def publish_due_books(connection: asyncpg.Connection) -> None:
    """Publish the books whose time has come, with an audit entry each. One statement, and two for each book."""
    for book in await connection.fetch(_PUBLISH):
        at = book["published_at"]
        entry = {"id": new_id(), "now": book["updated_at"], "viewer_id": None, "action": "publish", "request_id": None}
        changes = f'{{"publishedAt": {{"before": null, "after": "{at.isoformat()}"}}}}'
        entry |= {"entity": "Book", "entity_id": book["id"], "changes": changes}
        await connection.execute(insert_audit_entry.sql, *insert_audit_entry.arguments(entry))
        event = {"id": new_id(), "kind": EventKind.BOOK_FIRST_PUBLISHED.value, "entity_id": book["id"]}
        await connection.execute(insert_event.sql, *insert_event.arguments(event))
