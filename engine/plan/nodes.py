"""The plan of an operation: what graphql-core finds out anew for every value, found out once.

A plan is a tree. A `Selection` has the fields of one object type, a `PlannedField` answers one response key, and its
`Position` says how values become part of the answer; a list's position has one more for its items.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)

if TYPE_CHECKING:
    from engine.caching.policy import CachedField
    from engine.plan.field_resolvers import Resolution
    from engine.plan.footprint import Footprint
    from engine.run.context import Run

# The place of a value in the answer: the place of what it is in, and its key or index there. None is the answer itself.
# A linked list instead of graphql-core's Path: it costs a tuple, and is made where somebody may need it only.
Path: TypeAlias = "tuple[Path, str | int] | None"

# Answers a selection for an object, or completes a value for a position.
Select: TypeAlias = "Callable[[Any, Run, Path], dict[str, Any]]"
Complete: TypeAlias = "Callable[[Any, Run, Path], Any]"
# Completes items of a list into those that are completed, until it is time to let other tasks run.
Fill: TypeAlias = "Callable[[Any, Run, Path, list[Any]], list[Any]]"

# No more classes than this are remembered, so that a resolver that makes classes does not fill the memory.
MAX_LEARNED = 64


class Kind(Enum):
    """How a value is completed."""

    LEAF = auto()
    OBJECT = auto()
    ABSTRACT = auto()
    LIST = auto()


class Position:
    """A place in the answer that holds one value: of a field, or of the items of a list.

    `type`: without Non-Null. `outer`: the list that it belongs to; None for a field's own. `learned`: classes whose
    instances need no more checks than their class, found out while running.
    """

    __slots__ = ("complete", "field", "fill", "item", "kind", "learned", "non_null", "outer", "selections", "type")

    def __init__(
        self, field: "PlannedField", outer: "Position | None", type_: GraphQLOutputType, *, non_null: bool, kind: Kind
    ) -> None:
        self.field = field
        self.outer = outer
        self.type: Any = type_
        self.non_null = non_null
        self.kind = kind
        self.item: Position | None = None
        self.selections: dict[GraphQLObjectType, Selection] = {}
        self.learned: set[type] = set()
        self.complete: Complete
        self.fill: Fill

    @property
    def parent(self) -> "Position | None":
        """The position that holds what this one is in; None where that is the answer itself."""
        return self.outer or self.field.selection.position

    def learn(self, class_: type) -> None:
        if len(self.learned) < MAX_LEARNED:
            self.learned.add(class_)


class PlannedField:
    """One response key of a selection. `details`: the nodes that ask for it, as graphql-core collects them."""

    __slots__ = ("definition", "details", "key", "name", "nodes", "position", "resolution", "selection")

    def __init__(self, selection: "Selection", key: str, definition: GraphQLField, details: list[Any]) -> None:
        self.selection = selection
        self.key = key
        self.definition = definition
        self.details = details
        self.nodes: list[FieldNode] = [detail.node for detail in details]
        self.name = self.nodes[0].name.value
        self.position: Position
        self.resolution: Resolution | CachedField


class Selection:
    """The fields of one object type at one position; `position` is None for the operation's root."""

    __slots__ = ("fields", "plan", "position", "select", "type")

    def __init__(self, plan: "Plan", type_: GraphQLObjectType, position: Position | None) -> None:
        self.plan = plan
        self.type = type_
        self.position = position
        self.fields: list[PlannedField] = []
        self.select: Select


class Plan:
    """An operation for one combination of the variables of its @skip and @include.

    `grow`: makes the selection for an object type at a position of abstract type, where it first turns up.
    `footprint`: is told what selections and generated functions take. `field_count`: of all selections.
    """

    __slots__ = ("field_count", "field_resolver", "footprint", "fragments", "grow", "info_class", "is_serial",
                 "operation", "root", "runs", "schema", "strawberry", "type_resolver")  # fmt: skip

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        *,
        field_resolver: Callable[..., Any],
        type_resolver: Callable[..., Any],
        info_class: type | None,
        footprint: "Footprint",
    ) -> None:
        self.schema = schema
        self.operation = operation
        self.fragments = fragments
        self.field_resolver = field_resolver
        self.type_resolver = type_resolver
        self.info_class = info_class
        self.footprint = footprint
        self.strawberry: Any = getattr(schema, "_strawberry_schema", None)
        self.is_serial = operation.operation is OperationType.MUTATION
        self.runs = 0
        self.field_count = 0
        self.root: Selection
        self.grow: Callable[[Position, GraphQLObjectType], Selection]


def with_all_below(selection: Selection) -> list[Selection]:
    """A selection and those that are planned below it, parents first."""
    found = [selection]
    for one in found:
        for field in one.fields:
            found.extend(innermost(field.position).selections.values())
    return found


def innermost(position: Position) -> Position:
    """Of the lists in lists of a field, the position of what they hold."""
    while position.item is not None:
        position = position.item
    return position


def keys_of(path: Path) -> list[str | int]:
    """As errors write paths."""
    keys: list[str | int] = []
    while path is not None:
        path, key = path
        keys.append(key)
    keys.reverse()
    return keys
