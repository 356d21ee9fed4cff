"""Plans an operation, using graphql-core's own collection of fields."""

from collections.abc import Callable, Mapping

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.execution import VariableValues, default_field_resolver, default_type_resolver
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields

from engine.errors import Fallback, Limit, OperationTooComplex
from engine.footprint import Footprint
from engine.nodes import (
    FieldPlan,
    OnError,
    Plan,
    PlanSource,
    ResponsePosition,
    SelectionPlan,
    TypeKind,
    item_position_of,
)
from engine.plan.field_resolvers import choose_resolver
from engine.plan.traced_fields import trace_resolver
from engine.run.interpreter import INTERPRETED
from engine.run.loader_resolver import LoaderResolver

# Memory of a plan, a selection, a field with its resolver, and an argument; measured by
# tests/engine/test_footprint.py.
PLAN_BYTES = 2_000
SELECTION_BYTES = 1_500
FIELD_BYTES = 1_400
ARGUMENT_BYTES = 1_500


# Planning takes time per field, of which fragments make many out of a short document.
MAX_FIELDS = 2_500


class Unsupported(Exception):
    """The operation falls back to graphql-core. The message is one of a few reasons, which are counted."""


def build_plan(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: VariableValues,
    *,
    field_resolver: Callable[..., object] | None = None,
    type_resolver: Callable[..., object] | None = None,
    footprint: Footprint | None = None,
    max_fields: int = MAX_FIELDS,
    traces_fields: bool = False,
    on_error: OnError = OnError.PROPAGATE,
) -> Plan:
    """The plan for these values of the variables in @skip and @include. Raises Unsupported, and OperationTooComplex."""
    strawberry = getattr(schema, "_strawberry_schema", None)
    source = PlanSource(
        schema,
        operation,
        fragments,
        field_resolver=field_resolver or default_field_resolver,
        type_resolver=type_resolver or default_type_resolver,
        strawberry=strawberry,
        info_class=strawberry.config.info_class if strawberry is not None else None,
        traces_fields=traces_fields,
        on_error=on_error,
    )
    return _Planner(source, variables, footprint or Footprint(), max_fields).plan()


class _Planner:
    """Plans an operation, and later the selections of concrete types that runs meet at positions of abstract type."""

    def __init__(self, source: PlanSource, variables: VariableValues, footprint: Footprint, max_fields: int) -> None:
        self._source = source
        self._variables = variables
        self._footprint = footprint
        self._max_fields = max_fields
        self._field_count = 0
        self._fragments = {name: FragmentDetails(fragment) for name, fragment in source.fragments.items()}

    def plan(self) -> Plan:
        schema, operation = self._source.schema, self._source.operation
        self._footprint.add(PLAN_BYTES)
        root_type = schema.get_root_type(operation.operation)
        if root_type is None:
            raise Unsupported(Fallback.NO_ROOT_TYPE)
        try:
            collected = collect_fields(schema, self._fragments, self._variables, root_type, operation)
            root = self._selection(root_type, collected.grouped_field_set, None)
        except GraphQLError as error:
            raise Unsupported(Fallback.DIRECTIVE_ERROR) from error
        except RecursionError as error:
            raise Unsupported(Fallback.DEPTH) from error
        return Plan(self._source, root, self.plan_concrete_type, self._footprint)

    def plan_concrete_type(self, position: ResponsePosition, type_: GraphQLObjectType) -> SelectionPlan:
        """Plans the selection for an object type, and adds it to the position."""
        source = self._source
        collected = collect_subfields(
            source.schema, self._fragments, self._variables, source.operation, type_, list(position.field.details)
        )
        selection = position.selections[type_] = self._selection(type_, collected.grouped_field_set, position)
        return selection

    def _selection(
        self, type_: GraphQLObjectType, grouped: Mapping[str, list[FieldDetails]], parent: ResponsePosition | None
    ) -> SelectionPlan:
        self._field_count += len(grouped)
        if self._field_count > self._max_fields:
            raise OperationTooComplex(
                f"Operation exceeds the limit of {self._max_fields} fields after its fragments are expanded.",
                limit=Limit.FIELDS.value,
            )
        fields = []
        for key, details in grouped.items():
            definition = self._source.schema.get_field(type_, details[0].node.name.value)
            # An unknown field, which validation would have rejected, is omitted as graphql-core does.
            if definition is None:
                continue
            resolver = choose_resolver(self._source, type_, definition, details)
            if self._source.traces_fields:
                resolver = trace_resolver(resolver, type_, details[0].node.name.value)
            loader_field = resolver.declared if isinstance(resolver, LoaderResolver) else None
            on_error = self._source.on_error
            field = FieldPlan(type_, parent, key, definition, details, resolver, loader_field, INTERPRETED, on_error)
            fields.append(field)
            position = item_position_of(field.position)
            if position.kind is TypeKind.OBJECT:
                self.plan_concrete_type(position, position.type)
        arguments = sum(len(field.nodes[0].arguments or ()) for field in fields)
        self._footprint.add(SELECTION_BYTES + FIELD_BYTES * len(fields) + ARGUMENT_BYTES * arguments)
        return SelectionPlan(type_, fields, INTERPRETED)
