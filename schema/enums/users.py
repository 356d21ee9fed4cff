"""Users."""

from domain.enums import Role, UserOrder
from schema.enum_descriptions import describe_enum

describe_enum(
    UserOrder,
    "Sort orders of users.",
    NEWEST="Newest first.",
    OLDEST="Oldest first.",
    LAST_ACTIVE="Most recently active first.",
    NAME="By display name.",
    EMAIL="By email address.",
)
describe_enum(
    Role,
    "Roles, lowest first. A role includes the permissions of those before it.",
    LEARNER="Any authenticated user.",
    EDITOR="Views and edits books and public textbooks.",
    ADMIN="Manages the platform.",
)
