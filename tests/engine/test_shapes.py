"""A field of every shape of type gives what graphql-core gives: planned, compiled, cached, in slices."""

from inspect import isawaitable
from typing import Any

import orjson
import pytest
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    execute,
    parse,
)
from graphql.execution import VariableValues
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engine.caching.compute import make_shell
from engine.caching.policy import NOT_KEPT, CachedField, CachedRun, CachePolicy, Freshness
from engine.caching.template import Shell, spliced
from engine.plan.plan_cache import OperationPlans
from engine.run.context import Run
from engine.run.execute import execute as execute_plan
from tests.engine.planned_executor import PlannedExecutor
from tests.engine.result_comparison import LEAVES_COROUTINES, errors_told
from tests.engine.shapes import LEAVES, SHAPES, WAYS, Faults, field_name, schema
from tests.engine.slices import SlicedExecutor, use_up_turn

pytestmark = LEAVES_COROUTINES

NO_VARIABLES = VariableValues({}, {})


@pytest.mark.parametrize("rate", [0.0, 0.15])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("leaf", LEAVES)
async def test_every_shape_is_completed_as_by_graphql_core(leaf: str, way: str, rate: float) -> None:
    for seed, shape in enumerate(SHAPES):
        name = field_name(way, leaf, shape)
        text = f"{{ holders {{ {name} {LEAVES[leaf].selection} }} }}"
        await check(text, Faults(seed, rate))


async def check(text: str, context: Faults) -> None:
    document = parse(text)
    expected = await run(document, context, StrawberryGraphQLCoreExecutionContext)
    for executor in (SlicedExecutor, PlannedExecutor, PlannedExecutor, SlicedExecutor):
        assert_equal(await run(document, context, executor), expected, f"{executor.__name__}: {text}")
    await check_cached(document, context, expected, text)


async def check_cached(document: DocumentNode, context: Faults, expected: ExecutionResult, text: str) -> None:
    """Run through a cache that is empty, then filled; and once more with the compiled plan of the computation."""
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    plans = OperationPlans(schema._schema, operation, {}, policies=EverythingIsPublic())
    cache = DictionaryCache()
    for name in ("miss", "hit", "recomputed"):
        if name == "recomputed":
            cache.values.clear()
        sliced = use_up_turn(Run(plans.plan(NO_VARIABLES), context, None, NO_VARIABLES, cache=cache))
        found = execute_plan(sliced)
        assert_equal(await found if isawaitable(found) else found, expected, f"{name}: {text}")
        # A value with a union or an interface in it is not cached, and an error never is.
        assert bool(cache.values) is not bool(expected.errors or "__typename" in text), text


def assert_equal(found: ExecutionResult, expected: ExecutionResult, told: str) -> None:
    assert orjson.dumps(found.data, spliced).decode() == orjson.dumps(expected.data).decode(), told
    if expected.errors or found.errors:
        assert errors_told(found) == errors_told(expected), told


async def run(document: DocumentNode, context: Faults, executor: Any) -> ExecutionResult:
    found: Any = execute(
        schema._schema, document, context_value=context, executor_class=executor, operation_extensions=None
    )
    result: ExecutionResult = await found if isawaitable(found) else found
    return result


class EverythingIsPublic:
    """Policies by which the root field is cached, whatever is in it."""

    def of_field(self, type_: GraphQLObjectType, name: str, field: GraphQLField) -> CachePolicy | None:
        return CachePolicy(60, is_private=False) if type_.name == "Query" else None

    def of_type(self, type_: GraphQLObjectType) -> CachePolicy | None:
        return CachePolicy(60, is_private=False)


class DictionaryCache:
    """A `CacheAccess` without bounds, which holds values in their encoded form."""

    parts = ()

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}

    @property
    def freshness(self) -> Freshness:
        return NOT_KEPT

    def look_up(self, field: CachedField, key: bytes, source: Any, run: CachedRun) -> Shell | None:
        encoded = self.values.get(key)
        return None if encoded is None else Shell.decode(encoded)

    async def fetch(self, field: CachedField, key: bytes, source: Any, run: CachedRun) -> Shell | None:
        shell, _ = await make_shell(field, run.context, source, run.variables, run.limits)
        if shell is not None:
            self.values[key] = shell.encode()
        return shell
