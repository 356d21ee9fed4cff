"""Teachers assign textbooks, chapters and books to their groups."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg

from db.commands import assignments as commands
from db.core.transaction import Transaction
from db.queries.assignments import AssignmentRow, assignable_content
from db.services.administration import publish_event
from db.services.groups import lock_group
from db.services.notifications import NewNotification, notify_users
from domain.enums import EventKind
from domain.groups import MAX_ASSIGNMENTS
from domain.ids import AssignmentId, GroupId, UserId, new_id
from domain.notifications import NotificationKind
from domain.user_errors import UserErrorCode, invalid_input

_LEARNERS = """
    select user_id from assignments join group_members using (group_id)
    where assignments.id = $1 and role = 'LEARNER'
"""


async def assign(
    transaction: Transaction,
    group_id: GroupId,
    content: Mapping[str, UUID | None],
    path: str,
    note: str,
    due_at: datetime,
) -> AssignmentRow:
    """Assign to a group that the viewer teaches. Six statements.

    If the group has the same assignment already, the request was repeated: it is returned, after two statements.

    `content`: by column, of which one is not None. `path`: of that one in the input.

    Raises InvalidInput for an unknown group, for content that not all learners can read, and at the limit.
    """
    await lock_group(transaction, group_id, "groupId")
    assigned = {"group_id": group_id, "note": note, "due_at": due_at, **content}
    same = await transaction.row(commands.same_assignment, **assigned)
    if same is not None:
        return same
    if await transaction.row(assignable_content, **content) is None:
        message = "Not found, or not public: learners could not read it."
        raise invalid_input(UserErrorCode.NOT_FOUND, message, path)
    [found] = await transaction.rows(commands.count_assignments, group_id=group_id)
    if found.count >= MAX_ASSIGNMENTS:
        message = f"Limit of {MAX_ASSIGNMENTS} assignments of a group reached; delete old ones first."
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message)
    id = AssignmentId(new_id())
    [assignment] = await transaction.rows(commands.insert_assignment, assignment_id=id, **assigned)
    await publish_event(transaction, EventKind.ASSIGNMENT_CREATED, id)
    return assignment


async def delete_assignment(transaction: Transaction, id: AssignmentId) -> AssignmentRow:
    """Delete an assignment of a group that the viewer teaches. One statement. Raises InvalidInput."""
    assignment = await transaction.row(commands.delete_assignment, assignment_id=id)
    if assignment is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Assignment not found.", "id")
    return assignment


async def notify_learners(connection: asyncpg.Connection, id: AssignmentId, at: datetime) -> None:
    """Notify the learners of the group, as the owner of the tables. Two statements."""
    learners = [UserId(row["user_id"]) for row in await connection.fetch(_LEARNERS, id)]
    new = [NewNotification(user_id, str(id), assignment_id=id) for user_id in learners]
    await notify_users(connection, NotificationKind.ASSIGNMENT, new, at)
