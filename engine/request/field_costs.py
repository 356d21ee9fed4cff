"""The cost of each field, declared by `@cost` and `@listSize` of IBM's GraphQL Cost Directives specification.

An object costs 1 and a leaf 0, unless `@cost` gives its type another weight; an item of a list of leaves costs at least
1. The weight of a field and of its arguments' values is added each time the field is resolved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from engine.request.input_weights import InputWeight, InputWeights
from engine.request.introspection_costs import IntrospectionSizes


@dataclass(frozen=True, slots=True)
class ListSize:
    """The arguments of `@listSize`, with the specification's names.

    A slicing argument is the name of an argument, or a path into an input object such as `input.reviews`. Its size is
    the value of an integer, or the length of a list.
    """

    assumed_size: int | None = None
    slicing_arguments: tuple[str, ...] = ()
    sized_fields: tuple[str, ...] = ()
    require_one_slicing_argument: bool = True


# Elements that can have `@cost`.
Weighted = GraphQLField | GraphQLNamedType | GraphQLArgument | GraphQLInputField


class CostDirectives(Protocol):
    """Reads the directives of a schema. None if an element has none."""

    def weight_of(self, element: Weighted) -> int | None: ...

    def list_size_of(self, field: GraphQLField) -> ListSize | None: ...


@dataclass(frozen=True, slots=True)
class Slice:
    """A slicing argument. `default`: the size if it is null or omitted. `is_nested`: it is a list of lists."""

    path: tuple[str, ...]
    default: int | None
    is_list: bool
    is_nested: bool


@dataclass(frozen=True, slots=True)
class FieldCost:
    """The cost of a field.

    `weight`: each time it is resolved. `item_weight`: of each leaf item. `types`: possible object types with their
    weights. `sized_fields`: those below whose size is given by this field's arguments. `inputs`: arguments whose values
    have a weight.
    """

    weight: int
    item_weight: int
    types: tuple[tuple[GraphQLObjectType, int], ...]
    is_list: bool
    assumed_size: int | Fraction | None
    slices: tuple[Slice, ...]
    sized_fields: tuple[str, ...]
    inputs: Mapping[str, InputWeight]


class FieldCosts:
    """The costs of all fields of a schema.

    `max_size`: no field accepts a larger slicing argument, so larger ones count as this. Raises ValueError for a list
    without a size, and for invalid directives.
    """

    def __init__(self, schema: GraphQLSchema, directives: CostDirectives, *, max_size: int) -> None:
        self.schema = schema
        self.max_size = max_size
        self.introspection = IntrospectionSizes(schema)
        self._directives = directives
        self._input_weights = InputWeights(directives.weight_of)
        self._costs: dict[tuple[str, str], FieldCost] = {}
        for type_, name, field in _fields(schema):
            self._costs[type_.name, name] = self._cost(f"{type_.name}.{name}", field)
        unsized = sorted(self._unsized())
        if unsized:
            raise ValueError(f"Lists without @listSize: {', '.join(unsized)}.")

    def of(self, type_: GraphQLObjectType, name: str) -> FieldCost | None:
        """None for a leaf without cost, such as `__typename`."""
        found = self._costs.get((type_.name, name))
        if found is None:
            field = self.schema.get_field(type_, name)
            if field is None or name == "__typename":
                return None
            # Introspection: `__schema`, `__type` and fields below them.
            found = self._costs[type_.name, name] = self._cost(f"{type_.name}.{name}", field)
        return found

    def _cost(self, coordinate: str, field: GraphQLField) -> FieldCost:
        named = get_named_type(field.type)
        type_: Any = get_nullable_type(field.type)
        is_list = is_list_type(type_)
        if is_list and is_list_type(get_nullable_type(type_.of_type)):
            raise ValueError(f"{coordinate}: @listSize does not support lists of lists.")
        size = self._directives.list_size_of(field) or ListSize()
        slices = tuple(_slice(coordinate, field, path) for path in size.slicing_arguments)
        self._check(coordinate, field, size, slices, is_list=is_list)
        return FieldCost(
            weight=self._directives.weight_of(field) or 0,
            item_weight=max(self._directives.weight_of(named) or 0, 1 if is_list else 0),
            types=tuple((possible, self._object_weight(possible)) for possible in self._possible(named)),
            is_list=is_list,
            assumed_size=size.assumed_size,
            slices=slices,
            sized_fields=tuple(sorted(size.sized_fields)),
            inputs=dict(self._inputs(field)),
        )

    def _inputs(self, field: GraphQLField) -> Iterator[tuple[str, InputWeight]]:
        for name, argument in field.args.items():
            weight = self._input_weights.of(argument)
            if weight is not None:
                yield name, weight

    def _object_weight(self, type_: GraphQLObjectType) -> int:
        weight = self._directives.weight_of(type_)
        return 1 if weight is None else weight

    def _possible(self, named: GraphQLNamedType) -> list[GraphQLObjectType]:
        if is_object_type(named):
            return [named]
        return list(self.schema.get_possible_types(named)) if is_abstract_type(named) else []

    def _check(
        self, coordinate: str, field: GraphQLField, size: ListSize, slices: tuple[Slice, ...], *, is_list: bool
    ) -> None:
        if size == ListSize():
            return
        fields = getattr(get_named_type(field.type), "fields", {})
        for name in size.sized_fields:
            if name not in fields or not is_list_type(get_nullable_type(fields[name].type)):
                raise ValueError(f"{coordinate}: @listSize has the sized field {name}, which is not a list below it.")
        if not is_list and not size.sized_fields:
            raise ValueError(f"{coordinate} is not a list, and @listSize names no sized fields.")
        if size.assumed_size is not None and size.assumed_size < 0:
            raise ValueError(f"{coordinate}: the assumed size {size.assumed_size} is negative.")
        has_value = [one.default is not None or self._is_required(field, one) for one in slices]
        if slices and size.require_one_slicing_argument and has_value != [True]:
            raise ValueError(f"{coordinate}: one slicing argument is required by @listSize, and not by its type.")
        if size.assumed_size is None and not any(has_value):
            raise ValueError(f"{coordinate}: @listSize has no assumed size for when no slicing argument is given.")

    @staticmethod
    def _is_required(field: GraphQLField, one: Slice) -> bool:
        return all(is_non_null_type(element.type) for element in _elements(field, one.path))

    def _unsized(self) -> Iterator[str]:
        """Lists that have no size of their own, nor one from every field that leads to their type."""
        sized_by_all: dict[str, set[str]] = {}
        for cost in self._costs.values():
            for possible, _ in cost.types:
                sized_by_all.setdefault(possible.name, set(cost.sized_fields)).intersection_update(cost.sized_fields)
        for (type_name, name), cost in self._costs.items():
            own = cost.assumed_size is not None or cost.slices
            if cost.is_list and not own and name not in sized_by_all.get(type_name, set()):
                yield f"{type_name}.{name}"


def _fields(schema: GraphQLSchema) -> Iterator[tuple[GraphQLObjectType, str, GraphQLField]]:
    for type_ in schema.type_map.values():
        if is_object_type(type_) and not type_.name.startswith("__"):
            for name, field in type_.fields.items():
                yield type_, name, field


def _slice(coordinate: str, field: GraphQLField, path: str) -> Slice:
    names = tuple(path.split("."))
    *_, last = _elements(field, names, coordinate)
    type_: Any = get_nullable_type(last.type)
    is_list = is_list_type(type_)
    if not is_list and get_named_type(type_).name != "Int":
        raise ValueError(f"{coordinate}: the slicing argument {path} is neither an Int nor a list.")
    return Slice(names, _default(last), is_list, is_list and is_list_type(get_nullable_type(type_.of_type)))


def _elements(
    field: GraphQLField, path: tuple[str, ...], coordinate: str = ""
) -> Iterator[GraphQLArgument | GraphQLInputField]:
    """The argument and the input fields along a path."""
    members: dict[str, GraphQLArgument | GraphQLInputField] = dict(field.args)
    for name in path:
        if name not in members:
            raise ValueError(f"{coordinate}: @listSize has the unknown slicing argument {'.'.join(path)}.")
        yield members[name]
        named = get_named_type(members[name].type)
        members = dict(named.fields) if isinstance(named, GraphQLInputObjectType) else {}


def _default(element: GraphQLArgument | GraphQLInputField) -> int | None:
    """The size that a default value stands for."""
    default = element.default
    value: object = element.default_value if default is None else default.value
    if isinstance(value, list):
        return len(value)
    return value if type(value) is int else None
