"""Statements by which teachers read the progress of their learners.

The function `read_as_members` checks that the viewer teaches the group and that the learner shares their progress with
it, inserts the audit entry, and runs the statement in the learner's own context. See
db/migrations/versions/0057_groups.sql.
"""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Text, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.core.statement import Command, Row, to_distributed
from db.queries.assignments import PROGRESS
from db.queries.dashboard import TOTALS
from db.queries.expressions import NOW
from domain.ids import GroupId, UserId, new_ids

# In the order in which the functions pass them.
_PARAMETERS = ("viewer_id", "now", "ids")


class MemberAnswerRow(Row):
    """A row of the statement for a member, as JSON."""

    __slots__ = ()
    group_id: GroupId
    user_id: UserId
    answer: str


def number_parameters(statement: str) -> str:
    """Return the statement with numbers instead of the names viewer_id, now and ids."""
    return re.sub(r"(?<!:):(\w+)", lambda found: f"${_PARAMETERS.index(found[1]) + 1}", statement)


def _read_as_members(statement: str) -> Command[MemberAnswerRow]:
    """Return the command for a statement with the parameters viewer_id, now and ids. Its own: `member_values`, now."""
    numbered = number_parameters(statement)

    def build(is_distributed: bool) -> Select[Any]:
        answers = func.read_as_members(
            *(bindparam(name, type_=ARRAY(UUID)) for name in ("groups", "members", "entries")),
            literal(to_distributed(numbered) if is_distributed else numbered, Text),
            NOW,
            bindparam("ids", type_=ARRAY(UUID)),
            bindparam("request_id", type_=Text),
        ).table_valued("group_id", "user_id", "answer")
        return select(answers.c.group_id, answers.c.user_id, answers.c.answer.cast(Text))

    return Command.with_variant(build, MemberAnswerRow)


def member_values(keys: Sequence[tuple[GroupId, UserId]], ids: Sequence[object] = ()) -> dict[str, object]:
    """Return the parameters for learners, each by a group that the viewer teaches."""
    return {
        "groups": [group_id for group_id, _ in keys],
        "members": [user_id for _, user_id in keys],
        "entries": new_ids(len(keys)),
        "ids": list(ids),
    }


statistics_of_members = _read_as_members(TOTALS)
# Parameter `ids`: of assignments; those of other groups are not read.
assignment_progress_of_members = _read_as_members(
    PROGRESS.replace("where id = any(:ids)", "where id = any(:ids) and group_id = $4")
)
