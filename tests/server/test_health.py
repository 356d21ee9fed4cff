"""Health for load balancers and people, through an outage and after it."""

import asyncio
from pathlib import Path

from db.migrations import upgrade
from server.embedded import embedded_servers, postgresql, valkey
from tests.clients import Client, client_of


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
