"""Who asks."""

from dataclasses import dataclass
from uuid import UUID

from domain.values import Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person. `None` stands for nobody everywhere that a viewer is optional."""

    id: UUID
    role: Role

    @property
    def is_editor(self) -> bool:
        """Editors see what is not published; administrators are editors."""
        return self.role is not Role.LEARNER

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN
