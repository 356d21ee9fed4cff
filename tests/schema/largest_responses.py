"""Responses as large as the schema declares, with the cost of what is resolved for them.

Written independently of the engine: graphql-core executes the operation on a schema without resolvers, and each field
adds the weights of its directives when it is resolved.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    build_schema,
    execute_sync,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_enum_type,
    is_list_type,
    print_schema,
)

from schema import schema
from schema.costs import DeclaredCosts

# Of all lists of a response together. Those beyond it have one item.
MAX_ITEMS = 200
DIRECTIVES = DeclaredCosts()
DECLARED = schema._schema
WITHOUT_RESOLVERS = build_schema(print_schema(DECLARED), assume_valid=True)
LEAVES = {"Int": 1, "Float": 1.5, "Boolean": True}


class Object(dict[str, int]):
    """An object of a response. Its items are the sizes of lists in it that arguments of the field above give."""

    def __init__(self, type_: str, sizes: Mapping[str, int]) -> None:
        super().__init__(sizes)
        self.type = type_


class LargestResponse:
    """`cost`: of the resolved fields and their values. Objects of abstract types are of random ones."""

    def __init__(self, document: DocumentNode, variables: dict[str, Any], random: Random) -> None:
        self.cost = 0
        self._random = random
        self._left = MAX_ITEMS
        result: Any = execute_sync(
            WITHOUT_RESOLVERS,
            document,
            variable_values=variables,
            field_resolver=self._resolve,
            type_resolver=lambda value, *_: value.type,
        )
        self.errors: list[GraphQLError] | None = result.errors
        self.data: dict[str, Any] = result.data or {}

    def _resolve(self, source: Object | None, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        parent = DECLARED.type_map[info.parent_type.name]
        assert isinstance(parent, GraphQLObjectType)
        field = parent.fields[info.field_name]
        self.cost += DIRECTIVES.weight_of(field) or 0
        declared = DIRECTIVES.list_size_of(field)
        size = None if declared is None else size_of(field, arguments)
        sizes = {} if declared is None or size is None else dict.fromkeys(declared.sized_fields, size)
        named: Any = get_named_type(field.type)
        if not is_list_type(get_nullable_type(field.type)):
            return self._value(named, sizes, 0)
        if source is not None and info.field_name in source:
            size = source[info.field_name]
        assert size is not None, f"{parent.name}.{info.field_name} has no size."
        number = max(0, min(size, max(self._left, 1)))
        self._left -= number
        return [self._value(named, sizes, 1) for _ in range(number)]

    def _value(self, named: Any, sizes: Mapping[str, int], least: int) -> Any:
        """A value, which costs at least this much."""
        type_ = self._random.choice(DECLARED.get_possible_types(named)) if is_abstract_type(named) else named
        weight = DIRECTIVES.weight_of(type_)
        if is_composite_type(named):
            self.cost += 1 if weight is None else weight
            return Object(type_.name, sizes)
        self.cost += max(weight or 0, least)
        return next(iter(named.values)) if is_enum_type(named) else LEAVES.get(named.name, "text")


def size_of(field: GraphQLField, arguments: dict[str, Any]) -> int | None:
    """The largest slicing argument, or the assumed size."""
    declared = DIRECTIVES.list_size_of(field)
    assert declared is not None
    # Defaults are as they are in the schema, also in place of null.
    values = {name: _default(field.args[name]) if value is None else value for name, value in arguments.items()}
    found = [_at(values, path.split(".")) for path in declared.slicing_arguments]
    sizes = [len(value) if isinstance(value, list) else value for value in found if value is not None]
    return max(sizes) if sizes else declared.assumed_size


def _default(argument: GraphQLArgument) -> Any:
    return argument.default_value if argument.default is None else argument.default.value


def _at(value: Any, path: list[str]) -> Any:
    """The value at a path of keys; those of all items of lists."""
    if not path or value is None:
        return value
    if isinstance(value, list):
        return [one for item in value for one in _at(item, path) or ()]
    return _at(value.get(path[0]), path[1:])
