"""Files in GraphQL requests: the multipart request specification, its limits, and pages of other sites."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.clients import Client, client_of
from tests.storages import directory_of

QUERY = """
    mutation($input: StartImportInput!) {
        startImport(input: $input) { import { fileName status } errors { code path } }
    }
"""
OPERATIONS = {"query": QUERY, "variables": {"input": {"csv": {"file": None}}}}
MAP = {"0": ["variables.input.csv.file"]}
FILE = ('単語 "1".csv', "Word\n猫\n".encode(), "text/csv")


@pytest.fixture(scope="module")
async def client(
    content_database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    directory = tmp_path_factory.mktemp("uploads")
    limits: dict[str, Any] = {"uploads_per_hour": 1_000, "imports_per_hour": 1_000}
    async with client_of(content_database_url, redis_url, upload_dir=directory, **limits) as client:
        yield client


async def send(client: Client, user: str | None = "form", **changes: Any) -> httpx.Response:
    headers = {"Accept": "application/json", **changes.pop("headers", {})}
    if user is not None:
        headers["Authorization"] = f"Bearer {client.token(user)}"
    parts = {"operations": (None, json.dumps(OPERATIONS)), "map": (None, json.dumps(MAP)), "0": FILE} | changes
    return await client.http.post("/graphql", files={k: v for k, v in parts.items() if v is not None}, headers=headers)


async def test_file_of_a_request_is_imported(client: Client) -> None:
    response = await send(client)
    assert response.json()["data"]["startImport"]["import"] == {"fileName": '単語 "1".csv', "status": "ANALYZING"}
    [stored] = directory_of(client.settings.upload_storage()).iterdir()
    assert stored.read_bytes() == FILE[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"operations": None},
        {"map": None},
        {"0": None},
        {"operations": (None, "{")},
        {"operations": (None, json.dumps([OPERATIONS]))},
        {"map": (None, "[]")},
        {"map": (None, json.dumps({"1": MAP["0"]}))},
        {"map": (None, json.dumps({"0": "variables.input.csv.file"}))},
        {"map": (None, json.dumps({"0": ["query"]}))},
        {"map": (None, json.dumps({"0": ["variables.input.csv.file.x"]}))},
        {"map": (None, json.dumps({"0": ["variables.input.0"]}))},
        {"map": (None, json.dumps({str(number): MAP["0"] for number in range(11)}))},
        {"0": (None, "no file")},
    ],
)
async def test_malformed_forms_are_rejected(client: Client, changes: dict[str, Any]) -> None:
    response = await send(client, **changes)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "content", [b"", b"--x--", b"--x\r\n\r\n\r\n--x--", b"--x\r\nA: b\r\n\r\n--x", b"--x\r\n" * 100, b"\r\n--x" * 1_000]
)
async def test_malformed_bodies_are_rejected(client: Client, content: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Authorization": f"Bearer {client.token('form')}"}
    response = await client.http.post("/graphql", content=content, headers=headers)
    assert response.status_code == 400


async def test_values_that_are_no_files_are_rejected(client: Client) -> None:
    values: list[Any] = ["text", 1, {}, []]
    for value in values:
        variables = {"input": {"csv": {"file": value}}}
        answer = await client.run(QUERY, variables, user="form")
        assert answer.error_codes == ["BAD_USER_INPUT"]
    # A file where another type is expected.
    query = "query($id: ID!) { node(id: $id) { id } }"
    operations = (None, json.dumps({"query": query, "variables": {"id": None}}))
    response = await send(client, operations=operations, map=(None, json.dumps({"0": ["variables.id"]})))
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "猫" not in response.text


async def test_pages_of_other_sites_send_no_files(client: Client) -> None:
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    response = await send(client, None, headers=foreign)
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    allowed = await send(client, None, headers={**foreign, "GraphQL-Require-Preflight": "1"})
    assert allowed.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_large_files_are_rejected(client: Client) -> None:
    changes: dict[str, Any] = {"0": ("large.csv", bytes(client.settings.max_body_bytes), "text/csv")}
    response = await send(client, **changes)
    assert response.status_code == 413


@pytest.mark.parametrize("boundary", ['"' + ";" * 32_000, "b" + "; a=b" * 6_000, "b" * 32_000])
async def test_long_headers_are_not_parsed(client: Client, boundary: str) -> None:
    """The parser of the standard library takes seconds for some of them."""
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "GraphQL-Require-Preflight": "1"}
    response = await client.http.post("/graphql", content=b"", headers=headers)
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["message"] == "A header has more than 20 parameters, or is too long."


async def test_long_headers_of_parts_are_not_parsed(client: Client) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="a' + b";" * 4_000 + b'"\r\n\r\nx\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b", "GraphQL-Require-Preflight": "1"}
    response = await client.http.post("/graphql", content=part * 3 + b"--b--\r\n", headers=headers)
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"] == "A header has more than 20 parameters, or is too long."
