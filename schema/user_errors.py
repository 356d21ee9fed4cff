"""User-correctable errors."""

import strawberry

from domain.user_errors import UserErrorCode
from schema import list_sizes
from schema.directives import Cost


@strawberry.type(description="A user-correctable error in the input.")
class UserError:
    code: UserErrorCode = strawberry.field(description="Error code.")
    message: str = strawberry.field(
        description="Human-readable message that names the value.", directives=[Cost(weight="3")]
    )
    path: list[str] = strawberry.field(
        description='Path of the value in the input, such as ["reviews", "3", "quality"].',
        directives=[list_sizes.ERROR_PATH],
    )
