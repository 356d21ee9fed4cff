"""Slow operations and errors of all processes, as administrators see them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

from common.text import hash_document
from common.tracing.collector import TraceCollector
from common.tracing.span_types import REQUEST
from db.core.database import open_database, owner_connection
from db.services.diagnostics import add_errors, add_slow_operations
from domain.diagnostics import MAX_ERROR_GROUPS, MAX_SLOW_OPERATIONS, PHASES, ErrorKey, ErrorOccurrences, SlowOperation
from domain.jobs import JobErrorCode, JobFailed
from server.observability.diagnostics import MAX_OPERATIONS, SlowOperations, flush
from server.observability.error_groups import count_failure, count_occurrence
from tests.clients import Client, client_of
from tests.databases import column, execute

SECRET = "private search term"
SLOW = """
    query Slow($text: String!) {
        books(first: 3) { nodes { title progress { percent } } }
        searchVocabulary(query: $text, first: 2) { nodes { __typename } }
    }
"""
DIAGNOSTICS = """
    { admin {
        slowOperations(first: 100) {
            at kind operation documentHash client durationMs
            parseMs validateMs planMs executeMs encodeMs sqlMs poolWaitMs redisMs
            statements { name count durationMs rows } requestId traceId
        }
        errors(first: 100) {
            fingerprint code exception location operation count firstSeenAt lastSeenAt requestId
        }
    } }
