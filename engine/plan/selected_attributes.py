"""Which attributes of objects a selection reads, so that a resolver can omit the columns of others."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from engine.nodes import FieldPlan, FieldResolver, SelectionPlan, TypeKind, item_position_of
from engine.plan.cached_fields import HoleResolver
from engine.plan.field_resolvers import AttributeResolver, FunctionResolver, TypenameResolver
from engine.run.loader_resolver import LoaderResolver

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])

# Names of fields, from an object to objects below it.
FieldPath = tuple[str, ...]


def reads_attributes(*names: str) -> Callable[[FunctionT], FunctionT]:
    """Declare the attributes of its parent that a resolver reads."""

    def declare(function: FunctionT) -> FunctionT:
        vars(function)["reads_attributes"] = frozenset(names)
        return function

    return declare


def selected_attributes(
    info: Any, paths: Iterable[FieldPath], by_field: Mapping[str, str] = MappingProxyType({})
) -> frozenset[str] | None:
    """Return the attributes that the operation reads of the objects at the paths below the field of a resolver.

    `by_field`: attributes by fields of the object itself, which are read if those are selected. A resolver passes the
    same arguments in all calls. None if the attributes are unknown: a resolver without `reads_attributes` reads the
    objects, or graphql-core executes the operation.
    """
    field: FieldPlan | None = getattr(info, "field_plan", None)
    if field is None:
        return None
    if field.attributes is FieldPlan.UNKNOWN_ATTRIBUTES:
        field.attributes = _attributes_at(field, paths, by_field)
    return field.attributes


def _attributes_at(field: FieldPlan, paths: Iterable[FieldPath], by_field: Mapping[str, str]) -> frozenset[str] | None:
    found: set[str] = set()
    if by_field:
        names = {selected.name for selection in _selections_at(field, ()) for selected in selection.fields}
        found = {attribute for name, attribute in by_field.items() if name in names}
    for path in paths:
        for selection in _selections_at(field, path):
            for selected in selection.fields:
                attributes = _attributes_of(selected.resolver)
                if attributes is None:
                    return None
                found |= attributes
    return frozenset(found)


def _selections_at(field: FieldPlan, path: FieldPath) -> Iterable[SelectionPlan]:
    position = item_position_of(field.position)
    if position.kind is not TypeKind.OBJECT:
        raise TypeError(f"{field.name} is not a field of objects of one type")
    selection = position.selections[position.type]
    if not path:
        yield selection
        return
    name, *rest = path
    for selected in selection.fields:
        if selected.name == name:
            yield from _selections_at(selected, tuple(rest))


def _attributes_of(resolver: FieldResolver) -> frozenset[str] | None:
    if isinstance(resolver, TypenameResolver):
        return frozenset()
    if isinstance(resolver, AttributeResolver):
        return frozenset((resolver.name,))
    if isinstance(resolver, LoaderResolver):
        attributes, column = _attributes_of(resolver.key), resolver.declared.column
        return attributes if column is None or attributes is None else attributes | {column}
    if isinstance(resolver, HoleResolver):
        return frozenset() if resolver.key is None else _attributes_of(resolver.key)
    if isinstance(resolver, FunctionResolver):
        return getattr(resolver.function, "reads_attributes", None)
    return None
