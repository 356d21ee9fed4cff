"""An executor for graphql-core that runs plans, so that both can be compared through `graphql.execute`."""

import math
from functools import partial
from typing import Any

from graphql import OperationType
from graphql.execution import Executor
from graphql.pyutils.is_awaitable import is_awaitable
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from common.lru_cache import LRUCache
from engine.budget import ResultLimits, Turn
from engine.nodes import OnError
from engine.plan.planner import Unsupported
from engine.request.plan_cache import PlanCache
from engine.run.context import ExecutionContext
from engine.run.execute import execute, fallback_counts

# They return the same, one faster than the other.
_IS_AWAITABLE = (is_awaitable, optimized_is_awaitable)
# Runs do not yield to other tasks, whatever time they take on a busy machine.
_UNSLICED = ResultLimits(turn=Turn(math.inf))


class PlannedExecutor(StrawberryGraphQLCoreExecutionContext):
    """Runs plans; operations that fall back to the base class are counted in `fallback_counts`."""

    def execute_operation(self, serially: bool | None = None) -> Any:
        run = try_plan(self, serially)
        return super().execute_operation(serially) if run is None else execute(run)


def try_plan(executor: Executor[Any], serially: bool | None) -> ExecutionContext | None:
    """The executor's operation by its plan. None, and counted, if plans do not support it."""
    try:
        return _build_run(executor, serially)
    except Unsupported as reason:
        fallback_counts[str(reason)] += 1
        return None


def _build_run(executor: Executor[Any], serially: bool | None) -> ExecutionContext:
    if executor.middleware_manager is not None and executor.middleware_manager.middlewares:
        raise Unsupported("middleware")
    if executor.abort_signal is not None or executor.hooks is not None:
        raise Unsupported("abort signal or hooks")
    if executor.is_awaitable not in _IS_AWAITABLE:
        raise Unsupported("another meaning of awaitable")
    if serially is not None and serially is not (executor.operation.operation is OperationType.MUTATION):
        raise Unsupported("order of root fields")
    on_error = getattr(executor, "on_error", OnError.PROPAGATE)
    plan = _plans_of(executor).plan(executor.variable_values, on_error=on_error)
    extensions = getattr(executor, "operation_extensions", None)
    run = ExecutionContext(plan, executor.context_value, executor.root_value, executor.variable_values, extensions)
    run.is_async_iterable = executor.is_async_iterable
    run.limits = _UNSLICED
    return run


def _plans_of(executor: Executor[Any]) -> PlanCache:
    """The plans of the operation, by its node."""
    operation = executor.operation
    # On the schema, which plans refer to: stored elsewhere, they would keep it alive.
    cache: LRUCache[int, PlanCache] | None = vars(executor.schema).get("_plans")
    if cache is None:
        cache = LRUCache(64 * 1024 * 1024, lambda _, plans: plans.footprint.bytes, max_entries=500)
        vars(executor.schema)["_plans"] = cache
    found = cache.get(id(operation))
    if found is None:
        found = PlanCache(
            executor.schema,
            operation,
            executor.fragment_definitions,
            field_resolver=executor.field_resolver,
            type_resolver=executor.type_resolver,
        )
        cache[id(operation)] = found
        found.footprint.on_change = partial(cache.resize, id(operation))
    return found
