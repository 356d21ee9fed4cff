"""The object types of the schema, for tests that walk over it."""

from graphql import GraphQLObjectType

from schema import schema


def object_type(name: str) -> GraphQLObjectType:
    """Raises TypeError if the schema has no object type of this name."""
    type_ = schema._schema.type_map.get(name)
    if not isinstance(type_, GraphQLObjectType):
        raise TypeError(f"{name} is not an object type.")
    return type_


QUERY, MUTATION, SUBSCRIPTION = (object_type(name) for name in ("Query", "Mutation", "Subscription"))
