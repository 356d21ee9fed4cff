"""Who asks."""

from dataclasses import dataclass
from uuid import UUID

from domain.enums import Role

_RANKS = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person. `None` stands for nobody everywhere that a viewer is optional."""

    id: UUID
    role: Role

    def has_role(self, role: Role) -> bool:
        """Whether they have it, or one that may do more."""
        return _RANKS[self.role] >= _RANKS[role]

    @property
    def client_id(self) -> str:
        """By which they are counted where something is limited for each client."""
        return f"viewer:{self.id}"

    @property
    def is_editor(self) -> bool:
        """Editors see what is not published; administrators are editors."""
        return self.has_role(Role.EDITOR)

    @property
    def is_admin(self) -> bool:
        return self.has_role(Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The figures of a learner, an object of their own in the API. `id`: the learner's."""

    id: UUID
