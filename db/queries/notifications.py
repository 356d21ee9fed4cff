"""Queries for the viewer's notifications and preferences."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import CountRow, PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.notifications import notification_preferences, notifications
from domain.ids import AssignmentId, JobId, NotificationId, TextbookId
from domain.notifications import NotificationChannel, NotificationKind


class NotificationRow(Row):
    """A notification, with the ids of what it is about."""

    __slots__ = ()
    id: NotificationId
    kind: NotificationKind
    job_id: JobId | None
    textbook_id: TextbookId | None
    assignment_id: AssignmentId | None
    streak_days: int | None
    read_at: datetime | None
    created_at: datetime


class NewestNotificationRow(NotificationRow):
    """A notification, with the number of unread ones in the same snapshot."""

    __slots__ = ()
    unread_count: int


class PreferenceRow(Row):
    """A preference that differs from the default, or did."""

    __slots__ = ()
    kind: NotificationKind
    channel: NotificationChannel
    is_enabled: bool


own_notifications = select(*row_columns(notifications, NotificationRow)).where(
    notifications.c.user_id == VIEWER_ID, notifications.c.in_app
)
_newest_first = Ordering("notification", (notifications.c.id,), descending=True)

notifications_by_id = Query(own_notifications.where(any_of(notifications.c.id, IDS)), NotificationRow, rls_scoped=True)
# Newest first. Parameter: limit.
_unread = select(func.count().label("count")).where(
    notifications.c.user_id == VIEWER_ID, notifications.c.in_app, notifications.c.read_at.is_(None)
)
newest_notifications = Query(
    own_notifications.add_columns(_unread.scalar_subquery().label("unread_count"))
    .order_by(notifications.c.id.desc())
    .limit(bindparam("limit", type_=Integer)),
    NewestNotificationRow,
    rls_scoped=True,
)
unread_count = Query(_unread, CountRow, rls_scoped=True)
own_preferences = Query(
    select(*row_columns(notification_preferences, PreferenceRow)).where(
        notification_preferences.c.user_id == VIEWER_ID
    ),
    PreferenceRow,
    rls_scoped=True,
)


@dataclass
class NotificationFilter(ListFilter):
    """Filters of the list of notifications."""

    unread: bool | None = filter_field(
        Filter(
            "True: unread notifications only. False: read ones only.",
            lambda table, unread: table.c.read_at.is_(None) if unread else table.c.read_at.is_not(None),
        )
    )
    kinds: list[NotificationKind] | None = filter_field(
        Filter(
            "Filter by kind.",
            lambda table, kinds: any_of(table.c.kind, kinds),
            ARRAY(Text),
            lambda _, kinds: list(dict.fromkeys(kind.value for kind in kinds)),
        )
    )


@cache_by_variant
def paged_notifications(filter: NotificationFilter) -> PagedQuery[NotificationRow]:
    """The viewer's notifications, newest first. Parameters: those of the filter, and viewer_id."""
    return PagedQuery(filter.apply(own_notifications, notifications), _newest_first, NotificationRow, rls_scoped=True)
