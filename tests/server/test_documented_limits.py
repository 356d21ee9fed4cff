"""Requests beyond a limit get the responses that docs/security.md documents, with the default settings."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.container import read_dockerfile
from tests.processes import server_process
from tests.test_security_docs import CODE, SECURITY, defaults, rows

DEFAULTS = {name: int(value) for name, value in defaults(SECURITY) if value is not None and value.isdigit()}


@pytest.fixture(scope="module")
async def address(
    content_database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    settings = {"DATABASE_URL": content_database_url, "REDIS_URL": redis_url}
    async with server_process(tmp_path_factory.mktemp("server") / "log", "--no-migrate", **settings) as server:
        yield server.address


def one_more_than(setting: str) -> dict[str, Any]:
    """A request beyond this limit."""
    size = DEFAULTS[setting] + 1
    headers = {"Content-Type": "application/json"}
    match setting:
        case "MAX_HEADER_BYTES":
            return {"method": "POST", "headers": {"X-Long": "x" * size}}
        case "MAX_URL_BYTES":
            return {"method": "GET", "params": {"query": "x" * size}}
        case "MAX_BODY_BYTES":
            return {"method": "POST", "headers": headers, "content": b" " * size}
        case "MAX_QUERY_BYTES":
            query = "{ __typename } #"
            query += "x" * (size - len(query))
        case "MAX_QUERY_TOKENS":
            query = "{ " + "a " * size + "}"
        case "MAX_QUERY_DEPTH":
            query = "{ __schema { types " + "{ ofType " * size + "{ name }" + "}" * size + " } }"
        case "MAX_QUERY_ALIASES":
            query = "{ " + " ".join(f"a{number}: __typename" for number in range(size)) + " }"
        case "MAX_QUERY_COST":
            query = "{ textbooks(first: 100) { nodes { chapters { content } } } }"
        case _:
            raise AssertionError(setting)
    return {"method": "POST", "headers": headers, "content": json.dumps({"query": query})}


@pytest.mark.parametrize(
    "setting",
    [
        "MAX_HEADER_BYTES",
        "MAX_URL_BYTES",
        "MAX_BODY_BYTES",
        "MAX_QUERY_BYTES",
        "MAX_QUERY_TOKENS",
        "MAX_QUERY_DEPTH",
        "MAX_QUERY_ALIASES",
        "MAX_QUERY_COST",
    ],
)
async def test_request_beyond_a_limit_is_answered_as_documented(address: str, setting: str) -> None:
    [documented] = [cells[3] for cells in rows(SECURITY) if cells[0] == f"`{setting}`"]
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.request(url=address, **one_more_than(setting))
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == CODE.findall(documented)[0]
    status = documented.partition(" ")[0]
    if status.isdigit():
        assert answer.status_code == int(status)


async def test_page_of_allowed_origin_can_read_rejection_of_long_header(address: str) -> None:
    origin = "http://localhost:3000"
    async with httpx.AsyncClient(timeout=30) as client:
        headers = {"Origin": origin} | one_more_than("MAX_HEADER_BYTES")["headers"]
        answer = await client.post(address, headers=headers)
    assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (431, origin)


async def test_health_check_of_the_image_detects_a_missing_server(address: str) -> None:
    check = read_dockerfile()[-1].one("HEALTHCHECK").text.removeprefix("CMD").strip()
    python, *arguments = json.loads(check)
    assert python == "python"

    async def status(port: str) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env=os.environ | {"PORT": port}, stderr=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(60):
            return await process.wait()

    assert await status(str(httpx.URL(address).port)) == 0
    # No server listens on this port.
    assert await status("1") != 0
