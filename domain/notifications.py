"""Kinds of notifications, and the channels by which they are sent."""

from collections.abc import Mapping
from datetime import time, timedelta
from enum import StrEnum


class NotificationKind(StrEnum):
    """What a notification is about."""

    WELCOME = "WELCOME"
    EXPORT_READY = "EXPORT_READY"
    IMPORT_READY = "IMPORT_READY"
    TEXTBOOK_READY = "TEXTBOOK_READY"
    ASSIGNMENT = "ASSIGNMENT"
    STREAK_AT_RISK = "STREAK_AT_RISK"
    REPORT_RESOLVED = "REPORT_RESOLVED"


class NotificationChannel(StrEnum):
    """IN_APP: the list of notifications and the subscription."""

    IN_APP = "IN_APP"
    EMAIL = "EMAIL"


_EVERYWHERE = frozenset(NotificationChannel)
_IN_APP = frozenset((NotificationChannel.IN_APP,))

# By e-mail only what starts without the learner, who waits for the results of their own jobs.
DEFAULT_CHANNELS: Mapping[NotificationKind, frozenset[NotificationChannel]] = {
    NotificationKind.WELCOME: _EVERYWHERE,
    NotificationKind.EXPORT_READY: _IN_APP,
    NotificationKind.IMPORT_READY: _IN_APP,
    NotificationKind.TEXTBOOK_READY: _IN_APP,
    NotificationKind.ASSIGNMENT: _EVERYWHERE,
    NotificationKind.STREAK_AT_RISK: _IN_APP,
    NotificationKind.REPORT_RESOLVED: _IN_APP,
}

# The local times between which learners are reminded of a streak, and its minimum length in days.
EVENING = time(19), time(22)
MIN_STREAK = 3

NOTIFICATION_RETENTION = timedelta(days=90)
# Of one request.
MAX_MARKED = 100
# Of one event of the subscription: a client that is further behind reads the list.
MAX_NEW = 50
