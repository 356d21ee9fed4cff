"""Executes a plan: the root fields of a mutation serially, all others in parallel."""

from collections import Counter
from collections.abc import Awaitable, Iterator

from graphql import ExecutionResult, GraphQLError

from engine.errors import Fallback
from engine.nodes import FieldPlan
from engine.run.complete_value import execute_field
from engine.run.context import ExecutionContext
from engine.run.scheduler import run_until_complete

# Operations executed by graphql-core, by reason.
fallback_counts: Counter[str] = Counter(dict.fromkeys(map(str, Fallback), 0))


def execute(run: ExecutionContext) -> ExecutionResult | Awaitable[ExecutionResult]:
    """The result, or an awaitable of it if a value is pending."""
    plan = run.plan
    if plan.is_serial:
        return _execute_serially(run)
    try:
        run.data = plan.root.select(run.root, run, None)
    except GraphQLError as error:
        run.handle_root_error(error)
        run.drain()
    return run.result() if run.is_complete else _finish(run)


async def _finish(run: ExecutionContext) -> ExecutionResult:
    await run_until_complete(run)
    return run.result()


def _execute_serially(run: ExecutionContext) -> ExecutionResult | Awaitable[ExecutionResult]:
    run.data = {}
    fields = iter(run.plan.root.fields)
    pending = _execute_in_order(run, fields)
    return run.result() if pending is None else _finish_serially(run, fields, pending)


async def _finish_serially(
    run: ExecutionContext, fields: Iterator[FieldPlan], pending: FieldPlan | None
) -> ExecutionResult:
    while pending is not None:
        await run_until_complete(run)
        if run.stopped is not None:
            # Its value is incomplete. It may have written to the database nevertheless.
            _execute_root_field(run, pending)
        pending = _execute_in_order(run, fields)
    return run.result()


def _execute_in_order(run: ExecutionContext, fields: Iterator[FieldPlan]) -> FieldPlan | None:
    """Executes root fields until one is pending, and returns it. Once the run is stopped, all others get its error."""
    for field in fields:
        if None in run.nulled_paths:
            return None
        run.check_limits()
        # The field before may have changed them.
        run.known_values.clear()
        _execute_root_field(run, field)
        if not run.is_complete:
            return field
    return None


def _execute_root_field(run: ExecutionContext, field: FieldPlan) -> None:
    path = (None, field.key)
    assert run.data is not None
    try:
        if run.stopped is None:
            run.data[field.key] = execute_field(field, run.root, run, path)
        else:
            run.data[field.key] = None
            run.handle_field_error(run.stopped, field.position, path)
    except GraphQLError as error:
        run.handle_root_error(error)
        run.drain()
