"""Checks of an object's type that depend on nothing but its class, so that each class is checked once."""

from graphql import GraphQLObjectType


class InstanceOf:
    """For `is_type_of`: whether a value is an instance of one of these classes."""

    def __init__(self, *classes: type) -> None:
        self.classes = classes

    def __call__(self, value: object, _info: object) -> bool:
        return isinstance(value, self.classes)


def depends_on_class(type_: GraphQLObjectType) -> bool:
    """Whether all instances of a class are values of the object type as soon as one is."""
    return type_.is_type_of is None or isinstance(type_.is_type_of, InstanceOf)
