"""`extensions.trace`: how an operation was executed, for development and administrators."""

import json
import sys
from typing import Any
from uuid import uuid4

import pytest

from common.tracing.trace import MAX_SPANS
from db.core.database import Database
from db.core.read_session import ReadSession
from db.core.statement import Statement
from db.core.statement_names import name_statements
from domain.enums import Role
from domain.ids import UserId
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from tests.clients import Client, client_of
from tests.named_statements import named_statements
from tests.workers import GENERATE, textbook_input

TRACE, PLANS = {"X-Debug-Trace": "1"}, {"X-Debug-Trace": "plans"}
# Two levels below a list, with a value of a variable.
QUERY = """
    query Traced($text: String!) {
        textbooks(first: 2) { nodes { title chapters { vocabulary { word card { state } } } } }
        searchVocabulary(query: $text, first: 2) { nodes { word } }
        viewer { user { displayName } }
    }
"""
SECRET = "private search term"


async def trace_of(client: Client, headers: dict[str, str], **options: Any) -> dict[str, Any]:
    answered = await client.run(QUERY, {"text": SECRET}, headers=headers, **options)
    assert answered.data
    found: dict[str, Any] = answered.body["extensions"]["trace"]
    assert SECRET not in str(found)
    return found


async def test_spans_are_inside_their_parents(writable: Client) -> None:
    trace = await trace_of(writable, TRACE, user="demo")
    by_id = {span["id"]: span for span in trace["spans"] if span["id"]}
    assert trace["durationMs"] > 0
    assert trace["droppedSpans"] == 0
    assert [span["startMs"] for span in trace["spans"]] == sorted(span["startMs"] for span in trace["spans"])
    for span in trace["spans"]:
        assert 0 <= span["startMs"] <= span["startMs"] + span["durationMs"] <= trace["durationMs"] + 0.01
        parent = by_id.get(span["parent"])
        if parent is None:
            assert span["parent"] == 0
        else:
            assert parent["startMs"] <= span["startMs"] + 0.01
    types = {span["type"] for span in trace["spans"]}
    assert {"document", "parse", "validate", "plan", "execute", "statement", "loader", "encode"} <= types
    loaders = [span for span in trace["spans"] if span["type"] == "loader"]
    assert all(span["detail"] > 0 for span in loaders)


async def test_statements_have_sql_and_generic_plans(client: Client) -> None:
    trace = await trace_of(client, PLANS, user="demo")
    executed = {span["name"] for span in trace["spans"] if span["type"] == "statement"}
    named = {statement["name"] for statement in trace["statements"]}
    assert named
    assert named <= executed
    for statement in trace["statements"]:
        assert "select" in statement["sql"].lower()
        assert "(cost=" in statement["plan"], statement
    assert any("$1" in statement["plan"] for statement in trace["statements"])
    unplanned = await trace_of(client, TRACE, user="demo")
    assert [statement["plan"] for statement in unplanned["statements"]] == [None] * len(unplanned["statements"])


async def test_mutation_has_a_trace(writable: Client) -> None:
    answered = await writable.run(GENERATE, textbook_input(), user="demo", headers=PLANS)
    assert answered.data["generateTextbook"]["errors"] == []
    statements = answered.body["extensions"]["trace"]["statements"]
    assert any(statement["sql"].startswith("INSERT") for statement in statements)
    assert all("(cost=" in statement["plan"] for statement in statements)


async def test_event_has_a_trace(writable: Client) -> None:
    generated = await writable.run(GENERATE, textbook_input(), user="demo")
    job = {"id": generated.data["generateTextbook"]["job"]["id"]}
    cancelled = await writable.run(
        "mutation ($id: ID!) { cancelJob(input: {id: $id}) { job { status } } }", job, user="demo"
    )
    assert cancelled.data["cancelJob"]["job"]["status"] == "CANCELLED"
    operation = {"query": "subscription Watch($id: ID!) { jobStatus(id: $id) { status } }", "variables": job}
    headers = {"Authorization": f"Bearer {writable.token('demo')}", "Accept": "text/event-stream", **TRACE}
    response = await writable.http.post("/graphql", json=operation, headers=headers)
    [event] = [json.loads(line[6:]) for line in response.text.splitlines() if line.startswith("data: {")]
    assert event["data"] == {"jobStatus": {"status": "CANCELLED"}}
    assert [span["type"] for span in event["extensions"]["trace"]["spans"]].count("execute") == 1


async def test_trace_is_shown_to_those_who_may_see_it(content_database_url: str, redis_url: str) -> None:
    async with client_of(content_database_url, redis_url, environment="production") as client:
        for user, may in ((None, False), ("demo", False), ("editor", False), ("admin", True)):
            answered = await client.run("{ books(first: 1) { nodes { title } } }", user=user, headers=PLANS)
            assert answered.data
            assert ("trace" in answered.body.get("extensions", {})) is may


@pytest.mark.parametrize("value", ["0", "", "PLANS", "true"])
async def test_other_values_of_the_header_are_ignored(client: Client, value: str) -> None:
    answered = await client.run("{ books(first: 1) { nodes { title } } }", headers={"X-Debug-Trace": value})
    assert "trace" not in answered.body["extensions"]


async def test_size_is_bounded(client: Client) -> None:
    fields = " ".join(f'k{n}: kanji(character: "食", ) {{ meanings }}' for n in range(30))
    answered = await client.run(f"{{ {fields} }}", headers=TRACE | {"X-Trace-Fields": "1"})
    assert answered.data
    assert len(answered.body["extensions"]["trace"]["spans"]) <= MAX_SPANS


def statements() -> list[Statement[Any]]:
    """All of db/queries and db/commands, without those that functions build."""
    # Imports all modules.
    named_statements()
    name_statements()
    modules = [module for name, module in sys.modules.items() if name.startswith(("db.queries.", "db.commands."))]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Statement)]


# Statements of the owner, one of distributed databases, and one that needs an extension of PostgreSQL.
WITHOUT_PLAN = {
    "commands.card_deletion.record_deleted_cards",
    "commands.card_statistics.clear_cards",
    "commands.card_statistics.clear_totals",
    "commands.card_statistics.count_cards",
    "commands.card_statistics.start_count",
    "commands.cards.purge_cards",
    "commands.review_statistics.balance_card_counts",
    "commands.review_statistics.count_days",
    "commands.review_statistics.count_months",
    "commands.review_statistics.delete_days",
    "commands.review_statistics.delete_months",
    "commands.review_statistics.mark_counted",
    "queries.backlog.event_backlog",
    "queries.backlog.unsent_changes",
    "queries.diagnostics.slow_queries",
}


@pytest.mark.parametrize("role", [Role.LEARNER, Role.ADMIN])
async def test_every_statement_has_a_plan(database: Database, role: Role) -> None:
    known = {statement.sql: statement.name for statement in statements()}
    assert len(known) > 100
    viewer = Viewer(UserId(uuid4()), role)
    plans = await ReadSession(database, viewer, RequestStatistics()).explain(known)
    assert {name for sql, name in known.items() if sql not in plans} <= WITHOUT_PLAN


async def test_statement_that_fails_has_no_plan_and_leaves_nothing(database: Database) -> None:
    reads = ReadSession(database, None, RequestStatistics())
    plans = await reads.explain(["select 1", "select nothing", "delete from pg_class", "select $1::int"])
    assert plans.keys() == {"select 1", "select $1::int"}
    async with database.connection() as connection:
        names = await connection.fetch("select name from pg_prepared_statements where name like '%explained%'")
    assert names == []
