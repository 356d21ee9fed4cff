"""Loaders of users."""

from functools import cached_property

from db.queries import users
from db.queries.users import AccountRow, StudySettingsRow, UserRow
from domain.ids import UserId
from loaders.base import LoaderGroup, OneByKey, OwnByKey


class UserLoaders(LoaderGroup):
    @cached_property
    def user_by_id(self) -> OneByKey[UserId, UserRow]:
        return self.one(users.users_by_id)

    @cached_property
    def account_by_id(self) -> OwnByKey[UserId, AccountRow]:
        """Loads only the viewer's account."""
        return self.own(users.accounts_by_id)

    @cached_property
    def settings_by_user_id(self) -> OwnByKey[UserId, StudySettingsRow]:
        """Loads only the viewer's settings."""
        return self.own(users.settings_by_user_id, "user_id")
