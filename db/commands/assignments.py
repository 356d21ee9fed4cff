"""Statements that write assignments. Their policies admit teachers of the group."""

from sqlalchemy import Text, bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import UUID

from db.core.pagination import CountRow
from db.core.statement import Command
from db.queries.assignments import AssignmentRow
from db.queries.expressions import NOW, row_columns
from db.queries.groups import GROUP_ID
from db.tables.assignments import CONTENT, assignments
from db.tables.base import Timestamp

_ID = bindparam("assignment_id", type_=UUID)

# Parameter: group_id.
count_assignments = Command(select(func.count().label("count")).where(assignments.c.group_id == GROUP_ID), CountRow)
# Of the same content with the same note and due date. Parameters: those of `insert_assignment`.
same_assignment = Command(
    select(*row_columns(assignments, AssignmentRow)).where(
        assignments.c.group_id == GROUP_ID,
        assignments.c.note == bindparam("note", type_=Text),
        assignments.c.due_at == bindparam("due_at", type_=Timestamp),
        *(assignments.c[name].is_not_distinct_from(bindparam(name, type_=UUID)) for name in CONTENT),
    ),
    AssignmentRow,
)
# Parameters: assignment_id, group_id, textbook_id, chapter_id, book_id, note, due_at, now.
insert_assignment = Command(
    insert(assignments)
    .values(
        id=_ID,
        group_id=GROUP_ID,
        note=bindparam("note", type_=Text),
        due_at=bindparam("due_at", type_=Timestamp),
        created_at=NOW,
        **{name: bindparam(name, type_=UUID) for name in CONTENT},
    )
    .returning(*row_columns(assignments, AssignmentRow)),
    AssignmentRow,
)
# Parameter: assignment_id.
delete_assignment = Command(
    delete(assignments).where(assignments.c.id == _ID).returning(*row_columns(assignments, AssignmentRow)),
    AssignmentRow,
)
