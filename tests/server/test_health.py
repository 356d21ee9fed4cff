"""Health checks for load balancers and administrators, during and after outages."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory

from db import migrations
from db.core import schema_version
from db.core.database import owner_connection
from db.migrations import downgrade, upgrade
from server.dev_servers import embedded_servers, postgresql, valkey
from server.setting_fields import PROJECT_ROOT
from server.settings import Settings
from tests.clients import Client, client_of
from tests.databases import execute
from tests.postgres_cluster import processes, stopped
from tests.tcp_proxy import proxy_to

POOL = 3


async def ready(client: Client) -> tuple[int, str, dict[str, str]]:
    response = await client.http.get("/readyz")
    body = response.json()
    return response.status_code, body["status"], {check["name"]: check["status"] for check in body["checks"]}


async def until_ready(client: Client, *expected: Any) -> None:
    """Repeats the probe: on a busy machine, a check may miss its time limit."""
    async with asyncio.timeout(60):
        while (await ready(client))[: len(expected)] != expected:
            pass


async def test_health_is_ok(client: Client) -> None:
    checks = {"database": "OK", "cache": "OK", "notifications": "OK", "dictionary": "OK"}
    await until_ready(client, 200, "OK", checks)
    response = await client.http.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")


async def test_missing_redis_is_degraded(content_database_url: str) -> None:
    async with client_of(content_database_url, None) as client:
        checks = {"database": "OK", "cache": "DEGRADED", "notifications": "OK", "dictionary": "OK"}
        await until_ready(client, 200, "DEGRADED", checks)
        assert (await client.run("{ jlptContentStats { jlptLevel } }")).data


async def test_outage_is_reported_and_recovered(tmp_path: Path) -> None:
    with embedded_servers(tmp_path, lambda _: None) as servers:
        await asyncio.to_thread(upgrade, servers.database_url)
        sockets = Path(servers.redis_url.removeprefix("unix://")).parent
        async with client_of(servers.database_url, servers.redis_url) as client:
            await until_ready(client, 200, "OK")

            await asyncio.to_thread(valkey.stop, sockets)
            checks = {"database": "OK", "cache": "DEGRADED", "notifications": "OK", "dictionary": "OK"}
            await until_ready(client, 200, "DEGRADED", checks)

            await asyncio.to_thread(postgresql.stop, tmp_path)
            assert (await ready(client))[:2] == (503, "DOWN")
            assert (await ready(client))[2]["notifications"] == "DEGRADED"
            assert (await client.http.get("/healthz")).status_code == 200
            answer = await client.run('{ kanji(character: "食") { id } }')
            assert answer.error_codes == ["SERVICE_UNAVAILABLE"]
            assert answer.body["errors"][0]["extensions"]["retryAfter"] > 0
            # The viewer cannot be authenticated either, so the operation is not executed.
            signed_in = await client.run("{ viewer { email } }", user="somebody")
            assert (signed_in.status, signed_in.error_codes) == (503, ["SERVICE_UNAVAILABLE"])

            await asyncio.to_thread(postgresql.start, tmp_path, sockets, lambda _: None)
            await asyncio.to_thread(valkey.start, tmp_path, sockets)
            # The listener reconnects within a second.
            await until_ready(client, 200, "OK")
            assert (await client.run('{ kanji(character: "食") { id } }')).data == {"kanji": None}


@asynccontextmanager
async def held_full(database_url: str, client: Client) -> AsyncIterator[None]:
    """Makes every connection of the pool wait for a lock, and further requests for a connection."""
    query = "mutation { updateStudySettings(input: {newCardsPerDay: 7}) { errors { code } } }"
    async with owner_connection(database_url) as locking:
        await client.run("{ viewer { email } }", user="demo")
        async with locking.transaction():
            await locking.execute("select from user_settings for update")
            held = [asyncio.ensure_future(client.run(query, user="demo")) for _ in range(POOL + 3)]
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
async def small_pool_client(writable_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    settings = {"db_pool_min": 1, "db_pool_max": POOL, "db_pool_timeout_seconds": 60, "cache": "off"}
    async with client_of(writable_database_url, redis_url, max_running_operations=0, **settings) as client:
        yield client


async def test_full_pool_is_degraded_and_not_down(small_pool_client: Client, writable_database_url: str) -> None:
    async with asyncio.timeout(60):
        async with held_full(writable_database_url, small_pool_client):
            # Many concurrent probes, none of which waits for the pool's time-out.
            for status, worst, checks in await asyncio.gather(*(ready(small_pool_client) for _ in range(20))):
                assert (status, worst, checks["database"]) == (200, "DEGRADED", "DEGRADED")
        assert (await ready(small_pool_client))[:2] == (200, "OK")


async def test_administrator_reads_pool_stats_while_the_pool_is_full(
    small_pool_client: Client, writable_database_url: str
) -> None:
    """Also one who is not in the viewer cache."""
    query = "{ admin { poolStats { inUse waiting utilization } health { status checks { name message } } } }"
    async with asyncio.timeout(60), held_full(writable_database_url, small_pool_client):
        for _ in range(2):
            answer = await small_pool_client.run(query, user="admin")
            assert answer.data["admin"]["poolStats"] == {"inUse": POOL, "waiting": 3, "utilization": 1}
            health = answer.data["admin"]["health"]
            assert health["status"] == "DEGRADED"
            assert health["checks"][0] == {"name": "database", "message": "Database connection pool exhausted."}
            # A cached viewer needs no statement.
            assert answer.statements == 0


async def test_full_pool_of_a_silent_database_is_down(writable_database_url: str, redis_url: str) -> None:
    """Concurrent probes are answered before the pool's time-out."""
    async with proxy_to(writable_database_url) as proxy, asyncio.timeout(60):
        settings = {"db_pool_min": 0, "db_pool_max": 1, "db_pool_timeout_seconds": 60, "cache": "off"}
        async with client_of(proxy.url, redis_url, listen_database_url=writable_database_url, **settings) as client:
            await client.run("{ viewer { email } }", user="demo")
            await until_ready(client, 200)
            for is_full in (False, True):
                proxy.stall()
                waiting = [client.run("{ viewer { email } }", user="demo") for _ in range(2 if is_full else 0)]
                held = [asyncio.ensure_future(one) for one in waiting]
                await asyncio.sleep(0)
                for answer in await asyncio.gather(*(ready(client) for _ in range(5))):
                    assert answer[:2] == (503, "DOWN")
                assert not any(one.done() for one in held)
                proxy.recover()
                for one in held:
                    one.cancel()
                await asyncio.gather(*held, return_exceptions=True)


