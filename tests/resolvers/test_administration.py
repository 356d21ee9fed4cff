"""Administrators see the right statistics, and others none."""

from collections import Counter
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_object_type

from domain.ids import global_id
from schema import schema
from tests.clients import Client
from tests.databases import column, execute


async def admin(client: Client, selection: str) -> Any:
    return (await client.run(f"{{ admin {{ {selection} }} }}", user="admin")).data["admin"]


async def test_other_roles_are_forbidden(client: Client) -> None:
    for subject in ("demo", "editor", None):
        assert (await client.run("{ admin { unusedIndexes { index } } }", user=subject)).data == {"admin": None}


async def test_health_and_the_pool(client: Client) -> None:
    found = await admin(
        client, "health { status checks { name status latencyMs } } poolStats { size inUse utilization }"
    )
    assert found["health"]["status"] == "OK"
    assert [check["name"] for check in found["health"]["checks"]] == [
        "database",
        "cache",
        "notifications",
        "dictionary",
    ]
    assert all(check["latencyMs"] > 0 for check in found["health"]["checks"][:2])
    assert 0 <= found["poolStats"]["inUse"] <= found["poolStats"]["size"] <= 10
    assert 0 <= found["poolStats"]["utilization"] <= 1


async def test_statistics_without_rows_are_zero(client: Client) -> None:
    found = await admin(client, "jobStats { queued running succeeded24h failed24h }")
    assert set(found["jobStats"].values()) == {0}


async def test_analytics_agree_with_the_log(client: Client, owner: Any) -> None:
    period = '(from: "2026-01-01", to: "2026-12-31")'
    found = (
        await admin(
            client,
            f"analytics{period} {{ activeLearners newLearners reviews retention days {{ date reviews activeLearners }}"
            " topVocabulary(first: 3) { lapseRate vocabulary { word } } }",
        )
    )["analytics"]
    reviews = "from reviews where not undone and reviewed_at >= '2026-01-01' and reviewed_at < '2027-01-01'"
    # Review days are in the learner's time zone, so a few reviews are counted for another date.
    assert abs(found["reviews"] - await owner.fetchval(f"select count(*) {reviews}")) < 100
    assert found["reviews"] == sum(day["reviews"] for day in found["days"])
    assert found["activeLearners"] == 1
    assert found["newLearners"] >= 3
    recalled = await owner.fetchval(f"select avg((quality >= 3)::int)::float {reviews}")
    assert abs(found["retention"] - recalled) < 0.02
    rates = [word["lapseRate"] for word in found["topVocabulary"]]
    assert rates == sorted(rates, reverse=True)
    assert len(rates) == 3


async def test_invalid_period_is_rejected(client: Client) -> None:
    for period in ('from: "2026-02-01", to: "2026-01-01"', 'from: "2020-01-01", to: "2026-01-01"'):
        answer = await client.run(f"{{ admin {{ analytics({period}) {{ reviews }} }} }}", user="admin")
        assert answer.error_codes == ["BAD_USER_INPUT"]


async def test_unused_indexes_and_slow_queries(client: Client) -> None:
    found = await admin(client, "unusedIndexes { table index scans sizeBytes } slowQueries(first: 5) { calls meanMs }")
    assert all(index["scans"] == 0 and index["sizeBytes"] >= 0 for index in found["unusedIndexes"])
    assert len(found["slowQueries"]) <= 5


async def test_slow_queries_need_the_extension_and_its_library(writable: Client, writable_database_url: str) -> None:
    assert await admin(writable, "slowQueries { query }") == {"slowQueries": []}
    await execute(writable_database_url, "create extension pg_stat_statements")
    # The view raises if the extension is installed without the library.
    [is_loaded] = await column(
        writable_database_url, "select current_setting('shared_preload_libraries') ~ 'pg_stat_statements'"
    )
    found = await admin(writable, "slowQueries { query }")
    assert bool(found["slowQueries"]) == is_loaded