"""


async def diagnostics(client: Client) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (await client.run(DIAGNOSTICS, user="admin")).data["admin"]
    return found


async def test_slow_operations_have_phases_and_statements(writable_database_url: str, redis_url: str) -> None:
    headers = {"graphql-client-name": "web", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}
    started_at = datetime.now(UTC)
    async with client_of(writable_database_url, redis_url, trace_slow_ms=1) as client:
        answered = await client.run(SLOW, {"text": SECRET}, user="demo", headers=headers)
    async with client_of(writable_database_url, redis_url) as other:
        [slow] = (await diagnostics(other))["slowOperations"]
    assert (slow["kind"], slow["operation"], slow["client"]) == ("query", "Slow", "web")
    assert slow["documentHash"] == hash_document(SLOW)
    assert (slow["requestId"], slow["traceId"]) == (
        answered.headers["x-request-id"],
        "0af7651916cd43dd8448eb211c80319c",
    )
    assert started_at <= datetime.fromisoformat(slow["at"]) <= datetime.now(UTC)
    assert all(slow[f"{phase}Ms"] > 0 for phase in ("parse", "validate", "plan", "execute", "encode", "sql", "redis"))
    assert slow["executeMs"] <= slow["durationMs"]
    [progress] = [total for total in slow["statements"] if "progress" in total["name"]]
    assert progress["count"] == 1
    assert SECRET not in str(slow)


async def test_statements_of_slow_operations_have_plans(writable_database_url: str, redis_url: str) -> None:
    """Also those that write, and lists of partitioned tables; without values, and without executing anything."""
    query = """
        query Slow($text: String!) {
            viewer { cards(first: 3) { nodes { id reviews(first: 2) { nodes { id } } } } }
            searchVocabulary(query: $text, first: 2) { nodes { __typename } }
        }
    """
    settings = "mutation Slow { updateStudySettings(input: {newCardsPerDay: 7}) { errors { code } } }"
    plans = "{ admin { slowOperations(first: 10) { statements { name plan } } } }"
    async with client_of(writable_database_url, redis_url, trace_slow_ms=1) as client:
        await client.run(query, {"text": SECRET}, user="demo")
        await client.run(settings, user="demo")
    # Another server in the same process.
    async with client_of(writable_database_url, redis_url) as other:
        version = "select new_cards_per_day from user_settings order by user_id"
        before = await column(writable_database_url, version)
        found = (await other.run(plans, user="admin")).data["admin"]["slowOperations"]
        assert await column(writable_database_url, version) == before
        assert (await other.run(plans, user="editor")).data == {"admin": None}
    explained = {one["name"]: one["plan"] for operation in found for one in operation["statements"]}
    assert all(plan is not None and "cost=" in plan for plan in explained.values()), explained
    assert any(plan.startswith(("Update", "Insert")) for plan in explained.values())
    assert any("$1" in plan for plan in explained.values())
    assert SECRET not in str(explained)


async def test_errors_are_grouped_by_cause(writable_database_url: str, redis_url: str) -> None:
    await execute(writable_database_url, "alter table books rename column title to former_title")
    async with client_of(writable_database_url, redis_url, cache="off") as client:
        for _ in range(2):
            broken = await client.run("query Broken { books(first: 1) { nodes { title } } }", user="demo")
            assert broken.error_codes == ["INTERNAL_SERVER_ERROR"]
        first = await client.run('{ node(id: "private id") { id } }')
        unusable = JobFailed(JobErrorCode.MODEL_ANSWER_UNUSABLE, SECRET, retryable=True)
        count_failure(unusable.code, unusable, "GENERATE_TEXTBOOK", "job-1")
        before = (await diagnostics(client))["errors"]
    assert before == []
    async with client_of(writable_database_url, redis_url, cache="off") as other:
        await other.run("query BrokenAgain { books(first: 1) { nodes { title } } }", user="demo")
    async with client_of(writable_database_url, redis_url) as third:
        errors = {error["code"]: error for error in (await diagnostics(third))["errors"]}
    fault = errors["INTERNAL_SERVER_ERROR"]
    assert (fault["exception"], fault["count"], fault["operation"]) == ("UndefinedColumnError", 3, "BrokenAgain")
    assert fault["location"].startswith("resolvers.")
    assert fault["firstSeenAt"] < fault["lastSeenAt"]
    assert errors["BAD_USER_INPUT"]["requestId"] == first.headers["x-request-id"]
    assert errors["MODEL_ANSWER_UNUSABLE"]["operation"] == "GENERATE_TEXTBOOK"
    assert not any(value in str(errors) for value in ("private", "former_title", "demo"))


async def test_groups_have_the_request_of_their_newest_error(writable_database_url: str) -> None:
    """In any order of three processes, of which some write late; the one without an operation replaces an older one."""
    start, key = datetime.now(UTC), ErrorKey("CODE")
    written = [
        ErrorOccurrences(start + timedelta(seconds=number), start + timedelta(seconds=number + 2), operation, name)
        for number, (operation, name) in enumerate([("First", "a"), ("Second", "b"), (None, "c")])
    ]
    found = "select (first_seen_at, last_seen_at, operation, request_id, count) from error_groups"
    async with open_database(writable_database_url, min_size=1, max_size=2) as database:
        for order in permutations(written):
            for occurrences in order:
                await add_errors(database, {key: replace(occurrences)})
            assert await column(writable_database_url, found) == [(start, start + timedelta(seconds=4), None, "c", 3)]
            await execute(writable_database_url, "delete from error_groups")


async def test_tables_are_bounded_and_for_administrators(writable_database_url: str, redis_url: str) -> None:
    now = datetime.now(UTC)
    async with open_database(writable_database_url, min_size=1, max_size=2) as database:
        times = [now + timedelta(seconds=second) for second in range(MAX_SLOW_OPERATIONS + 5)]
        phases = dict.fromkeys(PHASES, 0.0)
        slow = [SlowOperation(at, "query", None, None, "web", 1.0, phases, (), None, "") for at in times]
        await add_slow_operations(database, slow)
        errors = {ErrorKey("CODE", str(at)): ErrorOccurrences(at, at, None, None) for at in times}
        await add_errors(database, errors)
        async with database.connection() as connection:
            assert await connection.fetchval("select count(*) from slow_operations") == 0
            assert await connection.fetchval("select count(*) from error_groups") == 0
    assert await column(writable_database_url, "select min(at) from slow_operations") == [times[5]]
    assert await column(writable_database_url, "select count(*) from error_groups") == [MAX_ERROR_GROUPS]
    async with client_of(writable_database_url, redis_url) as client:
        for role in ("editor", None):
            assert (await client.run(DIAGNOSTICS, user=role)).data == {"admin": None}


async def test_diagnostics_outlive_outages(writable_database_url: str) -> None:
    """What could not be written is written with the next ones; what the database refuses does not end the loop."""
    slow = SlowOperations()
    traces = TraceCollector(slow_seconds=0, slow=slow)

    def end(name: str) -> None:
        trace = traces.start()
        attributes = {"graphql.operation.type": "query", "graphql.operation.name": name, "shinjp.client": "web"}
        traces.end(trace, REQUEST, name, trace.started_at, attributes)

    async with open_database(writable_database_url, min_size=1, max_size=2, timeout=1) as database:
        await execute(writable_database_url, "alter table slow_operations rename to former")
        for number in range(2 * MAX_OPERATIONS):
            end(f"lost {number}")
        count_occurrence(ErrorKey("LOST"), None, None)
        await flush(database, slow)
        await execute(writable_database_url, "alter table former rename to slow_operations")
        end("held")
        count_occurrence(ErrorKey("HELD"), None, None)
        async with owner_connection(writable_database_url) as other, other.transaction():
            await other.execute("lock table slow_operations, error_groups")
            await flush(database, slow)
            end("next")
        await flush(database, slow)
    operations = await column(writable_database_url, "select operation from slow_operations order by 1")
    assert operations == ["held", "next"]
    codes = "select code from error_groups where code in ('HELD', 'LOST') order by 1"
    assert await column(writable_database_url, codes) == ["HELD", "LOST"]
