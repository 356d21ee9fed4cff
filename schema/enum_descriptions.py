"""Makes an enum of the domain a GraphQL enum."""

from enum import StrEnum

import strawberry
from strawberry.types.enum import has_enum_definition


def describe_enum(enum: type[StrEnum], description: str, **values: str) -> None:
    strawberry.enum(enum, description=description)
    if has_enum_definition(enum):
        for value in enum.__strawberry_definition__.values:
            value.description = values[value.name]