async def message(client: Client, name: str = "database") -> str:
    checks = (await client.http.get("/readyz")).json()["checks"]
    return str(next(check["message"] for check in checks if check["name"] == name))


async def test_unresponsive_servers_are_reported(tmp_path: Path) -> None:
    """Before requests that wait for them, also to administrators, and until they continue."""
    with embedded_servers(tmp_path, lambda _: None) as servers:
        await asyncio.to_thread(upgrade, servers.database_url)
        settings = {
            "health_timeout_seconds": 0.6,
            "db_pool_min": 1,
            "operation_timeout_seconds": 60,
            "db_pool_timeout_seconds": 60,
            "cache": "off",
        }
        async with client_of(servers.database_url, servers.redis_url, **settings) as client, asyncio.timeout(60):
            await until_ready(client, 200, "OK")
            redis = await asyncio.to_thread(valkey._command, _sockets(servers.redis_url), b"INFO server", 65536)
            match = re.search(rb"process_id:(\d+)", redis)
            assert match is not None
            with stopped(int(match[1])):
                checks = {"database": "OK", "cache": "DEGRADED", "notifications": "OK", "dictionary": "OK"}
                await until_ready(client, 200, "DEGRADED", checks)

            for _ in range(2):
                # With an idle connection, and without one, so that one has to be opened.
                with stopped(*await asyncio.to_thread(processes, tmp_path)):
                    waiting = asyncio.ensure_future(client.run("{ jlptContentStats { jlptLevel } }"))
                    for _ in range(3):
                        answers = await asyncio.gather(*(ready(client) for _ in range(20)))
                        assert {answer[:2] for answer in answers} == {(503, "DOWN")}
                    assert await message(client) == "Database did not respond within 0.6 seconds."
                    assert not waiting.done()
                assert (await waiting).data
                await until_ready(client, 200, "OK")


def _sockets(redis_url: str) -> Path:
    return Path(redis_url.removeprefix("unix://")).parent


