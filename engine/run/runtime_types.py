"""Resolves the object types of values at positions of abstract type."""

from graphql import GraphQLError, GraphQLNamedType, GraphQLObjectType, GraphQLSchema, is_object_type
from graphql.pyutils import inspect

from engine.nodes import ResponsePosition


def resolve_runtime_type(
    position: ResponsePosition, name: object, value: object, schema: GraphQLSchema
) -> GraphQLObjectType:
    """The object type of that name. Raises GraphQLError if it is none of the abstract type's."""
    abstract, field = position.type, position.field
    place = f"for field '{field.parent_type}.{field.name}'"
    problem: str | None = None
    type_: GraphQLNamedType | None = None
    if name is None:
        problem = (
            f"Abstract type '{abstract}' must resolve to an Object type at runtime {place}. Either the '{abstract}' "
            "type should provide a 'resolve_type' function or each possible type should provide an 'is_type_of' "
            "function."
        )
    elif not isinstance(name, str):
        problem = (
            f"Abstract type '{abstract}' must resolve to an Object type at runtime {place} with value "
            f"{inspect(value)}, received '{inspect(name)}', which is not a valid Object type name."
        )
    elif (type_ := schema.get_type(name)) is None:
        problem = f"Abstract type '{abstract}' was resolved to a type '{name}' that does not exist inside the schema."
    elif not is_object_type(type_):
        problem = f"Abstract type '{abstract}' was resolved to a non-object type '{name}'."
    elif not schema.is_sub_type(abstract, type_):
        problem = f"Runtime Object type '{type_}' is not a possible type for '{abstract}'."
    if problem is not None:
        raise GraphQLError(problem, field.nodes)
    assert is_object_type(type_)
    return type_
