"""Finds what is valid in a document, and likely to be regretted: advice for the developers of clients."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    get_named_type,
    visit,
)

from engine.request.cost_analysis import Limits, OperationCost
from engine.request.deprecation import Deprecation
from engine.request.field_costs import FieldCost, FieldCosts
from engine.request.used_parts import PartsVisitor

# Of a limit; from then on an operation hardly has room for another field, or a larger page.
_LARGE_SHARE = 0.5


class Lint(NamedTuple):
    """`path`: the operation or fragment with response keys. `message`: a sentence."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def find_lints(
    costs: FieldCosts, deprecations: Mapping[str, Deprecation], document: DocumentNode, *, checks_ids: bool = True
) -> Iterator[Lint]:
    """Deprecated parts, lists whose size is not given, and objects without the `id` that normalized caches need.

    `document`: a valid one. Each deprecated part is found once. `checks_ids`: whether clients may have such a cache.
    """
    info = TypeInfo(costs.schema)
    visitor = _LintVisitor(costs, deprecations, document, info, checks_ids=checks_ids)
    visit(document, TypeInfoVisitor(info, visitor))
    yield from visitor.lints


def find_large_shares(name: str, cost: OperationCost, limits: Limits) -> Iterator[Lint]:
    """`name`: of the operation, whose cost is within the limits."""
    for what, found, limit in (("cost", cost.cost, limits.cost), ("depth", cost.depth, limits.depth)):
        if found > _LARGE_SHARE * limit:
            yield Lint(name, f"Its {what} of {found} is more than half of the limit of {limit}.")


class _LintVisitor(PartsVisitor):
    def __init__(
        self,
        costs: FieldCosts,
        deprecations: Mapping[str, Deprecation],
        document: DocumentNode,
        info: TypeInfo,
        *,
        checks_ids: bool,
    ) -> None:
        super().__init__(costs.schema, info)
        self._checks_ids = checks_ids
        self._costs = costs
        self._deprecations = deprecations
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._path: list[str] = []
        self.lints: list[Lint] = []

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        self._path = [node.name.value if node.name else node.operation.value]
        super().enter_operation_definition(node)

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: object) -> None:
        self._path = [f"fragment {node.name.value}"]

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self._path.append((node.alias or node.name).value)
        super().enter_field(node)
        self._check_size(node)
        self._check_id(node)

    def leave_field(self, *_: object) -> None:
        self._path.pop()

    def _add(self, coordinate: str) -> None:
        deprecation = None if coordinate in self.coordinates else self._deprecations.get(coordinate)
        super()._add(coordinate)
        if deprecation is not None:
            self._report(f"{coordinate} is deprecated: {deprecation.reason}")

    def _check_size(self, node: FieldNode) -> None:
        parent = self._info.get_parent_type()
        if parent is None:
            return
        types = [parent] if isinstance(parent, GraphQLObjectType) else self._schema.get_possible_types(parent)
        cost = self._costs.of(types[0], node.name.value) if types else None
        if cost is None or not cost.slices or not self._selects_list(node, cost):
            return
        given = {argument.name.value for argument in node.arguments or ()}
        names = dict.fromkeys(one.path[0] for one in cost.slices)
        if given.isdisjoint(names):
            size = max((one.default or 0 for one in cost.slices), default=0) or cost.assumed_size
            listed = " or ".join(f"`{name}`" for name in names)
            known = f" of {size}" if size else ""
            self._report(f"The list has its default size{known}; give {listed}.")

    def _selects_list(self, node: FieldNode, cost: FieldCost) -> bool:
        """Whether the size matters: of a connection, for instance, only `totalCount` may be selected."""
        if cost.is_list or node.selection_set is None:
            return cost.is_list
        return self._selects(node.selection_set, lambda field: field.name.value in cost.sized_fields, set())

    def _check_id(self, node: FieldNode) -> None:
        type_ = get_named_type(self._info.get_type())
        if (
            not self._checks_ids
            or node.selection_set is None
            or not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        ):
            return
        if "id" in type_.fields and not self._selects(node.selection_set, _is_id, set()):
            self._report(f"`id` of {type_.name} is not selected, by which normalized caches identify it.")

    def _selects(self, selections: SelectionSetNode, is_wanted: Callable[[FieldNode], bool], seen: set[str]) -> bool:
        """Whether a field is selected for any type, also in fragments."""
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                if is_wanted(selection):
                    return True
                continue
            inner: SelectionSetNode | None = None
            if isinstance(selection, InlineFragmentNode):
                inner = selection.selection_set
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                inner = self._fragments[selection.name.value].selection_set
            if inner is not None and self._selects(inner, is_wanted, seen):
                return True
        return False

    def _report(self, message: str) -> None:
        self.lints.append(Lint(" > ".join(self._path), message))


def _is_id(field: FieldNode) -> bool:
    return field.name.value == "id" and field.alias is None


def describe_lints(lints: Collection[Lint], most: int) -> Iterator[str]:
    """A line for each, up to a number of them."""
    for lint in list(lints)[:most]:
        yield str(lint)
    if len(lints) > most:
        yield f"… and {len(lints) - most} more"
