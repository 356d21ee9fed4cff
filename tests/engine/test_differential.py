"""Plans return what graphql-core returns, for random operations with every kind of fault."""

import json
import os
from collections import Counter
from inspect import isawaitable
from random import Random
from typing import Any

import pytest
from graphql import DocumentNode, ExecutionResult, execute, parse, validate
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engine.nodes import OnError
from engine.run.execute import fallback_counts
from tests.engine.kitchen_sink_schema import schema
from tests.engine.planned_executor import PlannedExecutor
from tests.engine.random_operations import RandomOperation
from tests.engine.result_comparison import LEAVES_COROUTINES, comparable_errors
from tests.engine.slices import SlicedExecutor
from tests.engine.zoo import Zoo

# `make fuzz` runs many, with other seeds each time.
OPERATIONS = int(os.environ.get("FUZZ_OPERATIONS", "200"))
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))
GROUP = 50

pytestmark = LEAVES_COROUTINES


@pytest.mark.parametrize("first", range(FIRST_SEED, FIRST_SEED + OPERATIONS, GROUP))
async def test_random_operations(first: int) -> None:
    before = Counter(fallback_counts)
    for seed in range(first, first + GROUP):
        await check(seed)
    assert fallback_counts == before


async def check(seed: int) -> None:
    """Compares graphql-core with the plan: interpreted, compiled, with all types known, and in slices."""
    random = Random(seed)
    operation = RandomOperation(schema._schema, random, mutation=random.random() < 0.15)
    text = operation.text
    document = parse(text)
    assert not validate(schema._schema, document), text
    fault_rate = random.choice([0, 0, 2, 10, 30])
    expected, zoo = await _run(document, operation.variables, seed, fault_rate, StrawberryGraphQLCoreExecutionContext)
    for executor in (PlannedExecutor, PlannedExecutor, PlannedExecutor, SlicedExecutor):
        found, own_zoo = await _run(document, operation.variables, seed, fault_rate, executor)
        details = f"seed {seed}, faults {fault_rate}\n{text}\n{operation.variables}"
        assert json.dumps(found.data) == json.dumps(expected.data), details
        assert comparable_errors(found) == comparable_errors(expected), details
        if not expected.errors:
            assert own_zoo.calls == zoo.calls, details
            # While a run yields, the loader of a coroutine may dispatch its batch.
            assert own_zoo.batches <= zoo.batches or executor is SlicedExecutor, details


class _NullingReference(StrawberryGraphQLCoreExecutionContext):
    """graphql-core without propagation of errors, as with its directive for that."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.error_propagation = False


class _Nulling(PlannedExecutor):
    on_error = OnError.NULL


class _Halting(PlannedExecutor):
    on_error = OnError.HALT


@pytest.mark.parametrize("first", range(FIRST_SEED, FIRST_SEED + OPERATIONS // 2, GROUP))
async def test_random_operations_without_propagation_of_errors(first: int) -> None:
    """NULL: as graphql-core without propagation. HALT: without data if there is an error."""
    for seed in range(first, first + GROUP):
        random = Random(seed)
        operation = RandomOperation(schema._schema, random, mutation=random.random() < 0.15)
        document = parse(operation.text)
        for fault_rate in (0, 10, 30):
            arguments = (document, operation.variables, seed, fault_rate)
            expected, _ = await _run(*arguments, _NullingReference)
            details = f"seed {seed}, faults {fault_rate}\n{operation.text}\n{operation.variables}"
            # Interpreted, then compiled.
            for _ in range(2):
                found, _ = await _run(*arguments, _Nulling)
                assert json.dumps(found.data) == json.dumps(expected.data), details
                assert comparable_errors(found) == comparable_errors(expected), details
                halted, _ = await _run(*arguments, _Halting)
                assert json.dumps(halted.data) == json.dumps(None if expected.errors else expected.data), details
                assert bool(halted.errors) == bool(expected.errors), details


async def _run(
    document: DocumentNode, variables: dict[str, Any], seed: int, fault_rate: int, executor: Any
) -> tuple[ExecutionResult, Zoo]:
    is_planned = issubclass(executor, PlannedExecutor)
    zoo = Zoo(seed, fault_rate, plain_loaders=not is_planned)
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
