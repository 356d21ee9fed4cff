"""The statement by which administrators read the progress of users.

The function `read_as_users` checks the role of the viewer, inserts the audit entries, and runs the statement in the
context of each user. See db/migrations/versions/0068_editing.sql.
"""

from collections.abc import Sequence

from sqlalchemy import Text, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.commands.member_reads import number_parameters
from db.core.statement import Command, Row
from db.queries.dashboard import TOTALS
from db.queries.expressions import NOW
from domain.ids import UserId, new_ids


class UserAnswerRow(Row):
    """The row of the statement for a user, as JSON."""

    __slots__ = ()
    user_id: UserId
    answer: str


_answers = func.read_as_users(
    *(bindparam(name, type_=ARRAY(UUID)) for name in ("users", "entries")),
    literal(number_parameters(TOTALS), Text),
    NOW,
    bindparam("request_id", type_=Text),
).table_valued("user_id", "answer")
# Parameters: `user_values`, now, request_id.
statistics_of_users = Command(select(_answers.c.user_id, _answers.c.answer.cast(Text)), UserAnswerRow)


def user_values(ids: Sequence[UserId]) -> dict[str, list[object]]:
    return {"users": list(ids), "entries": list(new_ids(len(ids)))}
