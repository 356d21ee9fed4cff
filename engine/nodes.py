"""Plan nodes: what graphql-core determines for every value again, determined once for an operation.

A plan is a tree. A `SelectionPlan` has the fields of one object type, a `FieldPlan` resolves one response key, and its
`ResponsePosition` completes the field's values; the position of a list has another one for its items. Nodes are
complete when constructed. A run adds to their caches only: selections of concrete types, and classes of values.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum, StrEnum, auto
from typing import Any, ClassVar, NamedTuple, Protocol, TypeAlias

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
from graphql.execution.collect_fields import FieldDetails

from engine.footprint import Footprint
from engine.loading.loader_field import LoaderField

# The path of a value in the response: that of its parent, and its key or index there. None is the response itself.
# A linked list instead of graphql-core's Path: it costs a tuple, and is built only where it may be needed.
Path: TypeAlias = "tuple[Path, str | int] | None"

# They take a value, the execution context and the value's path. The context refers to nodes, so nodes cannot name it.
Select: TypeAlias = Callable[[object, Any, Path], dict[str, object]]
Complete: TypeAlias = Callable[[object, Any, Path], object]
# Completes items of a list and appends them, until it is time to yield to other tasks.
Fill: TypeAlias = Callable[[Any, Any, Path, list[object]], list[object]]

# Bounds the classes that a position remembers: a resolver may create new ones for every value.
MAX_KNOWN_TYPES = 64


class FieldResolver(Protocol):
    """Resolves a field's value. `run`: an `engine.run.context.ExecutionContext`."""

    def resolve(self, source: object, run: Any, field: "FieldPlan", path: Path) -> object: ...


class NodeFunctions(NamedTuple):
    """Builds the functions of nodes that interpret the plan, until generated code replaces them."""

    select: Callable[["SelectionPlan"], Select]
    complete: Callable[["ResponsePosition"], Complete]
    fill: Callable[["ResponsePosition"], Fill]


class OnError(StrEnum):
    """What an error of a field sets to null.

    PROPAGATE: the closest nullable position, as the specification defines. NULL: the field itself. HALT: all data.
    """

    PROPAGATE = "PROPAGATE"
    NULL = "NULL"
    HALT = "HALT"


class TypeKind(Enum):
    """How values of a type are completed."""

    LEAF = auto()
    OBJECT = auto()
    ABSTRACT = auto()
    LIST = auto()


class ResponsePosition:
    """A position in the response: of a field, or of the items of a list.

    `propagates`: whether an error here sets its parent to null, too.
    `type`: without Non-Null. `outer`: the position of the list, for its items. `selections`: by object type; those of
    an abstract type are planned when a run first meets them. `known_types`: classes whose instances need no check but
    of their class.
    """

    __slots__ = (
        "complete", "field", "fill", "item", "kind", "known_types", "non_null", "outer", "propagates", "selections",
        "type",
    )  # fmt: skip

    def __init__(
        self,
        field: "FieldPlan",
        type_: GraphQLOutputType,
        functions: NodeFunctions,
        outer: "ResponsePosition | None" = None,
        on_error: OnError = OnError.PROPAGATE,
    ) -> None:
        self.field = field
        self.outer = outer
        nullable: Any = get_nullable_type(type_)
        self.type = nullable
        self.non_null = nullable is not type_
        self.propagates = on_error is OnError.HALT or (on_error is OnError.PROPAGATE and self.non_null)
        self.kind = _kind(self.type)
        self.item: ResponsePosition | None = None
        if self.kind is TypeKind.LIST:
            self.item = ResponsePosition(field, self.type.of_type, functions, self, on_error)
        self.selections: dict[GraphQLObjectType, SelectionPlan] = {}
        self.known_types: set[type] = set()
        self.complete = functions.complete(self)
        self.fill = _fill_nothing if self.item is None else functions.fill(self)

    @property
    def parent(self) -> "ResponsePosition | None":
        """The position of the object or list that contains this one; None at the root."""
        return self.outer or self.field.parent

    def remember_type(self, class_: type) -> None:
        if len(self.known_types) < MAX_KNOWN_TYPES:
            self.known_types.add(class_)

    def unlink(self) -> None:
        """Breaks its reference cycles. It cannot be used afterwards."""
        position: ResponsePosition | None = self
        while position is not None:
            del position.complete, position.fill, position.outer
            position.selections.clear()
            position = position.item


