"""The viewer: the authenticated user of a request."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.enums import Role
from domain.ids import UserId

_RANKS = {role: rank for rank, role in enumerate(Role)}


def includes_role(role: Role, required: Role) -> bool:
    """Whether a role is the required one or a higher one."""
    return _RANKS[role] >= _RANKS[required]


@dataclass(frozen=True, slots=True)
class Viewer:
    """An authenticated user. An optional viewer is None for an anonymous request.

    `client_id`: the key of the viewer in rate limits.
    """

    id: UserId
    role: Role
    client_id: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "client_id", f"viewer:{self.id}")

    def has_role(self, role: Role) -> bool:
        """Whether the viewer has this role or a higher one."""
        return includes_role(self.role, role)

    @property
    def is_editor(self) -> bool:
        """Editors see unpublished content; administrators are editors."""
        return self.has_role(Role.EDITOR)

    @property
    def is_admin(self) -> bool:
        return self.has_role(Role.ADMIN)


# The server itself, where it reads and writes what only administrators may.
ADMINISTRATOR = Viewer(UserId(UUID(int=0)), Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The dashboard of a learner. `id`: the learner's."""

    id: UserId
