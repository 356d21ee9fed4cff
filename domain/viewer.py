"""The viewer: the authenticated user of a request."""

from dataclasses import dataclass

from domain.enums import Role
from domain.ids import UserId

_RANKS = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Viewer:
    """An authenticated user. An optional viewer is None for an anonymous request."""

    id: UserId
    role: Role

    def has_role(self, role: Role) -> bool:
        """Whether the viewer has this role or a higher one."""
        return _RANKS[self.role] >= _RANKS[role]

    @property
    def client_id(self) -> str:
        """The key of the viewer in rate limits."""
        return f"viewer:{self.id}"

    @property
    def is_editor(self) -> bool:
        """Editors see unpublished content; administrators are editors."""
        return self.has_role(Role.EDITOR)

    @property
    def is_admin(self) -> bool:
        return self.has_role(Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The dashboard of a learner. `id`: the learner's."""

    id: UserId
