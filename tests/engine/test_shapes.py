"""A field of every shape of type returns what graphql-core returns: interpreted, compiled, cached, in slices."""

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

from engine.caching.policy import NO_STORE, CacheControl, CachedField, CachedRun, CachePolicy
from engine.caching.template import Template, json_default
from engine.request.compute_template import compute_template
from engine.request.plan_cache import PlanCache
from engine.run.context import ExecutionContext
from engine.run.execute import execute as execute_plan
from tests.engine.planned_executor import PlannedExecutor
from tests.engine.result_comparison import LEAVES_COROUTINES, comparable_errors
from tests.engine.shapes import LEAVES, SHAPES, WAYS, Faults, field_name, schema
from tests.engine.slices import SlicedExecutor, use_up_turn

pytestmark = LEAVES_COROUTINES

NO_VARIABLES = VariableValues({}, {})


@pytest.mark.parametrize("rate", [0.0, 0.15])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("leaf", LEAVES)
async def test_every_shape_equals_graphql_core(leaf: str, way: str, rate: float) -> None:
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
    """Executes with an empty cache, a filled one, and with the compiled plan of the template."""
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    plans = PlanCache(schema._schema, operation, {}, policies=EverythingIsPublic())
    cache = DictionaryCache()
    for name in ("miss", "hit", "recomputed"):
        if name == "recomputed":
            cache.values.clear()
        sliced = use_up_turn(ExecutionContext(plans.plan(NO_VARIABLES), context, None, NO_VARIABLES, cache=cache))
        found = execute_plan(sliced)
        assert_equal(await found if isawaitable(found) else found, expected, f"{name}: {text}")
        # A value with a union or an interface in it is not cached, and an error never is.
        assert bool(cache.values) is not bool(expected.errors or "__typename" in text), text


def assert_equal(found: ExecutionResult, expected: ExecutionResult, details: str) -> None:
    assert orjson.dumps(found.data, json_default).decode() == orjson.dumps(expected.data).decode(), details
    if expected.errors or found.errors:
        assert comparable_errors(found) == comparable_errors(expected), details


async def run(document: DocumentNode, context: Faults, executor: Any) -> ExecutionResult:
    found: Any = execute(
        schema._schema, document, context_value=context, executor_class=executor, operation_extensions=None
    )
    result: ExecutionResult = await found if isawaitable(found) else found
    return result


class EverythingIsPublic:
    """Policies that cache every root field."""

    def of_field(self, type_: GraphQLObjectType, name: str, field: GraphQLField) -> CachePolicy | None:
        return CachePolicy(60, is_private=False) if type_.name == "Query" else None

    def of_type(self, type_: GraphQLObjectType) -> CachePolicy | None:
        return CachePolicy(60, is_private=False)


class DictionaryCache:
    """An unbounded `FieldCacheView` of encoded templates."""

    parts = ()

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}

    @property
    def freshness(self) -> CacheControl:
        return NO_STORE

    def get_local(self, field: CachedField, key: bytes, source: Any, run: CachedRun) -> Template | None:
        encoded = self.values.get(key)
        return None if encoded is None else Template.decode(encoded)

    async def get_or_compute(self, field: CachedField, key: bytes, source: Any, run: CachedRun) -> Template | None:
        template, _ = await compute_template(field, run.context, source, run.variables, run.limits)
        if template is not None:
            self.values[key] = template.encode()
        return template
