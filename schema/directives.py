"""What the schema declares about a field beside its type."""

import strawberry
from graphql import GraphQLField
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="What a field adds to an operation's cost; a list multiplies by the size asked for.",
)
class Cost:
    weight: int = strawberry.directive_field(name="weight")


def weight_of(field: GraphQLField) -> int:
    """What a field itself adds to an operation's cost: 1 unless `@cost` says otherwise."""
    definition = field.extensions.get("strawberry-definition")
    directives = definition.directives if definition is not None else ()
    return next((directive.weight for directive in directives if isinstance(directive, Cost)), 1)
