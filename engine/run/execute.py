"""Runs planned operations, and puts that in the place of graphql-core's executor."""

from collections import Counter
from collections.abc import Awaitable, Iterator
from functools import partial
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationType
from graphql.execution import Executor
from graphql.pyutils.is_awaitable import is_awaitable
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from common.lru_cache import LRUCache
from engine.plan.nodes import PlannedField
from engine.plan.plan_cache import OperationPlans
from engine.plan.planner import Unsupported
from engine.run.complete_value import answer
from engine.run.context import Run
from engine.run.scheduler import settle

# How many operations were left to graphql-core, by reason.
fallbacks: Counter[str] = Counter()

MAX_OPERATIONS = 500
MAX_BYTES = 64 * 1024 * 1024

# They say the same, one faster than the other.
_AWAITABLE = (is_awaitable, optimized_is_awaitable)


def execute(run: Run) -> ExecutionResult | Awaitable[ExecutionResult]:
    """The result; awaitable where a resolver's value is."""
    plan = run.plan
    if plan.is_serial:
        return _execute_serially(run)
    try:
        run.data = plan.root.select(run.root, run, None)
    except GraphQLError as error:
        run.fail_root(error)
        run.take_pending()
    return run.result() if run.is_complete else _finished(run)


async def _finished(run: Run) -> ExecutionResult:
    await settle(run)
    return run.result()


def _execute_serially(run: Run) -> ExecutionResult | Awaitable[ExecutionResult]:
    run.data = {}
    fields = iter(run.plan.root.fields)
    pending = _answer_in_order(run, fields)
    return run.result() if pending is None else _finished_serially(run, fields, pending)


async def _finished_serially(run: Run, fields: Iterator[PlannedField], pending: PlannedField | None) -> ExecutionResult:
    while pending is not None:
        await settle(run)
        if run.stopped is not None:
            # What is below it is not complete. It may have written all the same.
            _answer_root(run, pending)
        pending = _answer_in_order(run, fields)
    return run.result()


def _answer_in_order(run: Run, fields: Iterator[PlannedField]) -> PlannedField | None:
    """Root fields, up to one that is pending, which it returns. Those after a run was stopped have its error."""
    for field in fields:
        if None in run.nulled:
            return None
        run.check_limits()
        _answer_root(run, field)
        if not run.is_complete:
            return field
    return None


def _answer_root(run: Run, field: PlannedField) -> None:
    path = (None, field.key)
    assert run.data is not None
    try:
        if run.stopped is None:
            run.data[field.key] = answer(field, run.root, run, path)
        else:
            run.data[field.key] = None
            run.fail(run.stopped, field.position, path)
    except GraphQLError as error:
        run.fail_root(error)
        run.take_pending()


class CompiledExecutor(StrawberryGraphQLCoreExecutionContext):
    """For `strawberry.Schema(execution_context_class=…)`. What plans do not support runs as before, and is counted."""

    def execute_operation(self, serially: bool | None = None) -> Any:
        run = supported_run(self, serially)
        return super().execute_operation(serially) if run is None else execute(run)


def supported_run(executor: Executor[Any], serially: bool | None) -> Run | None:
    """What graphql-core's executor is about to do, by a plan; None, and counted, where plans do not support it."""
    try:
        return _run_of(executor, serially)
    except Unsupported as reason:
        fallbacks[str(reason)] += 1
        return None


def _run_of(executor: Executor[Any], serially: bool | None) -> Run:
    if executor.middleware_manager is not None and executor.middleware_manager.middlewares:
        raise Unsupported("middleware")
    if executor.abort_signal is not None or executor.hooks is not None:
        raise Unsupported("abort signal or hooks")
    if executor.is_awaitable not in _AWAITABLE:
        raise Unsupported("another meaning of awaitable")
    if serially is not None and serially is not (executor.operation.operation is OperationType.MUTATION):
        raise Unsupported("order of root fields")
    plan = _plans_of(executor).plan(executor.variable_values)
    extensions = getattr(executor, "operation_extensions", None)
    run = Run(plan, executor.context_value, executor.root_value, executor.variable_values, extensions)
    run.is_async_iterable = executor.is_async_iterable
    return run


def _plans_of(executor: Executor[Any]) -> OperationPlans:
    """By the operation's node: whoever keeps documents gives the same one again."""
    operation = executor.operation
    # On the schema, because plans have the schema: it would never be forgotten where something else kept them.
    of_schema: LRUCache[int, OperationPlans] | None = vars(executor.schema).get("_plans")
    if of_schema is None:
        of_schema = LRUCache(MAX_BYTES, lambda _, plans: plans.footprint.bytes, max_entries=MAX_OPERATIONS)
        vars(executor.schema)["_plans"] = of_schema
    found = of_schema.get(id(operation))
    if found is None:
        found = OperationPlans(
            executor.schema,
            operation,
            executor.fragment_definitions,
            field_resolver=executor.field_resolver,
            type_resolver=executor.type_resolver,
        )
        of_schema.put(id(operation), found)
        found.footprint.on_change = partial(of_schema.resize, id(operation))
    return found
