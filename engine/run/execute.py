"""Executes a plan: in parallel, or root field by root field for a mutation."""

from collections import Counter
from collections.abc import Awaitable, Iterator

from graphql import ExecutionResult, GraphQLError

from engine.plan.nodes import PlannedField
from engine.run.complete_value import answer
from engine.run.context import Run
from engine.run.scheduler import settle

# How many operations were left to graphql-core, by reason.
fallbacks: Counter[str] = Counter()


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