async def test_flood_of_probes_costs_one_connection(content_database_url: str, redis_url: str) -> None:
    async with proxy_to(content_database_url) as proxy, asyncio.timeout(60):
        settings = {"db_pool_min": 0, "db_pool_max": 10, "listen_database_url": content_database_url, "cache": "off"}
        async with client_of(proxy.url, redis_url, **settings) as client:
            await until_ready(client, 200)
            before = proxy.connections
            for is_alive in (True, False):
                if not is_alive:
                    proxy.stall()
                answers = await asyncio.gather(*(ready(client) for _ in range(200)))
                assert {answer[0] for answer in answers} == {200 if is_alive else 503}
                assert proxy.connections - before <= 1
            proxy.recover()
            await until_ready(client, 200)


async def test_cancelled_probe_answers_the_others(content_database_url: str) -> None:
    async with client_of(content_database_url, None) as client, asyncio.timeout(30):
        first, second = (asyncio.ensure_future(ready(client)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second)[0] == 200


async def test_database_at_another_migration_is_reported(writable_database_url: str, redis_url: str) -> None:
    head = schema_version.HEAD
    async with client_of(writable_database_url, redis_url) as client:
        await until_ready(client, 200, "OK")

        await execute(writable_database_url, "update alembic_version set version_num = '9999'")
        await until_ready(client, 200, "DEGRADED")
        assert await message(client) == f"Database is at migration 9999, newer than {head} of this server."

        await execute(writable_database_url, f"update alembic_version set version_num = '{head}'")
        await until_ready(client, 200, "OK")

        # A database in which the server may not read the version.
        await asyncio.to_thread(downgrade, writable_database_url, "0014")
        assert (await ready(client))[:2] == (503, "DOWN")
        assert await message(client) == (
            f"Database is at migration 0014; migration {head} is required. Run `shinjp migrate`."
        )

        await execute(writable_database_url, "drop table alembic_version")
        assert (await ready(client))[:2] == (503, "DOWN")
        assert await message(client) == (f"Database is empty; migration {head} is required. Run `shinjp migrate`.")


async def test_server_on_an_empty_database_is_down(
    empty_database: Callable[[], Awaitable[str]], content_database_url: str
) -> None:
    """The role exists, as on a server with another database of the project."""
    async with client_of(await empty_database(), None) as client:
        assert (await ready(client))[:2] == (503, "DOWN")
        assert "is empty" in await message(client)


async def test_database_that_rejects_connections_is_down(writable_database_url: str) -> None:
    """A renamed database, as during a restore, is not an internal error."""
    name = writable_database_url.partition("?")[0].rpartition("/")[2]
    elsewhere = writable_database_url.replace(f"/{name}", "/postgres", 1)
    settings = {"db_pool_min": 0, "listen_database_url": elsewhere, "cache": "off"}
    async with client_of(writable_database_url, None, **settings) as client:
        end = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
        await execute(elsewhere, f'alter database "{name}" allow_connections false; {end}')
        try:
            async with asyncio.timeout(30):
                while (await message(client)) != "Database connection rejected.":
                    pass
            assert (await ready(client))[:2] == (503, "DOWN")
        finally:
            await execute(elsewhere, f'alter database "{name}" allow_connections true')
        await until_ready(client, 200)


def test_head_equals_alembics() -> None:
    assert ScriptDirectory(str(Path(migrations.__file__).parent)).get_current_head() == schema_version.HEAD


def test_probes_of_containers_wait_longer_than_the_server_needs() -> None:
    """Includes the start of Python, which takes up to a second on a busy machine."""
    bound = max(part.le for part in Settings.model_fields["health_timeout_seconds"].metadata if hasattr(part, "le"))
    dockerfile = (PROJECT_ROOT / "Dockerfile").read_text()
    probe = re.search(r"HEALTHCHECK .*--timeout=(\d+)s .*\\\n.*/readyz', timeout=(\d+)\)", dockerfile)
    assert probe is not None
    assert bound < 1 < int(probe[2]) < int(probe[1]) - 1
    # Compose uses the image's health check.
    assert "/readyz', timeout" not in (PROJECT_ROOT / "docker-compose.yml").read_text()


async def test_checks_are_counted(content_database_url: str) -> None:
    async with client_of(content_database_url, None) as client:
        await asyncio.gather(*(ready(client) for _ in range(10)))
        metrics = (await client.http.get("/metrics")).text
        assert 'shinjp_health_checks_total{check="database",status="OK"} 1.0' in metrics
        assert 'shinjp_health_checks_total{check="cache",status="DEGRADED"} 1.0' in metrics
