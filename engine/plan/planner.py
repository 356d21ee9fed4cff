"""Plans an operation, by graphql-core's own collection of fields."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution import VariableValues, default_field_resolver, default_type_resolver
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields

from engine.errors import OperationTooComplex
from engine.plan.field_resolvers import resolution_of
from engine.plan.footprint import Footprint
from engine.plan.nodes import Kind, Plan, PlannedField, Position, Selection, innermost
from engine.run.complete_value import completer, filler, selector

# What a plan, a selection and a planned field with its resolution take in memory, and an argument of a field; measured
# by tests/engine/test_footprint.py.
PLAN_BYTES = 2_000
SELECTION_BYTES = 1_500
FIELD_BYTES = 1_400
ARGUMENT_BYTES = 1_500


# What to plan takes is in proportion to fields, of which fragments make many out of a short document.
MAX_FIELDS = 2_500


class Unsupported(Exception):
    """The operation is left to graphql-core. The message is the reason, for counting: one of few."""


def planned(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: VariableValues,
    *,
    field_resolver: Callable[..., Any] | None = None,
    type_resolver: Callable[..., Any] | None = None,
    footprint: Footprint | None = None,
    max_fields: int = MAX_FIELDS,
) -> Plan:
    """The plan for these values of the variables of @skip and @include. Raises Unsupported, and OperationTooComplex."""
    strawberry = getattr(schema, "_strawberry_schema", None)
    plan = Plan(
        schema,
        operation,
        fragments,
        field_resolver=field_resolver or default_field_resolver,
        type_resolver=type_resolver or default_type_resolver,
        info_class=strawberry.config.info_class if strawberry is not None else None,
        footprint=footprint or Footprint(),
    )
    plan.footprint.add(PLAN_BYTES)
    root_type = schema.get_root_type(operation.operation)
    if root_type is None:
        raise Unsupported("no root type")
    _Planner(plan, variables, max_fields).plan_root(root_type)
    return plan


class _Planner:
    def __init__(self, plan: Plan, variables: VariableValues, max_fields: int) -> None:
        self._plan = plan
        self._max_fields = max_fields
        self._variables = variables
        self._fragments = {name: FragmentDetails(fragment) for name, fragment in plan.fragments.items()}
        plan.grow = self._grow

    def plan_root(self, root_type: GraphQLObjectType) -> None:
        plan = self._plan
        try:
            collected = collect_fields(plan.schema, self._fragments, self._variables, root_type, plan.operation)
            plan.root = self._selection(root_type, collected.grouped_field_set, None)
        except GraphQLError as error:
            raise Unsupported("an error in a directive") from error
        except RecursionError as error:
            raise Unsupported("nested too deeply") from error

    def _grow(self, position: Position, type_: GraphQLObjectType) -> Selection:
        selection = position.selections[type_] = self._below(position, type_)
        return selection

    def _below(self, position: Position, type_: GraphQLObjectType) -> Selection:
        plan = self._plan
        collected = collect_subfields(
            plan.schema, self._fragments, self._variables, plan.operation, type_, position.field.details
        )
        return self._selection(type_, collected.grouped_field_set, position)

    def _selection(
        self, type_: GraphQLObjectType, grouped: Mapping[str, list[Any]], position: Position | None
    ) -> Selection:
        plan = self._plan
        plan.field_count += len(grouped)
        if plan.field_count > self._max_fields:
            raise OperationTooComplex(
                f"Operation exceeds the limit of {self._max_fields} fields after its fragments are expanded."
            )
        selection = Selection(plan, type_, position)
        for key, details in grouped.items():
            definition = self._plan.schema.get_field(type_, details[0].node.name.value)
            # What validation would have refused is left out, as graphql-core leaves it out.
            if definition is not None:
                field = PlannedField(selection, key, definition, details)
                field.position = _position(field, definition.type, None)
                field.resolution = resolution_of(self._plan, field)
                selection.fields.append(field)
                last = innermost(field.position)
                if last.kind is Kind.OBJECT:
                    last.selections[last.type] = self._below(last, last.type)
        selection.select = selector(selection)
        arguments = sum(len(field.nodes[0].arguments or ()) for field in selection.fields)
        self._plan.footprint.add(SELECTION_BYTES + FIELD_BYTES * len(selection.fields) + ARGUMENT_BYTES * arguments)
        return selection


def _position(field: PlannedField, type_: GraphQLOutputType, outer: Position | None) -> Position:
    non_null = is_non_null_type(type_)
    inner: Any = type_.of_type if is_non_null_type(type_) else type_
    position = Position(field, outer, inner, non_null=non_null, kind=_kind(inner))
    position.complete = completer(position)
    if position.kind is Kind.LIST:
        position.item = _position(field, inner.of_type, position)
        position.fill = filler(position)
    return position


def _kind(type_: Any) -> Kind:
    if is_list_type(type_):
        return Kind.LIST
    if is_leaf_type(type_):
        return Kind.LEAF
    return Kind.OBJECT if is_object_type(type_) else Kind.ABSTRACT
