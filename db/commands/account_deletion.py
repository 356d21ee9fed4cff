"""Statements by which users delete and restore their accounts."""

from datetime import datetime

from sqlalchemy import null, select, update

from db.core.statement import Command, Row
from db.queries.expressions import NOW, VIEWER_ID
from db.tables.users import users


class OwnAccountRow(Row):
    """What confirms a deletion, and whether there was one."""

    __slots__ = ()
    email: str
    display_name: str
    deleted_at: datetime | None


_own = users.c.id == VIEWER_ID
lock_own_account = Command(
    select(users.c.email, users.c.display_name, users.c.deleted_at).where(_own).with_for_update(key_share=True),
    OwnAccountRow,
)
# Its tokens are refused as soon as processes are notified.
delete_own_account = Command(update(users).values(deleted_at=NOW, updated_at=NOW).where(_own), Row)
restore_own_account = Command(update(users).values(deleted_at=null(), updated_at=NOW).where(_own), Row)
