"""Required roles of mutations."""

from typing import Any

import strawberry
from strawberry.permission import BasePermission, PermissionExtension
from strawberry.schema_directive import Location

from domain.enums import Role
from domain.errors import Forbidden
from resolvers.context import Info


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="Role required to call the field.",
)
class Requires:
    role: Role = strawberry.directive_field(name="role")


class _Permission(BasePermission):
    def __init__(self, role: Role) -> None:
        self._role = role
        self._requires = Requires(role=role)

    @property
    def schema_directive(self) -> object:
        return self._requires

    def has_permission(self, source: Any, info: Info, **_: Any) -> bool:
        """Raises Unauthenticated for an anonymous request, and Forbidden for an insufficient role."""
        if not info.context.require_viewer().has_role(self._role):
            raise Forbidden(f"The role {self._role.value} is required.")
        return True


def requires(role: Role) -> PermissionExtension:
    """The `@requires` directive and the check of a field."""
    return PermissionExtension(permissions=[_Permission(role)])
