"""Outages and internal errors are logged with codes and causes for each request, and with throttled tracebacks."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from db.migrations import upgrade
from server.dev_servers import embedded_servers, postgresql, valkey
from tests.clients import TEST_SECRET
from tests.databases import execute
from tests.processes import server_process
from tests.server.test_authentication import token
from tests.streams import MULTIPART, SSE, WEBSOCKET, stream

KANJI = '{ kanji(character: "食") { id } }'
REQUESTS = 40


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


async def until_ready(http: httpx.AsyncClient, status: str) -> None:
    async with asyncio.timeout(60):
        while (await http.get("/readyz")).json()["status"] != status:  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0.05)


async def test_outages_are_in_the_log(tmp_path: Path) -> None:
    with embedded_servers(tmp_path, lambda _: None) as servers:
        await asyncio.to_thread(upgrade, servers.database_url)
        sockets = Path(servers.redis_url.removeprefix("unix://")).parent
        settings = {
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
            "JWT_SECRET": TEST_SECRET,
            "LOG_FORMAT": "json",
        }
        async with server_process(tmp_path / "log", "--no-migrate", **settings) as server:
            address = server.address.removeprefix("http://").removesuffix("/graphql")
            async with httpx.AsyncClient(base_url=f"http://{address}", timeout=30) as http:
                await until_ready(http, "OK")
                await asyncio.to_thread(valkey.stop, sockets)
                # The breaker logs an outage once, whatever the number of requests.
                for _ in range(10):
                    await http.get("/readyz")
                await asyncio.to_thread(postgresql.stop, tmp_path)
                await until_ready(http, "DOWN")
                headers = {"Authorization": f"Bearer {token(sub='somebody')}"}
                for _ in range(REQUESTS):
                    assert (await http.post("/graphql", json={"query": KANJI})).status_code == 200
                signed_in = await http.post("/graphql", json={"query": KANJI}, headers=headers)
                export = await http.get("/exports/reviews.csv", headers=headers)
                assert (signed_in.status_code, export.status_code) == (503, 503)
                for transport in (WEBSOCKET, SSE, MULTIPART):
                    accepted = {SSE: "text/event-stream", MULTIPART: "multipart/mixed;subscriptionSpec=1.0"}
                    if transport == WEBSOCKET:
                        async with stream(address, transport, KANJI) as stream_events:
                            assert (await anext(stream_events)).codes == ["SERVICE_UNAVAILABLE"]
                    else:
                        body = {"query": KANJI}
                        await http.post("/graphql", json=body, headers={"Accept": accepted[transport]})
                await asyncio.to_thread(postgresql.start, tmp_path, sockets, lambda _: None)
                await asyncio.to_thread(valkey.start, tmp_path, sockets)
                await until_ready(http, "OK")
                await http.post("/graphql", json={"query": "{ nothing }"})
            logged = lines(await server.stop_and_read())
    events = Counter(line["event"] for line in logged)
    assert events["redis breaker opened"] == events["redis breaker closed"] == 1
    opened = next(line for line in logged if line["event"] == "redis breaker opened")
    assert "Error" in opened["reason"]

    failed = [line for line in logged if "SERVICE_UNAVAILABLE" in line.get("error_codes", ())]
    assert {line["level"] for line in failed} == {"warning"}
    # Each has the original error message.
    assert all("Error: " in line["cause"] for line in failed), failed
    paths = Counter(line.get("path", line["event"]) for line in failed)
    assert paths["/graphql"] >= REQUESTS + 3
    assert paths["/exports/reviews.csv"] == 1
    assert paths["operation"] == 1
    operation = next(line for line in failed if line["event"] == "operation")
    assert (operation["operation_id"], operation["kind"]) == ("1", "query")

    # At least one traceback of the outage, and fewer than requests.
    tracebacks = [line for line in logged if line["event"] == "operation failed"]
    assert 1 <= len(tracebacks) < REQUESTS / 2
    types = {exception["exc_type"] for line in tracebacks for exception in line["exception"]}
    assert "ServiceUnavailable" in types
    assert types - {"ServiceUnavailable"}
    assert not [line for line in logged if line["level"] == "error"]

    refused = [line for line in logged if line.get("error_codes") == ["GRAPHQL_VALIDATION_FAILED"]]
    assert [line["level"] for line in refused] == ["info"]


async def test_internal_error_is_logged_with_its_location(
    writable_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """A missing column, as without a required migration."""
    await execute(writable_database_url, "alter table kanji rename column meanings to renamed")
    settings = {"DATABASE_URL": writable_database_url, "REDIS_URL": redis_url, "LOG_FORMAT": "json", "CACHE": "off"}
    async with server_process(tmp_path / "log", "--no-migrate", **settings) as server:
        async with httpx.AsyncClient(timeout=30) as http:
            query = '{ kanji(character: "食") { meanings } }'
            for _ in range(REQUESTS):
                body = (await http.post(server.address, json={"query": query})).json()
                assert [error["extensions"]["code"] for error in body["errors"]] == ["INTERNAL_SERVER_ERROR"]
        logged = lines(await server.stop_and_read())
    requests = [line for line in logged if line["event"] == "request"]
    assert len(requests) == REQUESTS
    for line in requests:
        assert (line["level"], line["error_codes"]) == ("warning", ["INTERNAL_SERVER_ERROR"])
        assert line["cause"].startswith("UndefinedColumnError: ")
    tracebacks = [line for line in logged if line["event"] == "field failed"]
    assert 1 <= len(tracebacks) < REQUESTS
    assert {line["level"] for line in tracebacks} == {"error"}
    assert tracebacks[0]["exception"][-1]["frames"]
