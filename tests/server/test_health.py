"""Health for load balancers and people, through an outage and after it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from db.database import connected
from db.migrations import upgrade
from server.embedded import embedded_servers, postgresql, valkey
from tests.clients import Client, client_of
from tests.wires import wire_to

POOL = 3


async def ready(client: Client) -> tuple[int, str, dict[str, str]]:
    response = await client.http.get("/readyz")
    body = response.json()
    return response.status_code, body["status"], {check["name"]: check["status"] for check in body["checks"]}


async def test_all_is_well(client: Client) -> None:
    assert await ready(client) == (200, "OK", {"database": "OK", "cache": "OK", "changes": "OK"})
    response = await client.http.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")


async def test_without_redis_it_serves_and_says_so(content_database_url: str) -> None:
    async with client_of(content_database_url, None) as client:
        checks = {"database": "OK", "cache": "DEGRADED", "changes": "OK"}
        assert await ready(client) == (200, "DEGRADED", checks)
        assert (await client.run("{ jlptContentStats { jlptLevel } }")).data


async def test_an_outage_is_told_and_outlived(tmp_path: Path) -> None:
    with embedded_servers(tmp_path, lambda _: None) as servers:
        await asyncio.to_thread(upgrade, servers.database_url)
        sockets = Path(servers.redis_url.removeprefix("unix://")).parent
        async with client_of(servers.database_url, servers.redis_url) as client:
            assert (await ready(client))[:2] == (200, "OK")

            await asyncio.to_thread(valkey.stop, sockets)
            checks = {"database": "OK", "cache": "DEGRADED", "changes": "OK"}
            assert await ready(client) == (200, "DEGRADED", checks)

            await asyncio.to_thread(postgresql.stop, tmp_path)
            assert (await ready(client))[:2] == (503, "DOWN")
            assert (await ready(client))[2]["changes"] == "DEGRADED"
            assert (await client.http.get("/healthz")).status_code == 200
            answer = await client.run('{ kanji(character: "食") { id } }')
            assert answer.error_codes == ["SERVICE_UNAVAILABLE"]
            assert answer.body["errors"][0]["extensions"]["retryAfter"] > 0
            # Who asks cannot be found out either, and then nothing of the operation runs.
            signed_in = await client.run("{ viewer { email } }", as_="somebody")
            assert (signed_in.status, signed_in.error_codes) == (503, ["SERVICE_UNAVAILABLE"])

            await asyncio.to_thread(postgresql.ensure_running, tmp_path, sockets, lambda _: None)
            await asyncio.to_thread(valkey.ensure_running, tmp_path, sockets)
            async with asyncio.timeout(10):
                # It listens again within a second.
                while (await ready(client))[:2] != (200, "OK"):  # noqa: ASYNC110  # nothing tells of it
                    await asyncio.sleep(0.05)
            assert (await client.run('{ kanji(character: "食") { id } }')).data == {"kanji": None}


@asynccontextmanager
async def held_full(database_url: str, client: Client) -> AsyncIterator[None]:
    """Every connection of the pool waits for a lock, and more requests wait for a connection."""
    query = "mutation { updateStudySettings(input: {newCardsPerDay: 7}) { errors { code } } }"
    async with connected(database_url) as locking:
        await client.run("{ viewer { email } }", as_="demo")
        async with locking.transaction():
            await locking.execute("select from user_settings for update")
            held = [asyncio.ensure_future(client.run(query, as_="demo")) for _ in range(POOL + 3)]
            while (await ready(client))[2]["database"] != "DEGRADED":
                pass
            try:
                yield
                assert not any(one.done() for one in held)
            finally:
                await locking.execute("rollback; begin")
                answers = await asyncio.gather(*held)
    assert [answer.data["updateStudySettings"]["errors"] for answer in answers] == [[]] * len(held)


@pytest.fixture
async def small(writable_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    settings = {"db_pool_min": 1, "db_pool_max": POOL, "db_pool_timeout_seconds": 60}
    async with client_of(writable_database_url, redis_url, **settings) as client:
        yield client


async def test_full_pool_is_degraded_and_not_down(small: Client, writable_database_url: str) -> None:
    async with asyncio.timeout(60):
        async with held_full(writable_database_url, small):
            # Many at once, none of which waits for the pool's time-out.
            for status, worst, checks in await asyncio.gather(*(ready(small) for _ in range(20))):
                assert (status, worst, checks["database"]) == (200, "DEGRADED", "DEGRADED")
        assert (await ready(small))[:2] == (200, "OK")


async def test_administrator_reads_pool_stats_while_the_pool_is_full(small: Client, writable_database_url: str) -> None:
    """Also one whom this process has not seen yet."""
    query = "{ admin { poolStats { inUse waiting utilization } health { status checks { name message } } } }"
    async with asyncio.timeout(60), held_full(writable_database_url, small):
        for _ in range(2):
            answer = await small.run(query, as_="admin")
            assert answer.data["admin"]["poolStats"] == {"inUse": POOL, "waiting": 3, "utilization": 1}
            health = answer.data["admin"]["health"]
            assert health["status"] == "DEGRADED"
            assert health["checks"][0] == {"name": "database", "message": "All connections are in use: requests wait."}
            # Whoever was seen within the last seconds is known without a statement.
            assert answer.statements == 0


async def test_full_pool_of_a_silent_database_is_down(writable_database_url: str, redis_url: str) -> None:
    """Answered before the pool's time-out, and by all who ask at the same time."""
    async with wire_to(writable_database_url) as wire, asyncio.timeout(60):
        settings = {"db_pool_min": 0, "db_pool_max": 1, "db_pool_timeout_seconds": 60}
        async with client_of(wire.url, redis_url, direct_database_url=writable_database_url, **settings) as client:
            await client.run("{ viewer { email } }", as_="demo")
            assert (await ready(client))[0] == 200
            for is_full in (False, True):
                wire.alive.clear()
                waiting = [client.run("{ viewer { email } }", as_="demo") for _ in range(2 if is_full else 0)]
                held = [asyncio.ensure_future(one) for one in waiting]
                await asyncio.sleep(0)
                for answer in await asyncio.gather(*(ready(client) for _ in range(5))):
                    assert answer[:2] == (503, "DOWN")
                assert not any(one.done() for one in held)
                wire.alive.set()
                for one in held:
                    one.cancel()
                await asyncio.gather(*held, return_exceptions=True)
