"""Type conditions of fragments."""

from graphql import GraphQLObjectType, GraphQLSchema, NamedTypeNode, is_abstract_type


def applies_to(condition: NamedTypeNode | None, type_: GraphQLObjectType, schema: GraphQLSchema) -> bool:
    """Whether a fragment with this type condition selects fields of objects of the type; None is no condition."""
    if condition is None or condition.name.value == type_.name:
        return True
    named = schema.get_type(condition.name.value)
    return is_abstract_type(named) and schema.is_sub_type(named, type_)