class FieldPlan:
    """One response key of a selection.

    `parent`: the position of the object that has the field; None at the root. `details`: the nodes that select it, as
    graphql-core collects them. `loader_field`: set if a loader resolves the field. `resolver` is replaced if the field
    is cached. `attributes`: a cache of `engine.plan.selected_attributes`.
    """

    __slots__ = (
        "attributes", "definition", "details", "key", "loader_field", "name", "nodes", "parent", "parent_type",
        "position", "resolver",
    )  # fmt: skip

    UNKNOWN_ATTRIBUTES: ClassVar[frozenset[str]] = frozenset(("",))

    def __init__(
        self,
        parent_type: GraphQLObjectType,
        parent: ResponsePosition | None,
        key: str,
        definition: GraphQLField,
        details: Sequence[FieldDetails],
        resolver: FieldResolver,
        loader_field: LoaderField[Any] | None,
        functions: NodeFunctions,
        on_error: OnError = OnError.PROPAGATE,
    ) -> None:
        self.parent_type = parent_type
        self.parent = parent
        self.key = key
        self.definition = definition
        self.details = details
        self.nodes: list[FieldNode] = [detail.node for detail in details]
        self.name = self.nodes[0].name.value
        self.resolver = resolver
        self.loader_field = loader_field
        self.attributes: frozenset[str] | None = self.UNKNOWN_ATTRIBUTES
        self.position = ResponsePosition(self, definition.type, functions, on_error=on_error)


class SelectionPlan:
    """The fields of one object type at one position."""

    __slots__ = ("fields", "select", "type")

    def __init__(self, type_: GraphQLObjectType, fields: Sequence[FieldPlan], functions: NodeFunctions) -> None:
        self.type = type_
        self.fields = fields
        self.select = functions.select(self)


class PlanSource(NamedTuple):
    """What a plan is built from. `strawberry`: Strawberry's schema, if it built the schema.

    `traces_fields`: whether resolvers record spans.
    """

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    field_resolver: Callable[..., object]
    type_resolver: Callable[..., object]
    strawberry: Any
    info_class: type | None
    traces_fields: bool = False
    on_error: OnError = OnError.PROPAGATE


class Plan:
    """An operation for one combination of the variables in its @skip and @include directives.

    `footprint`: counts the memory of selections and generated functions. `run_count`: of the runs so far. `compile`:
    set if the plan is compiled; compiles selections of concrete types as they are planned. `namespaces`: of generated
    functions.

    Whatever uses nodes must hold the plan, as runs and cached fields do: its end is theirs.
    """

    __slots__ = (
        "_plan_concrete_type", "compile", "footprint", "is_serial", "namespaces", "root", "run_count", "source",
    )  # fmt: skip

    def __init__(
        self,
        source: PlanSource,
        root: SelectionPlan,
        plan_concrete_type: Callable[[ResponsePosition, GraphQLObjectType], SelectionPlan],
        footprint: Footprint,
    ) -> None:
        self.source = source
        self.root = root
        self._plan_concrete_type = plan_concrete_type
        self.footprint = footprint
        self.compile: Callable[[Plan, Iterable[SelectionPlan]], None] | None = None
        self.namespaces: list[dict[str, object]] = []
        self.is_serial = source.operation.operation is OperationType.MUTATION
        self.run_count = 0

    @property
    def field_count(self) -> int:
        """Of all selections planned so far."""
        return sum(len(selection.fields) for selection in iter_selections(self.root))

    def plan_concrete_type(self, position: ResponsePosition, type_: GraphQLObjectType) -> SelectionPlan:
        """Plans the selection of an object type at a position of abstract type."""
        selection = self._plan_concrete_type(position, type_)
        if self.compile is not None:
            self.compile(self, iter_selections(selection))
        return selection

    def __del__(self) -> None:
        # Nodes and generated functions refer to each other. The garbage collector would free them late, and a full
        # collection stops the process for a tenth of a second.
        for namespace in self.namespaces:
            namespace.clear()
        unlink_below(self.root)


def iter_selections(selection: SelectionPlan) -> Iterator[SelectionPlan]:
    """The selection and those below it, parents first."""
    pending = [selection]
    for one in pending:
        yield one
        for field in one.fields:
            pending.extend(item_position_of(field.position).selections.values())


def unlink_below(selection: SelectionPlan) -> None:
    """Breaks the reference cycles of the selection and of everything below it."""
    for one in list(iter_selections(selection)):
        for field in one.fields:
            field.position.unlink()
            del field.position, field.resolver
        del one.select


def item_position_of(position: ResponsePosition) -> ResponsePosition:
    """The position of the innermost items of a list; otherwise the position itself."""
    while position.item is not None:
        position = position.item
    return position


def path_to_list(path: Path) -> list[str | int]:
    """The path in the form of errors."""
    keys: list[str | int] = []
    while path is not None:
        path, key = path
        keys.append(key)
    keys.reverse()
    return keys


def _fill_nothing(_items: object, _run: object, _path: Path, _found: list[object]) -> list[object]:
    raise TypeError("The position is not that of a list.")


def _kind(type_: GraphQLOutputType) -> TypeKind:
    if is_list_type(type_):
        return TypeKind.LIST
    if is_leaf_type(type_):
        return TypeKind.LEAF
    return TypeKind.OBJECT if is_object_type(type_) else TypeKind.ABSTRACT
