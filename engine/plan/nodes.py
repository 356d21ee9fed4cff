"""The nodes of a plan: what graphql-core determines for every value again, determined once for an operation.

A plan is a tree. A `Selection` has the fields of one object type, a `PlannedField` resolves one response key, and its
`Position` completes the field's values; the position of a list has another one for its items. Nodes are complete when
they are constructed. A run changes nothing of them but caches: object types and classes that it meets.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple, Protocol, TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)

from engine.loading.loader_field import LoaderField
from engine.plan.footprint import Footprint

# The path of a value in the response: that of its parent, and its key or index there. None is the response itself.
# A linked list instead of graphql-core's Path: it costs a tuple, and is built only where it may be needed.
Path: TypeAlias = "tuple[Path, str | int] | None"

# They take a value, the run and the value's path. The run is no type of this module, as it refers to nodes.
Select: TypeAlias = Callable[[Any, Any, Path], dict[str, Any]]
Complete: TypeAlias = Callable[[Any, Any, Path], Any]
# Completes items of a list and appends them to those before, until it is time to yield to other tasks.
Fill: TypeAlias = Callable[[Any, Any, Path, list[Any]], list[Any]]

# The maximum number of classes that a position remembers, so that resolvers that create classes do not fill the memory.
MAX_LEARNED = 64


class Resolution(Protocol):
    """Resolves a field's value. `run` is the run of the plan, see `engine.run.context`."""

    def value(self, source: Any, run: Any, field: "PlannedField", path: Path) -> Any: ...


class NodeFunctions(NamedTuple):
    """Builds the functions of nodes, until generated code replaces them."""

    select: Callable[["Selection"], Select]
    complete: Callable[["Position"], Complete]
    fill: Callable[["Position"], Fill]


class Kind(Enum):
    """How a value is completed."""

    LEAF = auto()
    OBJECT = auto()
    ABSTRACT = auto()
    LIST = auto()


class Position:
    """A position in the response that holds one value: of a field, or of the items of a list.

    `type`: without Non-Null. `outer`: the list that it belongs to; None for a field's own. `selections`: by object
    type; that of an abstract type's are planned when a run first meets them. `learned`: classes whose instances need
    no more checks than of their class.
    """

    __slots__ = ("complete", "field", "fill", "item", "kind", "learned", "non_null", "outer", "selections", "type")

    def __init__(
        self,
        field: "PlannedField",
        type_: GraphQLOutputType,
        functions: NodeFunctions,
        outer: "Position | None" = None,
    ) -> None:
        self.field = field
        self.outer = outer
        nullable: Any = get_nullable_type(type_)
        self.type = nullable
        self.non_null = nullable is not type_
        self.kind = _kind(self.type)
        self.item = Position(field, self.type.of_type, functions, self) if self.kind is Kind.LIST else None
        self.selections: dict[GraphQLObjectType, Selection] = {}
        self.learned: set[type] = set()
        self.complete = functions.complete(self)
        self.fill = _fill_nothing if self.item is None else functions.fill(self)

    @property
    def parent(self) -> "Position | None":
        """The position that holds this one's object or list; None for the response itself."""
        return self.outer or self.field.parent

    def learn(self, class_: type) -> None:
        if len(self.learned) < MAX_LEARNED:
            self.learned.add(class_)


class PlannedField:
    """One response key of a selection.

    `parent`: the position of the object that has the field; None for the root. `details`: the nodes that select it, as
    graphql-core collects them. `loader_field`: if a loader resolves it. `resolution` is replaced for a cached field.
    """

    __slots__ = (
        "definition", "details", "key", "loader_field", "name", "nodes", "parent", "parent_type", "position",
        "resolution",
    )  # fmt: skip

    def __init__(
        self,
        parent_type: GraphQLObjectType,
        parent: Position | None,
        key: str,
        definition: GraphQLField,
        details: Sequence[Any],
        resolution: Resolution,
        loader_field: LoaderField[Any] | None,
        functions: NodeFunctions,
    ) -> None:
        self.parent_type = parent_type
        self.parent = parent
        self.key = key
        self.definition = definition
        self.details = details
        self.nodes: list[FieldNode] = [detail.node for detail in details]
        self.name = self.nodes[0].name.value
        self.resolution = resolution
        self.loader_field = loader_field
        self.position = Position(self, definition.type, functions)


class Selection:
    """The fields of one object type at one position."""

    __slots__ = ("fields", "select", "type")

    def __init__(self, type_: GraphQLObjectType, fields: Sequence[PlannedField], functions: NodeFunctions) -> None:
        self.type = type_
        self.fields = fields
        self.select = functions.select(self)


class PlanSource(NamedTuple):
    """What a plan is made from. `strawberry`: Strawberry's schema, if it built the schema."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    field_resolver: Callable[..., Any]
    type_resolver: Callable[..., Any]
    strawberry: Any
    info_class: type | None


class Plan:
    """An operation for one combination of the variables of its @skip and @include.

    `grow`: plans the selection of an object type at a position of abstract type. `footprint`: counts the memory of
    selections and generated functions. `runs`: how many there were.
    """

    __slots__ = ("footprint", "grow", "is_serial", "root", "runs", "source")

    def __init__(
        self,
        source: PlanSource,
        root: Selection,
        grow: Callable[[Position, GraphQLObjectType], Selection],
        footprint: Footprint,
    ) -> None:
        self.source = source
        self.root = root
        self.grow = grow
        self.footprint = footprint
        self.is_serial = source.operation.operation is OperationType.MUTATION
        self.runs = 0

    @property
    def field_count(self) -> int:
        """Of all selections planned so far."""
        return sum(len(selection.fields) for selection in with_all_below(self.root))


def with_all_below(selection: Selection) -> Iterator[Selection]:
    """A selection and those that are planned below it, parents first."""
    pending = [selection]
    for one in pending:
        yield one
        for field in one.fields:
            pending.extend(innermost(field.position).selections.values())


def innermost(position: Position) -> Position:
    """The position of the items of a list, or of lists in lists; otherwise the position itself."""
    while position.item is not None:
        position = position.item
    return position


def keys_of(path: Path) -> list[str | int]:
    """The path as errors have it."""
    keys: list[str | int] = []
    while path is not None:
        path, key = path
        keys.append(key)
    keys.reverse()
    return keys


def _fill_nothing(_items: object, _run: object, _path: Path, _found: list[Any]) -> list[Any]:
    raise TypeError("The position is not that of a list.")


def _kind(type_: GraphQLOutputType) -> Kind:
    if is_list_type(type_):
        return Kind.LIST
    if is_leaf_type(type_):
        return Kind.LEAF
    return Kind.OBJECT if is_object_type(type_) else Kind.ABSTRACT
