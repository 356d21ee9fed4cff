"""What the random operations do not show: when plans are compiled, what is left to graphql-core, what happens to work
that nobody waits for any more."""

import asyncio
from collections import Counter
from types import CodeType
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, FragmentDefinitionNode, OperationDefinitionNode, execute, parse
from graphql.execution import VariableValues

from engine.plan.nodes import Plan, with_all_below
from engine.plan.plan_cache import MAX_PLANS, OperationPlans
from engine.run.execute import fallbacks
from tests.engine.planned_executor import PlannedExecutor


class Work:
    """The context: what resolvers have begun and how it ended. `may` lets them go on."""

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


def plans_of(query: str) -> OperationPlans:
    definitions = parse(query).definitions
    operation = next(node for node in definitions if isinstance(node, OperationDefinitionNode))
    fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
    return OperationPlans(schema._schema, operation, fragments)


NO_VARIABLES = VariableValues({}, {})


async def test_a_cancelled_operation_leaves_no_task() -> None:
    before, work = others(), Work()
    running = asyncio.ensure_future(run("{ things { slow again: slow } }", work))
    await work.began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert others() == before
    assert work.ends == {"slow cancelled": 4}


async def test_the_siblings_of_what_failed_are_cancelled() -> None:
    before, work = others(), Work()
    result = await run("{ thing { slow fails } }", work)
    assert result.data == {"thing": None}
    assert [error.message for error in result.errors or ()] == ["it fails"]
    assert work.ends == {"slow cancelled": 1}
    assert others() == before


async def test_others_go_on_when_something_failed() -> None:
    work = Work()
    running = asyncio.ensure_future(run("{ thing { fails } other: thing { slow } }", work))
    await work.began.wait()
    work.may.set()
    result = await running
    assert result.data == {"thing": None, "other": {"slow": "slow"}}
    assert work.ends == {"slow done": 1}


@pytest.mark.parametrize("query", ["{ thing { cancelled } }", "{ thing { name cancelled again: cancelled } }"])
async def test_work_that_something_else_cancelled_is_an_error_of_its_field(query: str) -> None:
    result = await run(query)
    assert result.data is not None
    assert result.data["thing"]["cancelled"] is None
    assert {error.message for error in result.errors or ()} == {"Field resolution was cancelled."}


async def test_a_plan_is_compiled_when_it_is_asked_for_again() -> None:
    plans = plans_of("{ thing { name } }")
    first = plans.plan(NO_VARIABLES)
    interpreted = first.root.select
    assert plans.plan(NO_VARIABLES) is first
    assert first.root.select is not interpreted


async def test_there_is_a_plan_for_each_combination_of_directives_and_not_too_many() -> None:
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
async def test_what_plans_do_not_support_is_left_to_graphql_core_and_counted(query: str, reason: str) -> None:
    before = fallbacks[reason]
    await run(query)
    assert fallbacks[reason] == before + 1


def test_no_value_is_in_generated_source() -> None:
    plans = plans_of('{ thing { echo(text: "a value; import os") other: echo(text: "and another") } }')
    plans.plan(NO_VARIABLES)
    found = constants_of(plans.plan(NO_VARIABLES))
    assert "other" in found
    assert not [constant for constant in found if "value" in constant or "another" in constant]


def constants_of(plan: Plan) -> set[str]:
    """The texts that its functions have in their code."""
    codes: list[CodeType] = [selection.select.__code__ for selection in with_all_below(plan.root)]
    return {constant for code in codes for constant in code.co_consts if isinstance(constant, str)}
