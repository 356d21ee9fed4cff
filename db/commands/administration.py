"""Statements that insert audit log entries and domain events."""

from collections.abc import Sequence

from sqlalchemy import Text, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSON, JSONB, insert
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.expressions import NOW, VIEWER_ID
from db.tables.administration import audit_log
from db.tables.events import events
from db.tables.users import users
from domain.ids import UserId, new_id

# Parameters: id, action, entity, entity_id, changes (JSON as text), request_id.
audit_entry = insert(audit_log).values(
    id=bindparam("id", type_=UuidType),
    at=NOW,
    actor_id=VIEWER_ID,
    action=bindparam("action", type_=Text),
    entity=bindparam("entity", type_=Text),
    entity_id=bindparam("entity_id", type_=UuidType),
    changes=cast(bindparam("changes", type_=Text), JSONB),
    request_id=bindparam("request_id", type_=Text),
)
insert_audit_entry = Command(audit_entry, Row)

_looks = UnnestedRows("look", {"id": UuidType(), "user_id": UuidType()})
# One entry for each user that exists. Parameters: `look_values`, request_id.
insert_looks = Command(
    insert(audit_log).from_select(
        ("id", "at", "actor_id", "action", "entity", "entity_id", "changes", "request_id"),
        select(
            _looks.table.c.id,
            NOW,
            VIEWER_ID,
            literal_column("'view'"),
            literal_column("'User'"),
            users.c.id,
            literal_column("'{}'::jsonb"),
            bindparam("request_id", type_=Text),
        ).join_from(_looks.table, users, users.c.id == _looks.table.c.user_id),
    ),
    Row,
)


def look_values(ids: Sequence[UserId]) -> dict[str, list[object]]:
    """Return parameters of `insert_looks`."""
    return _looks.values((new_id(), id) for id in ids)


# A look at the audit log as a whole, or at single entries. Parameters: id, viewer_id, now, request_id.
insert_audit_look = Command(
    insert(audit_log).values(
        id=bindparam("id", type_=UuidType),
        at=NOW,
        actor_id=VIEWER_ID,
        action="viewAuditLog",
        entity="User",
        entity_id=VIEWER_ID,
        changes=literal_column("'{}'::jsonb"),
        request_id=bindparam("request_id", type_=Text),
    ),
    Row,
)

# Ignores an event that was published before. Parameters: id, kind, entity_id.
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

# Notifies of a change as triggers do. Parameters: table, operation, keys (JSON as text).
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
