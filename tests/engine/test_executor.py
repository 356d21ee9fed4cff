"""What random operations do not cover: when plans are compiled, what falls back to graphql-core, what happens to
discarded work.
"""

import asyncio
from collections import Counter
from types import CodeType
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, FragmentDefinitionNode, OperationDefinitionNode, execute, parse
from graphql.execution import VariableValues

from engine.nodes import Plan, iter_selections
from engine.request.plan_cache import MAX_PLANS, PlanCache
from engine.run.context import ExecutionContext
from engine.run.execute import execute as execute_plan
from engine.run.execute import fallback_counts
from tests.engine.planned_executor import PlannedExecutor


class Work:
    """The context: resolvers that started, and how they ended. `may`: lets them continue."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.began = asyncio.Event()
        self.ends: Counter[str] = Counter()

    async def wait(self, name: str) -> str:
        self.began.set()
        try:
            await self.may.wait()
        except asyncio.CancelledError:
            self.ends[f"{name} cancelled"] += 1
            raise
        self.ends[f"{name} done"] += 1
        return name


Info = strawberry.Info[Work, None]


@strawberry.type
class Thing:
    name: str = "thing"

    @strawberry.field
    async def slow(self, info: Info) -> str:
        return await info.context.wait("slow")

    @strawberry.field
    async def fails(self, info: Info) -> str:
        await info.context.began.wait()
        raise ValueError("it fails")

    @strawberry.field
    async def cancelled(self) -> str | None:
        raise asyncio.CancelledError

    @strawberry.field
    def echo(self, text: str) -> str:
        return text


@strawberry.type
class Query:
    @strawberry.field
    def thing(self) -> Thing | None:
        return Thing()

    @strawberry.field
    def things(self) -> list[Thing]:
        return [Thing(), Thing()]


schema = strawberry.Schema(Query)


async def run(query: str, work: Work | None = None, variables: dict[str, Any] | None = None) -> ExecutionResult:
    found: Any = execute(
        schema._schema,
        parse(query),
        context_value=work or Work(),
        variable_values=variables or {},
        executor_class=PlannedExecutor,
        operation_extensions=None,
    )
    return found if isinstance(found, ExecutionResult) else await found


def others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}


def plans_of(query: str) -> PlanCache:
    definitions = parse(query).definitions
    operation = next(node for node in definitions if isinstance(node, OperationDefinitionNode))
    fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
    return PlanCache(schema._schema, operation, fragments)


NO_VARIABLES = VariableValues({}, {})


async def test_cancelled_operation_leaves_no_task() -> None:
    before, work = others(), Work()
    running = asyncio.ensure_future(run("{ things { slow again: slow } }", work))
    await work.began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert others() == before
    assert work.ends == {"slow cancelled": 4}


async def test_siblings_of_failed_field_are_cancelled() -> None:
    before, work = others(), Work()
    result = await run("{ thing { slow fails } }", work)
    assert result.data == {"thing": None}
    assert [error.message for error in result.errors or ()] == ["it fails"]
    assert work.ends == {"slow cancelled": 1}
    assert others() == before


async def test_other_fields_continue_after_failure() -> None:
    work = Work()
    running = asyncio.ensure_future(run("{ thing { fails } other: thing { slow } }", work))
    await work.began.wait()
    work.may.set()
    result = await running
    assert result.data == {"thing": None, "other": {"slow": "slow"}}
    assert work.ends == {"slow done": 1}


@pytest.mark.parametrize("query", ["{ thing { cancelled } }", "{ thing { name cancelled again: cancelled } }"])
async def test_externally_cancelled_task_is_field_error(query: str) -> None:
    result = await run(query)
    assert result.data is not None
    assert result.data["thing"]["cancelled"] is None
    assert {error.message for error in result.errors or ()} == {"Field resolver was cancelled."}


@pytest.mark.parametrize("runs", [1, 2])
async def test_run_completes_after_its_plan_was_evicted(runs: int) -> None:
    """Nodes are unlinked with the plan, which the run holds."""
    work, plans = Work(), plans_of("{ things { name slow } }")
    for _ in range(runs):
        plan = plans.plan(NO_VARIABLES)
    found = execute_plan(ExecutionContext(plan, work, None, NO_VARIABLES))
    assert not isinstance(found, ExecutionResult)
    running = asyncio.ensure_future(found)
    await work.began.wait()
    del plan, plans, found
    work.may.set()
    assert (await running).data == {"things": [{"name": "thing", "slow": "slow"}] * 2}


async def test_plan_is_compiled_for_second_run() -> None:
    plans = plans_of("{ thing { name } }")
    first = plans.plan(NO_VARIABLES)
    interpreted = first.root.select
    assert plans.plan(NO_VARIABLES) is first
    assert first.root.select is not interpreted


async def test_plans_per_combination_of_directives_are_bounded() -> None:
    names = [f"v{number}" for number in range(6)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: __typename @include(if: ${name})" for name in names)
    text = f"query({declared}) {{ {fields} }}"
    for number in range(2 ** len(names)):
        chosen = {name: bool(number >> index & 1) for index, name in enumerate(names)}
        result = await run(text, variables=chosen)
        assert result.data == {name: "Query" for name in names if chosen[name]}
    plans = plans_of(text)
    for number in range(2 ** len(names)):
        plans.plan(VariableValues({}, {name: bool(number >> index & 1) for index, name in enumerate(names)}))
    assert len(plans._plans) == MAX_PLANS


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("{ thing { name } ... @defer { thing { name } } }", "@defer"),
        ("query($on: Boolean) { thing { name @include(if: $on) } }", "an error in a directive"),
    ],
)
async def test_fallback_to_graphql_core_is_counted(query: str, reason: str) -> None:
    before = fallback_counts[reason]
    await run(query)
    assert fallback_counts[reason] == before + 1


def test_generated_source_contains_no_values() -> None:
    plans = plans_of('{ thing { echo(text: "a value; import os") other: echo(text: "and another") } }')
    plans.plan(NO_VARIABLES)
    found = constants_of(plans.plan(NO_VARIABLES))
    assert "other" in found
    assert not [constant for constant in found if "value" in constant or "another" in constant]


def constants_of(plan: Plan) -> set[str]:
    """The strings in the code of its functions."""
    codes: list[CodeType] = [selection.select.__code__ for selection in iter_selections(plan.root)]
    return {constant for code in codes for constant in code.co_consts if isinstance(constant, str)}
