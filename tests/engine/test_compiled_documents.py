"""`PreparedOperation.compile_all` leaves nothing to plan, compile or analyze to the first run."""

from typing import Any

import pytest
from graphql.execution import VariableValues

from engine.nodes import iter_selections
from engine.plan import planner
from engine.plan.possible_types import template_plans
from engine.request import document_cache, plan_cache
from engine.request.document_cache import DocumentCache
from engine.request.prepared_operation import PreparedOperation
from schema.cache_control import CACHE_POLICIES
from schema.costs import COSTS

TEXTS = {
    "default": "query A($first: Int = 5) { books(first: $first) { nodes { id title progress { percent } } } }",
    "abstract": "query B($id: ID!) { node(id: $id) { id ... on Book { title } ... on Card { dueAt } } }",
    "flags": "query C($a: Boolean!, $b: Boolean = true) { viewer { email @skip(if: $a) id @include(if: $b) } }",
    "template": 'query D { kanji(character: "水") { meanings } }',
    "mutation": "mutation E($i: UpdateStudySettingsInput!) { updateStudySettings(input: $i) { errors { code } } }",
}


async def compiled(text: str) -> PreparedOperation:
    document = await DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000).read(text)
    [operation] = document.operations.values()
    before = document.footprint.bytes
    operation.compile_all()
    assert document.footprint.bytes > before
    return operation


def variables_of(operation: PreparedOperation) -> list[VariableValues]:
    if operation.name == "C":
        values: list[dict[str, Any]] = [{"a": a, "b": b} for a in (True, False) for b in (True, False)]
    else:
        values = [{"id": "x", "i": {"newCardsPerDay": 1}}]
    coerced = [operation.variables.coerce(value) for value in values]
    return [found for found in coerced if isinstance(found, VariableValues)]


@pytest.mark.parametrize("name", TEXTS)
async def test_first_run_plans_and_compiles_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = await compiled(TEXTS[name])
    for module, function in ((plan_cache, "compile_plan"), (plan_cache, "build_plan"), (document_cache, "parse_tree")):
        monkeypatch.delattr(module, function)
    monkeypatch.delattr(planner, "collect_subfields")
    analyzed = operation._analyzer.visits
    for variables in variables_of(operation):
        plan = operation.plans.plan(variables)
        for one in (plan, *template_plans(plan)):
            for selection in iter_selections(one.root):
                assert selection.select.__code__.co_filename == "<plan>"
        operation.analyze(variables)
    if name != "flags":
        assert operation._analyzer.visits == analyzed


async def test_all_possible_types_are_planned() -> None:
    operation = await compiled(TEXTS["abstract"])
    [variables] = variables_of(operation)
    [field] = operation.plans.plan(variables).root.fields
    assert {type_.name for type_ in field.position.selections} >= {"Book", "Card", "User"}


async def test_operation_with_too_many_fields_of_possible_types_is_planned_by_its_runs() -> None:
    documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000, max_fields=20)
    [operation] = (await documents.read(TEXTS["abstract"])).operations.values()
    operation.compile_all()
    [variables] = variables_of(operation)
    [field] = operation.plans.plan(variables).root.fields
    assert not field.position.selections
