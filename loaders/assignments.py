"""Loaders of assignments and of progress in them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import orjson

from db.commands.member_reads import assignment_progress_of_members, member_values
from db.queries import assignments
from db.queries.assignments import AssignmentProgressRow, AssignmentRow
from db.queries.groups import GroupMemberRow, sharing_members_by_group_id
from domain.ids import AssignmentId, GroupId, to_uuid
from loaders.base import Loader, LoaderGroup, OneByKey, OwnByKey, PageByKey


@dataclass(frozen=True, slots=True)
class MemberProgress:
    """The progress of a learner in an assignment, as their teachers see it."""

    member: GroupMemberRow
    percent: float
    score: float | None
    last_activity_at: datetime | None


class ProgressOfMembers(Loader[tuple[AssignmentId, GroupId], list[MemberProgress]]):
    """By assignment and its group: of the learners who share their progress, by name. One audit entry for each.

    Two statements, also for assignments of several groups.
    """

    async def load_keys(self, keys: Sequence[tuple[AssignmentId, GroupId]]) -> list[list[MemberProgress]]:
        if self.reads.viewer is None:
            return [[] for _ in keys]
        groups = list(dict.fromkeys(group_id for _, group_id in keys))
        members = await self.reads.rows(sharing_members_by_group_id, ids=groups)
        wanted = [(member.group_id, member.user_id) for member in members]
        values = member_values(wanted, [id for id, _ in keys])
        by_member = {(member.group_id, member.user_id): member for member in members}
        found: defaultdict[AssignmentId, list[MemberProgress]] = defaultdict(list)
        for row in await self.reads.logged_rows(assignment_progress_of_members, **values) if wanted else ():
            answer = orjson.loads(row.answer)
            at = answer["last_activity_at"]
            found[AssignmentId(to_uuid(answer["assignment_id"]))].append(
                MemberProgress(
                    by_member[row.group_id, row.user_id],
                    answer["percent"],
                    answer["score"],
                    None if at is None else datetime.fromisoformat(at),
                )
            )
        return [found[id] for id, _ in keys]


class AssignmentLoaders(LoaderGroup):
    @cached_property
    def assignment_by_id(self) -> OneByKey[AssignmentId, AssignmentRow]:
        return self.one(assignments.assignments_by_id)

    @cached_property
    def assignments_by_group_id(self) -> PageByKey[GroupId, AssignmentRow]:
        return self.page(assignments.paged_assignments_of_groups)

    @cached_property
    def progress_by_assignment_id(self) -> OwnByKey[AssignmentId, AssignmentProgressRow]:
        return self.own(assignments.progress_by_assignment_id, "assignment_id")

    @cached_property
    def progress_of_members(self) -> ProgressOfMembers:
        return ProgressOfMembers(self.reads, self._running)
