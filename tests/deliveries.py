"""Checks every response in tests against the sizes that the schema declares, on which costs are based."""

from functools import lru_cache
from typing import Any

from graphql import DocumentNode, OperationDefinitionNode, parse
from graphql.execution import VariableValues, get_variable_values

from engine.request.cost_analyzer import CostAnalyzer
from engine.request.delivered_cost import DeliveredCost
from schema.costs import COSTS
from tests.engine.delivered import Deliveries, delivered


def check_delivery(query: str, variables: dict[str, Any], data: dict[str, Any] | None) -> None:
    """Fails if a list or a string is longer than declared, or if the response has more objects and items than the
    operation costs. Documents with several operations are skipped.
    """
    if data is None:
        return
    document = _parse(query)
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) == 1:
        _check_operation(document, operations[0], variables, data)


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
