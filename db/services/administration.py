"""Who changed what, and what happened, written in the transaction in which it is done."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson

from db.commands import administration as commands
from db.core.transaction import Transaction
from db.notify.cache_tags import CACHE, TAG
from domain.enums import EventKind
from domain.ids import new_id


async def write_audit_entry(
    transaction: Transaction,
    action: str,
    entity: str,
    entity_id: UUID,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    """An entry of the audit log: what of an object is another than before, by column. One statement."""
    changes = {
        _camel_case(name): {"before": before.get(name), "after": after.get(name)}
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    }
    await transaction.rows(
        commands.insert_audit_entry,
        id=new_id(),
        action=action,
        entity=entity,
        entity_id=entity_id,
        changes=orjson.dumps(changes, default=str).decode(),
        request_id=transaction.request_id,
    )


async def publish_event(transaction: Transaction, kind: EventKind, entity_id: UUID) -> None:
    """Something happened, perhaps for the first time. One statement."""
    await transaction.rows(commands.insert_event, id=new_id(), kind=kind.value, entity_id=entity_id)


async def request_purge(transaction: Transaction, tags: Sequence[str]) -> None:
    """What is made of these is told to be old, as if it had been written. Two statements."""
    keys = orjson.dumps({TAG: tags}).decode()
    await transaction.rows(commands.tell_change, table=CACHE, operation="purge", keys=keys)
    await write_audit_entry(transaction, "purgeCache", "User", transaction.viewer.id, {}, {"tags": list(tags)})


def _camel_case(name: str) -> str:
    """A column's name as the schema has it."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)
