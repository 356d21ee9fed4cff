"""Groups and notifications."""

from domain.groups import GroupRole
from domain.notifications import NotificationChannel, NotificationKind
from schema.enum_descriptions import describe_enum

describe_enum(
    GroupRole,
    "Roles in a group.",
    TEACHER="Manages the group, assigns, and sees the progress of learners who share it.",
    LEARNER="Sees teachers and assignments.",
)
describe_enum(
    NotificationKind,
    "What a notification is about.",
    WELCOME="The learner signed in for the first time.",
    EXPORT_READY="An exported file can be downloaded.",
    IMPORT_READY="An import is complete.",
    TEXTBOOK_READY="A textbook was generated.",
    ASSIGNMENT="A teacher assigned something.",
    STREAK_AT_RISK="The streak ends today unless the learner studies.",
    REPORT_RESOLVED="An editor accepted or rejected a report of the learner.",
)
describe_enum(
    NotificationChannel,
    "How a notification is sent.",
    IN_APP="In `Viewer.notifications` and by the subscription.",
    EMAIL="To the email address that the identity provider states, if it is verified.",
)
