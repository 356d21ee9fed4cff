"""Who asks."""

from dataclasses import dataclass
from uuid import UUID

from domain.values import Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person. `None` stands for nobody everywhere that a viewer is optional."""

    id: UUID
    role: Role

    def has_role(self, role: Role) -> bool:
        """Whether they have it, or one that may do more."""
        roles = list(Role)
        return roles.index(self.role) >= roles.index(role)

    @property
    def is_editor(self) -> bool:
        """Editors see what is not published; administrators are editors."""
        return self.has_role(Role.EDITOR)

    @property
    def is_admin(self) -> bool:
        return self.has_role(Role.ADMIN)
