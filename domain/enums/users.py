"""Users."""

from enum import StrEnum


class Role(StrEnum):
    """Roles, lowest first. A role includes the permissions of those before it."""

    LEARNER = "learner"
    EDITOR = "editor"
    ADMIN = "admin"


class UserOrder(StrEnum):
    """Sort orders of the administrators' list of users."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
    LAST_ACTIVE = "LAST_ACTIVE"
    NAME = "NAME"
    EMAIL = "EMAIL"
