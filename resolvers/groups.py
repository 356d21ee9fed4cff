"""Resolvers of groups, their members and invitations."""

import strawberry

from db.core.pagination import Page
from db.queries.groups import GroupMemberRow, GroupRow, paged_groups
from domain.ids import GroupId, global_id, parse_global_id_as
from domain.member_progress import MemberStatistics
from domain.pages import page_arguments
from domain.viewer import Viewer
from resolvers.connections import nested_page_key
from resolvers.context import Info
from resolvers.loader_field import load_by_key


async def group(info: Info, id: strawberry.ID) -> GroupRow | None:
    return await info.context.loaders.groups.group_by_id.load(parse_global_id_as(GroupId, id))


async def groups(
    parent: strawberry.Parent[Viewer], info: Info, first: int | None = None, after: str | None = None
) -> Page[GroupRow]:
    return await info.context.reads.page(paged_groups, page_arguments(first, after), viewer_id=parent.id)


members = load_by_key(lambda loaders: loaders.groups.members_by_group_id, nested_page_key)
invitations = load_by_key(lambda loaders: loaders.groups.invitations_by_group_id, nested_page_key)
assignments = load_by_key(lambda loaders: loaders.assignments.assignments_by_group_id, nested_page_key)


def user_id(parent: strawberry.Parent[GroupMemberRow]) -> str:
    return global_id("User", parent.user_id)


async def statistics(parent: strawberry.Parent[GroupMemberRow], info: Info) -> MemberStatistics | None:
    return await info.context.loaders.groups.statistics_by_member.load((parent.group_id, parent.user_id))
