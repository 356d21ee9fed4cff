"""Statements that write down who changed what, and what happened."""

from sqlalchemy import Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import JSON, JSONB, insert
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.statement import Command, Row
from db.queries.expressions import NOW, VIEWER_ID
from db.tables.administration import audit_log
from db.tables.events import events

# Parameters: id, action, entity, entity_id, changes (a JSON text), request_id.
insert_audit_entry = Command(
    insert(audit_log).values(
        id=bindparam("id", type_=UuidType),
        at=NOW,
        actor_id=VIEWER_ID,
        action=bindparam("action", type_=Text),
        entity=bindparam("entity", type_=Text),
        entity_id=bindparam("entity_id", type_=UuidType),
        changes=cast(bindparam("changes", type_=Text), JSONB),
        request_id=bindparam("request_id", type_=Text),
    ),
    Row,
)

# What is told a second time did not happen for the first time, and is not told again. Parameters: id, kind, entity_id.
insert_event = Command(
    insert(events)
    .values(
        id=bindparam("id", type_=UuidType),
        kind=bindparam("kind", type_=Text),
        entity_id=bindparam("entity_id", type_=UuidType),
    )
    .on_conflict_do_nothing(),
    Row,
)

# As triggers tell what was written. Parameters: table, operation, keys (a JSON text).
tell_change = Command(
    select(
        func.tell_change(
            bindparam("table", type_=Text),
            bindparam("operation", type_=Text),
            cast(bindparam("keys", type_=Text), JSON),
        )
    ),
    Row,
)
