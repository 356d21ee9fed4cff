"""Loaders of the viewer's notifications."""

from functools import cached_property

from db.queries.notifications import NotificationRow, notifications_by_id
from domain.ids import NotificationId
from loaders.base import LoaderGroup, OwnByKey


class NotificationLoaders(LoaderGroup):
    @cached_property
    def notification_by_id(self) -> OwnByKey[NotificationId, NotificationRow]:
        return self.own(notifications_by_id)
