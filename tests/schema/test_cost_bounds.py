"""The estimated cost of random operations is never less than what the largest responses cost."""

import os
from random import Random
from typing import Any

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse
from graphql.execution import VariableValues, get_variable_values

from engine.request.cost_analyzer import CostAnalyzer
from engine.request.delivered_cost import DeliveredCost
from schema import schema
from schema.costs import COSTS
from tests.engine.delivered import delivered
from tests.engine.random_operations import RandomOperation
from tests.schema.largest_responses import WITHOUT_RESOLVERS, LargestResponse

# `make fuzz` runs many, with other seeds each time.
BATCH = 20
BATCHES = int(os.environ.get("FUZZ_OPERATIONS", "200")) // 2 // BATCH
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))


def value(random: Random, coordinate: str, scalar: str) -> Any:
    """A value of an argument. Sizes are valid, except for some of pages."""
    if scalar == "Int":
        return random.choice([0, 1, 2, 5, 20, 100, 101, 5_000])
    if scalar in ("Date", "DateTime"):
        return "2026-10-01" if scalar == "Date" else "2026-10-01T00:00:00Z"
    return {"Float": 0.9, "Boolean": True}.get(scalar, "a")


def check(seed: int) -> tuple[int, int]:
    """Return the actual and the estimated cost."""
    random = Random(seed)
    operation = RandomOperation(
        schema._schema,
        random,
        value,
        depth=random.randint(2, 6),
        mutation=random.random() < 0.3,
        max_items=random.choice([2, 2, 20]),
    )
    text, variables = operation.text, operation.variables
    document = parse(text)
    [node] = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    coerced = get_variable_values(WITHOUT_RESOLVERS, node.variable_definitions or (), variables)
    details = f"{seed}: {text}\n{variables}"
    assert isinstance(coerced, VariableValues), details
    analyzer = CostAnalyzer(COSTS, fragments, node)
    estimate = analyzer.analyze(coerced.coerced).cost
    # By the compiled function.
    assert analyzer.analyze(coerced.coerced).cost == estimate, details
    response = LargestResponse(document, variables, random)
    assert not response.errors, f"{response.errors} {details}"
    charged = DeliveredCost(COSTS, fragments, node).of(response.data)
    assert delivered(response.data) <= response.cost <= estimate, details
    assert delivered(response.data) <= charged <= estimate, details
    return response.cost, estimate


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + BATCHES))
def test_estimates_are_upper_bounds(seed: int) -> None:
    costs = [check(seed * BATCH + number) for number in range(BATCH)]
    # Some responses are nearly as large as estimated.
    assert max(actual / estimate for actual, estimate in costs if estimate) > 0.5
