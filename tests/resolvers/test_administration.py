"""Administrators see the right statistics, and others none."""

from typing import Any

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
