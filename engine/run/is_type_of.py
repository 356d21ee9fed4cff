"""Type checks that depend on the class of an object only, so that each class is checked once."""

from graphql import GraphQLObjectType


class InstanceOf:
    """An `is_type_of` function: whether a value is an instance of one of the classes."""

    def __init__(self, *classes: type) -> None:
        self.classes = classes

    def __call__(self, value: object, _info: object) -> bool:
        return isinstance(value, self.classes)


def depends_on_class(type_: GraphQLObjectType) -> bool:
    """Whether the check gives the same result for all instances of a class."""
    return type_.is_type_of is None or isinstance(type_.is_type_of, InstanceOf)
