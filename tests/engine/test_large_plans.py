"""Large operations are planned in a thread: the event loop serves others meanwhile."""

import asyncio

import pytest
from graphql.execution import VariableValues

from common.executors import DOCUMENTS, run_in
from engine.errors import OperationTooComplex
from engine.nodes import Plan, iter_selections
from engine.plan import planner
from engine.request.document_cache import DocumentCache
from engine.request.plan_cache import PlanCache
from engine.request.prepared_operation import MAX_FIELDS_IN_LOOP, PreparedOperation
from schema.cache_control import CACHE_POLICIES
from schema.costs import COSTS
from tests.engine.test_footprint import aliased

FLAGS = dict.fromkeys(("f0", "f1", "f2", "f3"), False)
_CARDS = " ".join(f"a{index}: vocabulary {{ id card {{ ...C0 }} }}" for index in range(12))
ABSTRACT = f'{{ node(id: "x") {{ id ... on Card {{ {_CARDS} }} }} }} {aliased(1)[aliased(1).index("fragment C0") :]}'


async def load(text: str, max_fields: int = 2_500) -> tuple[PreparedOperation, VariableValues]:
    documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000, max_fields=max_fields)
    document = await documents.load(text, introspection=False)
    assert document.errors == ()
    [operation] = document.operations.values()
    variables = operation.variables.coerce(FLAGS if "$f0" in text else {})
    assert isinstance(variables, VariableValues)
    operation.analyze(variables)
    return operation, variables


def footprint(plans: PlanCache) -> int:
    return plans.footprint.bytes


def test_only_large_operations_are_planned_in_a_thread() -> None:
    async def is_large(text: str) -> bool:
        operation, _ = await load(text)
        return operation.is_large

    assert asyncio.run(is_large("{ books(first: 1) { nodes { id } } }")) is False
    assert asyncio.run(is_large(aliased(3))) is True
    assert asyncio.run(is_large(ABSTRACT)) is True


@pytest.mark.parametrize("text", [aliased(3), ABSTRACT], ids=["objects", "abstract"])
async def test_event_loop_has_turns_while_a_large_operation_is_planned(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, variables = await load(text)
    before = footprint(operation.plans)
    # The thread is busy until this test has seen that the event loop is not.
    release = asyncio.Event()
    busy = _until(release, asyncio.get_running_loop())
    blocked = asyncio.create_task(run_in(DOCUMENTS, asyncio.run, busy))
    plans = [asyncio.create_task(operation.plans.load(variables)) for _ in range(3)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert not any(plan.done() for plan in plans)
    # A client that disconnects does not stop it.
    plans[0].cancel()
    release.set()
    await blocked
    [plan, same] = await asyncio.gather(*plans[1:])
    assert plan is same
    assert field_count(plan) > MAX_FIELDS_IN_LOOP
    assert footprint(operation.plans) == before + plan.footprint.bytes
    # Nothing is left to plan for later runs.
    monkeypatch.delattr(planner, "collect_subfields")
    assert operation.plans.plan(variables) is plan


async def _until(release: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
    await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(release.wait(), loop))


def field_count(plan: Plan) -> int:
    """Including those of all possible types."""
    return sum(len(selection.fields) for selection in iter_selections(plan.root))


async def test_operation_with_too_many_fields_is_rejected_for_all_that_wait() -> None:
    operation, variables = await load(aliased(12), max_fields=400)
    before = footprint(operation.plans)
    found = await asyncio.gather(*(operation.plans.load(variables) for _ in range(2)), return_exceptions=True)
    assert [type(error) for error in found] == [OperationTooComplex] * 2
    assert footprint(operation.plans) == before


async def test_types_that_no_run_meets_do_not_count() -> None:
    """All possible types together have more fields than allowed, and those of a card have not."""
    operation, variables = await load(ABSTRACT, max_fields=300)
    plan = await operation.plans.load(variables)
    [field] = plan.root.fields
    assert not field.position.selections
