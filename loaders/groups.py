"""Loaders of groups, their members and invitations."""

from collections.abc import Sequence
from functools import cached_property

from db.commands.member_reads import member_values, statistics_of_members
from db.queries import groups
from db.queries.groups import GroupInvitationRow, GroupMemberRow, GroupRow
from domain.ids import GroupId, GroupInvitationId, GroupMemberId, UserId
from domain.member_progress import MemberStatistics
from loaders.base import Loader, LoaderGroup, ManyByKey, OneByKey, OwnByKey, PageByKey


class StatisticsByMember(Loader[tuple[GroupId, UserId], MemberStatistics | None]):
    """None unless the viewer teaches the group and the learner shares their progress. One audit entry for each."""

    async def load_keys(self, keys: Sequence[tuple[GroupId, UserId]]) -> list[MemberStatistics | None]:
        if self.reads.viewer is None:
            return [None] * len(keys)
        rows = await self.reads.logged_rows(statistics_of_members, **member_values(keys))
        found = {(row.group_id, row.user_id): MemberStatistics.from_json(row.answer) for row in rows}
        return [found.get(key) for key in keys]


class GroupLoaders(LoaderGroup):
    @cached_property
    def group_by_id(self) -> OwnByKey[GroupId, GroupRow]:
        return self.own(groups.groups_by_id)

    @cached_property
    def member_by_id(self) -> OneByKey[GroupMemberId, GroupMemberRow]:
        return self.one(groups.members_by_id)

    @cached_property
    def invitation_by_id(self) -> OneByKey[GroupInvitationId, GroupInvitationRow]:
        return self.one(groups.invitations_by_id)

    @cached_property
    def members_by_group_id(self) -> PageByKey[GroupId, GroupMemberRow]:
        return self.page(groups.paged_members)

    @cached_property
    def sharing_members_by_group_id(self) -> ManyByKey[GroupId, GroupMemberRow]:
        return self.many(groups.sharing_members_by_group_id, "group_id")

    @cached_property
    def invitations_by_group_id(self) -> PageByKey[GroupId, GroupInvitationRow]:
        return self.page(groups.paged_invitations)

    @cached_property
    def statistics_by_member(self) -> StatisticsByMember:
        return StatisticsByMember(self.reads, self._running)
