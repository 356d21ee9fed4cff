"""Checks every response in tests against the schema: its sizes, on which costs are based, and its input fields."""

from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLInputObjectType,
    GraphQLList,
    OperationDefinitionNode,
    OperationType,
    get_nullable_type,
    parse,
)
from graphql.execution import VariableValues, get_variable_values

from engine.request.cost_analyzer import CostAnalyzer
from engine.request.delivered_cost import DeliveredCost
from schema.costs import COSTS
from tests.engine.delivered import Deliveries, delivered


def check_delivery(query: str, variables: dict[str, Any], data: dict[str, Any] | None) -> None:
    """Fails if a list or a string is longer than declared, if the response has more objects and items than the
    operation costs, or if a user error is at a path that the input does not have. Documents with several operations are
    skipped.
    """
    if data is None:
        return
    document = _parse(query)
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) == 1:
        _check_operation(document, operations[0], variables, data)
        if operations[0].operation is OperationType.MUTATION:
            _check_paths(operations[0], data)


@lru_cache(maxsize=64)
def _parse(query: str) -> DocumentNode:
    """Most tests send a document several times, and parsing takes longer than the server's work for it."""
    return parse(query)


def _check_operation(
    document: DocumentNode, operation: OperationDefinitionNode, variables: dict[str, Any], data: dict[str, Any]
) -> None:
    coerced = get_variable_values(COSTS.schema, operation.variable_definitions or (), variables)
    assert isinstance(coerced, VariableValues)
    deliveries = Deliveries(COSTS, document, coerced.coerced)
    excesses = [*deliveries.excesses(operation, data)]
    assert not excesses, excesses
    cost = CostAnalyzer(COSTS, deliveries.fragments, operation).analyze(coerced.coerced).cost
    charged = DeliveredCost(COSTS, deliveries.fragments, operation).of(data)
    assert delivered(data) <= charged <= cost, (
        f"{delivered(data)} objects and items were delivered, {charged} charged, and {cost} estimated"
    )


def _check_paths(operation: OperationDefinitionNode, data: dict[str, Any]) -> None:
    mutation = COSTS.schema.mutation_type
    assert mutation is not None
    for node in operation.selection_set.selections:
        field = mutation.fields.get(node.name.value) if isinstance(node, FieldNode) else None
        if not isinstance(node, FieldNode) or field is None or "input" not in field.args:
            continue
        payload = data.get((node.alias or node.name).value) or {}
        for error in payload.get("errors") or ():
            place: Any = field.args["input"].type
            for part in error.get("path", ()):
                place = get_nullable_type(place)
                names = place.fields if isinstance(place, GraphQLInputObjectType) else ()
                is_item = isinstance(place, GraphQLList) and part.isdecimal()
                assert is_item or part in names, f"{node.name.value} has no {error['path']}"
                place = place.of_type if is_item else place.fields[part].type