# Looks at personal data, with the actions of the audit entries that each of them adds.
LOOKS = {
    "users(first: 1) { nodes { id } }": {"viewList": 1},
    "user(id: $user) { id }": {"view": 1},
    "jobs(first: 1) { nodes { user { id } } }": {"view": 1},
    "jobs(filter: {userId: $user}) { totalCount }": {"view": 1},
    "auditLog(first: 1) { nodes { changes } }": {"viewAuditLog": 1},
    "auditLog(actorId: $user) { totalCount }": {"viewAuditLog": 1, "view": 1},
    "auditLog(entityId: $user) { totalCount }": {"viewAuditLog": 1, "view": 1},
    # An object is found by its id, whatever the type.
    "auditLog(entityId: $other) { totalCount }": {"viewAuditLog": 1, "view": 1},
}
# The other fields of administrators have no personal data, for these reasons.
IMPERSONAL = {
    "metrics of processes": {"health", "cacheStats", "poolStats", "jobStats", "schedules"},
    "statements and operations without values": {"slowQueries", "slowOperations", "errors", "unusedIndexes"},
    "counts by client": {"deprecatedUsage", "schemaUsage"},
    "totals of all learners": {"analytics"},
    "ids of objects, which are looked up by the other fields": {"webhook", "webhooks"},
}
PERSONAL_TYPES = {"ManagedUser", "ManagedJob", "AuditEntry"}


@pytest.mark.parametrize("look", LOOKS)
async def test_each_look_at_personal_data_is_an_audit_entry(
    writable: Client, writable_database_url: str, look: str
) -> None:
    url = writable_database_url
    await execute(
        url,
        "insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts, max_attempts,"
        " input, scheduled_for) select gen_random_uuid(), id, 'EXPORT', 'QUEUED', 0, 0, 1, 0, 3, '{}', now() from users"
        " where subject = 'demo'",
    )
    [demo] = await column(url, "select id from users where subject = 'demo'")
    ids = {"$user": global_id("User", demo), "$other": global_id("Book", demo)}
    query = look
    for name, id in ids.items():
        query = query.replace(name, f'"{id}"')
    assert await admin(writable, query)
    logged = "select action || ' ' || (entity_id = '%s') from audit_log where action like 'view%%'"
    found = Counter(await column(url, logged % demo))
    assert found == {f"{action} {str(action == 'view').lower()}": number for action, number in LOOKS[look].items()}


async def test_entry_by_its_id_is_a_look(writable: Client, writable_database_url: str) -> None:
    await admin(writable, "auditLog(first: 1) { totalCount }")
    [id] = await column(writable_database_url, "select id from audit_log where action = 'viewAuditLog'")
    node = "query($id: ID!) { node(id: $id) { id } }"
    for user, looks in (("editor", 1), ("admin", 2)):
        found = (await writable.run(node, {"id": global_id("AuditEntry", id)}, user=user)).data["node"]
        assert (found is not None) == (user == "admin")
        actions = await column(writable_database_url, "select action from audit_log where action = 'viewAuditLog'")
        assert len(actions) == looks


def test_each_field_of_administrators_is_logged_or_has_no_personal_data() -> None:
    types = schema._schema.type_map
    fields = types["Admin"]
    assert isinstance(fields, GraphQLObjectType)
    impersonal = [name for names in IMPERSONAL.values() for name in names]
    assert sorted({look.partition("(")[0] for look in LOOKS} | set(impersonal)) == sorted(fields.fields)
    reached: set[str] = set()
    pending = [get_named_type(fields.fields[name].type) for name in impersonal]
    while pending:
        type_ = pending.pop()
        if is_object_type(type_) and type_.name not in reached:
            reached.add(type_.name)
            pending += [get_named_type(field.type) for field in type_.fields.values()]
    assert reached & PERSONAL_TYPES == set()
