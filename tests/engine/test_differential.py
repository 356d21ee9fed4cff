"""The compiled executor gives what graphql-core gives, over random operations with everything that can go wrong."""

import json
import os
from collections import Counter
from inspect import isawaitable
from random import Random
from typing import Any

import pytest
from graphql import DocumentNode, ExecutionResult, execute, parse, validate
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engine.run.execute import fallbacks
from tests.engine.kitchen_sink_schema import Zoo, schema
from tests.engine.planned_executor import PlannedExecutor
from tests.engine.random_operations import RandomOperation
from tests.engine.result_comparison import LEAVES_COROUTINES, errors_told
from tests.engine.slices import SlicedExecutor

# `make fuzz` asks for many, and for others each time.
OPERATIONS = int(os.environ.get("FUZZ_OPERATIONS", "200"))
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))
GROUP = 50

pytestmark = LEAVES_COROUTINES


@pytest.mark.parametrize("first", range(FIRST_SEED, FIRST_SEED + OPERATIONS, GROUP))
async def test_random_operations(first: int) -> None:
    before = Counter(fallbacks)
    for seed in range(first, first + GROUP):
        await check(seed)
    assert fallbacks == before


async def check(seed: int) -> None:
    """One operation, by graphql-core and by its plan: as it comes first, compiled, with all learned, and in slices."""
    random = Random(seed)
    operation = RandomOperation(schema._schema, random, mutation=random.random() < 0.15)
    text = operation.text
    document = parse(text)
    assert not validate(schema._schema, document), text
    fault_rate = random.choice([0, 0, 2, 10, 30])
    expected, zoo = await _run(document, operation.variables, seed, fault_rate, StrawberryGraphQLCoreExecutionContext)
    for executor in (PlannedExecutor, PlannedExecutor, PlannedExecutor, SlicedExecutor):
        found, own_zoo = await _run(document, operation.variables, seed, fault_rate, executor)
        told = f"seed {seed}, faults {fault_rate}\n{text}\n{operation.variables}"
        assert json.dumps(found.data) == json.dumps(expected.data), told
        assert errors_told(found) == errors_told(expected), told
        if not expected.errors:
            assert own_zoo.calls == zoo.calls, told
            # While a run lets others run, a coroutine's loader may have waited long enough for more keys.
            assert own_zoo.batches <= zoo.batches or executor is SlicedExecutor, told


async def _run(
    document: DocumentNode, variables: dict[str, Any], seed: int, fault_rate: int, executor: Any
) -> tuple[ExecutionResult, Zoo]:
    zoo = Zoo(seed, fault_rate, plain_loaders=executor is StrawberryGraphQLCoreExecutionContext)
    found: Any = execute(
        schema._schema,
        document,
        root_value=None,
        context_value=zoo,
        variable_values=variables,
        executor_class=executor,
        operation_extensions=None,
    )
    return (await found if isawaitable(found) else found), zoo
