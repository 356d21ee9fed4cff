"""Clients are charged for what operations deliver, and rejected before execution if they have too few units."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from db.core.database import owner_connection
from domain.request_limits import RequestLimit
from server.graphql.cost_charge import DRY_RUN_COST
from server.observability.error_log import limit_counts
from tests.clients import TEST_SECRET, Client, client_of
from tests.databases import execute
from tests.processes import server_process
from tests.requests import codes
from tests.server.test_authentication import token
from tests.server.test_interruptions import locked, until, until_waiting
from tests.streams import COMPLETE, DASHBOARD, MULTIPART, TRANSPORTS, stream_server

WORDS = 'query ($n: Int!) { searchVocabulary(query: "猫", first: $n) { nodes { id kanji { character } } } }'
BOOKS = "{ books(first: 100) { nodes { id title } } }"
SETTINGS = 'mutation { updateStudySettings(input: {timeZone: "Asia/Tokyo"}) { errors { message } } }'
ZONE = "{ viewer { settings { timeZone } } }"
# Hardly any unit is restored during a test.
SMALL: dict[str, Any] = {"cost_plans": "anonymous=3000/1", "max_query_cost": 3_000, "cache": "off"}


async def send(
    client: Client, query: str, cost: object = None, user: str | None = None, **variables: Any
) -> httpx.Response:
    headers = {} if user is None else {"Authorization": f"Bearer {client.token(user)}"}
    body = {"query": query, "variables": variables} | ({} if cost is None else {"extensions": {"cost": cost}})
    return await client.http.post("/graphql", json=body, headers=headers)


async def cost_of(client: Client, query: str, options: object, user: str | None = None, **variables: Any) -> Any:
    return (await send(client, query, options, user, **variables)).json()["extensions"]["cost"]


async def available(client: Client, user: str | None = None) -> int:
    found: int = (await cost_of(client, "{ __typename }", {}, user))["throttle"]["available"]
    return found


async def use_all(client: Client, user: str) -> httpx.Response:
    """Send mutations until one is rejected."""
    while True:
        response = await send(client, SETTINGS, user=user)
        if response.status_code != 200:
            return response


async def test_response_has_its_cost_on_demand(client: Client) -> None:
    assert "extensions" not in (await send(client, WORDS, n=50)).json()
    cost = await cost_of(client, WORDS, {}, n=50)
    assert 0 < cost["actual"] < cost["requested"]
    throttle = cost["throttle"]
    assert 0 < throttle["available"] <= throttle["maximum"] == 1_000_000_000


async def test_client_reads_its_limit(shared_database_url: str, redis_url: str) -> None:
    user = uuid4().hex
    query = "{ rateLimit { maximum available restoreRate fullAt } }"
    async with client_of(shared_database_url, redis_url, **SMALL) as client:
        await use_all(client, user)
        limit = (await client.run(query, user=user)).data["rateLimit"]
        assert (limit["maximum"], limit["restoreRate"]) == (3_000, 1)
        assert limit["available"] <= await available(client, user) + 1 < 3_000
        seconds = (datetime.fromisoformat(limit["fullAt"]) - datetime.now(UTC)).total_seconds()
        assert seconds <= 3_000 - limit["available"]
    async with client_of(shared_database_url, redis_url, cost_limit="off") as client:
        assert (await client.run(query, user=user)).data["rateLimit"] is None


async def test_token_names_a_plan(shared_database_url: str, redis_url: str) -> None:
    """A plan that does not exist, and that of another role, are ignored."""
    plans = "anonymous=60000/10 learner=70000/10 editor=80000/10 premium=90000/10"
    settings: dict[str, Any] = {"cost_plans": plans, "cost_plan_claim": "plan"}
    async with client_of(shared_database_url, redis_url, **settings) as client:
        found = {}
        for plan in ("premium", "free", "editor", None, ["premium"], "x" * 10_000):
            response = await client.http.post(
                "/graphql",
                json={"query": "{ rateLimit { maximum } }"},
                headers={"Authorization": f"Bearer {token(plan=plan)}"},
            )
            found[str(plan)[:9]] = (response.json().get("data") or {}).get("rateLimit", {}).get("maximum")
    assert found == {
        "premium": 90_000,
        "free": 70_000,
        "editor": 70_000,
        "None": 70_000,
        "['premium": 70_000,
        "xxxxxxxxx": None,
    }


@pytest.mark.parametrize("options", [[], 1, {"dryRun": 1}, {"unknown": True}])
async def test_unknown_options_are_rejected(client: Client, options: object) -> None:
    assert codes(await send(client, "{ __typename }", options)) == ["BAD_USER_INPUT"]


async def test_client_without_units_is_rejected(shared_database_url: str, redis_url: str) -> None:
    user = uuid4().hex
    async with client_of(shared_database_url, redis_url, **SMALL) as client:
        before = limit_counts()[RequestLimit.COST]
        response = await use_all(client, user)
        assert (response.status_code, codes(response)) == (429, ["RATE_LIMITED"])
        assert limit_counts()[RequestLimit.COST] == before + 1
        [error] = response.json()["errors"]
        wait, cost = error["extensions"]["retryAfter"], error["extensions"]["cost"]
        assert error["extensions"]["limit"] == RequestLimit.COST
        assert response.headers["Retry-After"] == str(wait)
        left = cost["throttle"]["available"]
        assert 0 < cost["requested"] - left <= wait + 1
        assert response.headers["RateLimit-Policy"] == '"cost";q=3000;qu="cost";w=3000'
        assert response.headers["RateLimit"] == f'"cost";r={left};t={3_000 - left}'
        # Other clients and cheaper operations are admitted.
        assert codes(await send(client, SETTINGS, user=uuid4().hex)) == []
        assert codes(await send(client, "{ viewer { id } }", user=user)) == []


async def test_responses_that_are_not_shared_have_the_limit(shared_database_url: str, redis_url: str) -> None:
    """By method, and whether the response is public: what a proxy may store has no limit of one client."""
    queries = {"public": "{ books(first: 1) { nodes { title } } }", "private": "{ viewer { id } }"}
    async with client_of(shared_database_url, redis_url, **SMALL | {"cache": "on"}) as client:
        bearer = {"Authorization": f"Bearer {client.token('demo')}"}
        for kind, query in queries.items():
            for headers in ({}, bearer):
                for method in ("GET", "QUERY", "POST"):
                    sent: dict[str, Any] = (
                        {"params": {"query": query}} if method == "GET" else {"json": {"query": query}}
                    )
                    # Executed, then from the cache.
                    for _ in range(2):
                        response = await client.http.request(method, "/graphql", headers=headers, **sent)
                        assert response.status_code == 200
                        is_shared = "public" in response.headers["Cache-Control"]
                        assert is_shared == (kind == "public" and not headers)
                        has_limit = response.headers.get("RateLimit", "").startswith('"cost";r=')
                        assert has_limit == (method == "POST" or not is_shared), (kind, method)
                        assert has_limit == ("RateLimit-Policy" in response.headers)
                        is_stored = {**headers, "If-None-Match": response.headers.get("ETag", "")}
                        if method == "GET":
                            again = await client.http.get("/graphql", headers=is_stored, **sent)
                            assert (again.status_code, "RateLimit" in again.headers) == (304, has_limit)
        stream = await client.http.post(
            "/graphql", json={"query": queries["public"]}, headers={"Accept": "text/event-stream"}
        )
        assert stream.headers["RateLimit"].startswith('"cost";r=')


async def test_names_of_clients_do_not_multiply_the_budget(writable_database_url: str) -> None:
    """Not even the names of versions that are registered, which are public."""
    await execute(writable_database_url, "insert into app_versions (app, version) values ('web', '1')")
    async with client_of(writable_database_url, None, **SMALL) as client:
        statuses = []
        for number in range(60):
            name = {"GraphQL-Client-Name": "web" if number % 2 else f"c{number}", "GraphQL-Client-Version": "1"}
            statuses.append((await client.http.post("/graphql", json={"query": BOOKS}, headers=name)).status_code)
        assert 0 < statuses.count(200) < 30
        assert set(statuses[-20:]) == {429}
        # Those of viewers are their own.
        assert codes(await send(client, BOOKS, user=uuid4().hex)) == []


async def test_rejected_operation_is_not_executed(shared_database_url: str) -> None:
    user, change = uuid4().hex, SETTINGS.replace("Tokyo", "Seoul")
    async with client_of(shared_database_url, None, **SMALL) as client:
        await use_all(client, user)
        assert codes(await send(client, change, user=user)) == ["RATE_LIMITED"]
        response = await send(client, ZONE, user=user)
        assert response.json()["data"]["viewer"]["settings"]["timeZone"] == "Asia/Tokyo"


async def test_what_is_not_delivered_is_refunded(shared_database_url: str, redis_url: str) -> None:
    user = uuid4().hex
    async with client_of(shared_database_url, redis_url, **SMALL) as client:
        before, cost = await available(client, user), await cost_of(client, WORDS, {}, user, n=20)
        assert cost["requested"] - cost["actual"] > 100
        # Rejected requests cost nothing.
        assert codes(await send(client, "{ unknown }", user=user)) == ["GRAPHQL_VALIDATION_FAILED"]
        assert codes(await send(client, WORDS, user=user)) == ["BAD_USER_INPUT"]
        assert before - cost["actual"] <= await available(client, user) <= before
        assert await available(client, uuid4().hex) == 3_000


async def test_dry_run_does_not_execute(shared: Client) -> None:
    user = uuid4().hex
    await send(shared, ZONE, user=user)
    response = await send(shared, SETTINGS.replace("Tokyo", "Seoul"), {"dryRun": True}, user)
    assert response.json()["data"] is None
    cost = response.json()["extensions"]["cost"]
    assert (cost["requested"] >= 100, cost["actual"]) == (True, None)
    zone = (await send(shared, ZONE, user=user)).json()["data"]["viewer"]["settings"]["timeZone"]
    assert zone != "Asia/Seoul"


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_dry_run_does_not_execute_on_streams(shared_database_url: str, redis_url: str, transport: str) -> None:
    async with stream_server(shared_database_url, redis_url) as server:
        await send(server.client, SETTINGS, user="demo")
        # A client that accepts multipart responses gets JSON for everything but subscriptions.
        others = () if transport == MULTIPART else (SETTINGS.replace("Tokyo", "Seoul"), BOOKS)
        for query in (DASHBOARD, *others):
            options = {"cost": {"dryRun": True, "explain": True}}
            async with server.stream(transport, query, extensions=options) as events:
                event, *rest = [event async for event in events]
            assert (event.data, rest) == (None, [COMPLETE])
            assert event.body is not None
            cost = event.body["extensions"]["cost"]
            assert (cost["requested"], cost["actual"]) == (sum(cost["byCoordinate"].values()), None)
        zone = (await send(server.client, ZONE, user="demo")).json()["data"]["viewer"]["settings"]["timeZone"]
        assert zone == "Asia/Tokyo"


async def test_dry_runs_are_limited(shared_database_url: str, redis_url: str) -> None:
    """They cost little, but no client can compute without limit."""
    async with client_of(shared_database_url, redis_url, **SMALL) as client:
        for explain in (False, True):
            user, options = uuid4().hex, {"dryRun": True, "explain": explain}
            before = await available(client, user)
            await send(client, WORDS, options, user, n=20)
            used = before - await available(client, user)
            assert DRY_RUN_COST <= used < 1_000
            for _ in range(3_000 // DRY_RUN_COST):
                response = await send(client, WORDS, options, user, n=20)
                if codes(response):
                    break
            assert (response.status_code, codes(response)) == (429, ["RATE_LIMITED"])


async def test_explanation_of_an_executed_operation_is_charged(shared_database_url: str, redis_url: str) -> None:
    """It takes longer than the operation, which fails before it reads anything."""
    books = " ".join(f"a{number}: vocabulary(first: 1) {{ nodes {{ id }} }}" for number in range(40))
    failing = f'{{ node(id: "x") {{ ... on Book {{ {books} }} }} }}'
    async with client_of(shared_database_url, redis_url, **SMALL) as client:
        used = {}
        for explain in (False, True):
            user = uuid4().hex
            before = await available(client, user)
            response = await send(client, failing, {"explain": explain}, user)
            assert ("byCoordinate" in response.json()["extensions"]["cost"]) == explain
            used[explain] = before - await available(client, user)
        assert used[True] > used[False] + 10


async def test_explanation_divides_the_estimate(client: Client) -> None:
    cost = await cost_of(client, WORDS, {"dryRun": True, "explain": True}, n=20)
    explained = cost["byCoordinate"]
    assert sum(explained.values()) == cost["requested"]
    assert explained["Query.searchVocabulary"] > 20
    assert list(explained.values()) == sorted(explained.values(), reverse=True)


async def test_cached_responses_cost_a_unit(shared_database_url: str, redis_url: str) -> None:
    user = uuid4().hex
    async with client_of(shared_database_url, redis_url, **SMALL | {"cache": "on"}) as client:
        query = "{ books(first: 20) { nodes { id title description } } }"
        assert codes(await send(client, query, user=user)) == []
        before = await available(client, user)
        for _ in range(10):
            response = await send(client, query, user=user)
        assert before - 10 <= await available(client, user)
        assert response.headers["RateLimit"].startswith('"cost";r=')


async def test_timeout_costs_its_duration(writable_database_url: str) -> None:
    settings = SMALL | {"operation_timeout_seconds": 0.5}
    async with client_of(writable_database_url, None, **settings) as client, locked(writable_database_url):
        before = await available(client)
        response = await send(client, "{ books(first: 100) { nodes { id title } } }")
        assert codes(response) == ["TIMEOUT"]
        assert await available(client) <= before - 400


async def test_failure_and_disconnect_are_refunded(writable_database_url: str) -> None:
    """What did not deliver anything costs little, whoever ended it."""
    query = "{ books(first: 100) { nodes { id title } } }"
    async with stream_server(writable_database_url, None, **SMALL) as server:
        client = server.client
        requested = (await cost_of(client, query, {"dryRun": True}))["requested"]
        assert requested > 500
        async with locked(writable_database_url) as observer:
            before = await available(client)
            leaving = asyncio.create_task(send(client, query))
            await until_waiting(observer, 1)
            leaving.cancel()

            async def is_refunded() -> bool:
                return bool(await available(client) > before - requested)

            await until(is_refunded)
        async with owner_connection(writable_database_url) as owner:
            await owner.execute("alter table books rename to books_of_the_test")
        before = await available(client)
        assert codes(await send(client, query)) == ["INTERNAL_SERVER_ERROR"]
        assert await available(client) > before - requested


@pytest.mark.parametrize("processes", [None, "3"])
async def test_processes_without_redis_share_the_plan(
    shared_database_url: str, tmp_path: Path, processes: str | None
) -> None:
    """`processes`: the setting, of which more may be processes of other servers."""
    settings = {"COST_PLANS": "anonymous=6000/1", "MAX_QUERY_COST": "1000", "CACHE": "off"}
    settings |= {} if processes is None else {"COST_LIMIT_PROCESSES": processes}
    settings |= {"DATABASE_URL": shared_database_url, "JWT_SECRET": TEST_SECRET}
    body = {"query": WORDS, "variables": {"n": 20}, "extensions": {"cost": {}}}
    async with server_process(tmp_path / "log", "--workers", "2", "--separate-ports", **settings) as server:
        shares = []
        for port in server.ports:
            used = 0
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
                while (response := await http.post("/graphql", json=body)).status_code == 200:
                    used += response.json()["extensions"]["cost"]["actual"]
            assert response.status_code == 429
            shares.append(used)
    share = 6_000 / int(processes or 2)
    assert all(share - 1_000 < used < share + 60 for used in shares)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_events_wait_for_units(shared_database_url: str, redis_url: str, transport: str) -> None:
    settings = SMALL | {"cost_plans": "anonymous=3000/100"}
    async with stream_server(shared_database_url, redis_url, **settings) as server:
        user = uuid4().hex
        await use_all(server.client, user)
        async with server.stream(transport, DASHBOARD, user=user) as events:
            assert (await anext(events)).data["dashboardUpdated"]
