"""Loaders of users for administrators."""

from collections.abc import Sequence
from functools import cached_property

from db.commands.administration import insert_looks, look_values
from db.queries.managed_users import ManagedUserRow, managed_users_by_id
from domain.ids import UserId
from loaders.base import Loader, LoaderGroup


class ManagedUserById(Loader[UserId, ManagedUserRow | None]):
    """None for viewers who are not administrators. Each look is an audit entry, one a request and user."""

    async def load_keys(self, keys: Sequence[UserId]) -> list[ManagedUserRow | None]:
        viewer = self.reads.viewer
        if viewer is None or not viewer.is_admin:
            return [None] * len(keys)
        await self.reads.log_access(insert_looks, **look_values(keys))
        rows = {row.id: row for row in await self.reads.rows(managed_users_by_id, ids=keys)}
        return [rows.get(id) for id in keys]


class ManagedUserLoaders(LoaderGroup):
    @cached_property
    def user_by_id(self) -> ManagedUserById:
        return ManagedUserById(self.reads, self._running)
