"""Messages, headers and revisions."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from server.mcp.messages import HEADER_MISMATCH, INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR, UNSUPPORTED_VERSION
from server.mcp.revisions import LEGACY_VERSIONS, MODERN_VERSION, VERSIONS
from server.mcp.tools import MAX_LIST_BYTES
from tests.clients import Client, client_of
from tests.server.mcp.agents import Agent, request_headers

META = {
    "io.modelcontextprotocol/protocolVersion": MODERN_VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
}
DISCOVER = {"jsonrpc": "2.0", "id": "a", "method": "server/discover", "params": {"_meta": META}}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
JSON = {"Content-Type": "application/json"}


async def test_server_has_no_endpoint_unless_it_is_enabled(client: Client) -> None:
    assert (await Agent(client).send("tools/list")).status_code == 404


@pytest.mark.parametrize("version", LEGACY_VERSIONS)
async def test_legacy_client_initializes(server: Client, version: str) -> None:
    agent = Agent(server, version, user=None)
    params = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}
    initialized = await agent.request("initialize", params)
    assert initialized["protocolVersion"] == version
    assert initialized["capabilities"] == {"tools": {}}
    assert initialized["serverInfo"]["name"] == "shinjp"
    assert await agent.request("ping") == {}


@pytest.mark.parametrize("requested", ["2024-11-05", "2099-01-01", None, 5])
async def test_initialize_offers_the_newest_revision_with_it(server: Client, requested: object) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": requested}}
    response = await server.http.post("/mcp", json=body)
    assert response.json()["result"]["protocolVersion"] == LEGACY_VERSIONS[0]
    assert "mcp-session-id" not in response.headers


async def test_modern_client_discovers(server: Client) -> None:
    found = await Agent(server, user=None).request("server/discover")
    assert (found["supportedVersions"], found["capabilities"]) == ([*VERSIONS], {"tools": {}})
    assert found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "shinjp"
    assert (found["cacheScope"], found["ttlMs"] > 0, found["resultType"]) == ("public", True, "complete")


@pytest.mark.parametrize("version", VERSIONS)
async def test_list_has_all_tools_within_its_limit(server: Client, version: str) -> None:
    tools = (await Agent(server, version, user=None).request("tools/list"))["tools"]
    names = [tool["name"] for tool in tools]
    assert names == sorted(names)
    assert {"SearchDictionary", "AnalyzeText", "ListStudyQueue", "CreateCards"} <= {*names}
    assert len(orjson.dumps(tools)) <= MAX_LIST_BYTES
    hints = {tool["name"]: tool["annotations"]["readOnlyHint"] for tool in tools}
    assert [name for name in names if not hints[name]] == ["CreateCards", "ReviewCards"]


@pytest.mark.parametrize("method", ["ping", "initialize", "logging/setLevel", "resources/list", "subscriptions/listen"])
async def test_methods_that_the_modern_revision_lacks_are_not_found(server: Client, method: str) -> None:
    response = await Agent(server).send(method)
    assert (response.status_code, response.json()["error"]["code"], response.json()["id"]) == (404, -32601, 7)


@pytest.mark.parametrize("version", LEGACY_VERSIONS)
async def test_error_of_a_legacy_request_has_status_200(server: Client, version: str) -> None:
    response = await Agent(server, version).send("prompts/list")
    assert (response.status_code, response.json()["error"]["code"]) == (200, -32601)


@pytest.mark.parametrize("version", [None, *VERSIONS, "2099-01-01"])
async def test_notification_is_accepted(server: Client, version: str | None) -> None:
    body = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    headers = {} if version is None else {"MCP-Protocol-Version": version}
    response = await server.http.post("/mcp", json=body, headers=headers)
    assert (response.status_code, response.content) == (202, b"")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", PARSE_ERROR),
        (b"\xff", PARSE_ERROR),
        (b'{"jsonrpc": "2.0"', PARSE_ERROR),
        (b"[" * 100_000, PARSE_ERROR),
        (orjson.dumps([PING]), INVALID_REQUEST),
        (b"[]", INVALID_REQUEST),
        (b"null", INVALID_REQUEST),
        (b"5", INVALID_REQUEST),
        (b"{}", INVALID_REQUEST),
        (orjson.dumps(PING | {"jsonrpc": "1.0"}), INVALID_REQUEST),
        (orjson.dumps(PING | {"id": None}), INVALID_REQUEST),
        (orjson.dumps(PING | {"id": True}), INVALID_REQUEST),
        (orjson.dumps(PING | {"id": 1.5}), INVALID_REQUEST),
        (orjson.dumps(PING | {"id": []}), INVALID_REQUEST),
        (orjson.dumps(PING | {"method": 5}), INVALID_REQUEST),
        (orjson.dumps({"jsonrpc": "2.0", "id": 1, "result": {}}), INVALID_REQUEST),
        (orjson.dumps(PING | {"params": []}), INVALID_PARAMS),
    ],
)
async def test_malformed_message_is_rejected(server: Client, body: bytes, code: int) -> None:
    headers = JSON | {"MCP-Protocol-Version": LEGACY_VERSIONS[0]}
    response = await server.http.post("/mcp", content=body, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)
    assert response.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    ("meta", "headers", "code"),
    [
        # Of a legacy client whose header is absent.
        (None, {}, HEADER_MISMATCH),
        (None, {"MCP-Protocol-Version": "2099-01-01"}, UNSUPPORTED_VERSION),
        (None, {"MCP-Protocol-Version": MODERN_VERSION}, INVALID_PARAMS),
        ("5", {"MCP-Protocol-Version": MODERN_VERSION}, INVALID_PARAMS),
        (META, {}, HEADER_MISMATCH),
        (META, {"MCP-Protocol-Version": LEGACY_VERSIONS[0]}, HEADER_MISMATCH),
        (META | {"io.modelcontextprotocol/clientCapabilities": None}, None, INVALID_PARAMS),
        (META | {"io.modelcontextprotocol/protocolVersion": 5}, None, INVALID_PARAMS),
        (META | {"io.modelcontextprotocol/protocolVersion": "2099-01-01"}, None, HEADER_MISMATCH),
        (
            META | {"io.modelcontextprotocol/protocolVersion": "2099-01-01"},
            {"MCP-Protocol-Version": "2099-01-01"},
            UNSUPPORTED_VERSION,
        ),
        (META, {"MCP-Protocol-Version": MODERN_VERSION}, HEADER_MISMATCH),
        (META, {"MCP-Protocol-Version": MODERN_VERSION, "Mcp-Method": "tools/list"}, HEADER_MISMATCH),
        (META, {"MCP-Protocol-Version": MODERN_VERSION, "Mcp-Method": "SERVER/DISCOVER"}, HEADER_MISMATCH),
    ],
)
async def test_headers_that_contradict_the_body_are_rejected(
    server: Client, meta: object, headers: Mapping[str, str] | None, code: int
) -> None:
    body: dict[str, Any] = DISCOVER | {"params": {"_meta": meta}}
    if headers is None:
        headers = request_headers(MODERN_VERSION, "server/discover", {})
    response = await server.http.post("/mcp", json=body, headers={**headers})
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)
    assert response.json()["id"] == "a"
    if code == UNSUPPORTED_VERSION:
        assert response.json()["error"]["data"] == {"supported": [*VERSIONS], "requested": "2099-01-01"}


@pytest.mark.parametrize(
    ("name", "status"),
    [("LookUpKanji", 200), (" LookUpKanji ", 200), ("=?base64?TG9va1VwS2Fuamk=?=", 200), ("=?base64?x?=", 400),
     ("lookupkanji", 400), ("", 400)],
)  # fmt: skip
async def test_header_with_the_name_of_the_tool_is_compared(server: Client, name: str, status: int) -> None:
    params = {"name": "LookUpKanji", "arguments": {"character": "水"}}
    response = await Agent(server).send("tools/call", params, Mcp_Name=name)
    assert response.status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://localhost:3000", 200), ("http://testserver", 403), ("https://evil.example", 403), ("null", 403)],
)
async def test_origin_is_checked(server: Client, origin: str, status: int) -> None:
    assert (await Agent(server).send("tools/list", Origin=origin)).status_code == status


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "HEAD"])
async def test_other_methods_are_not_allowed(server: Client, method: str) -> None:
    response = await server.http.request(method, "/mcp", headers={"Accept": "text/event-stream, application/json"})
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=a"}, 415),
        (JSON | {"Accept": "text/event-stream"}, 406),
        (JSON | {"Accept": "text/html"}, 406),
    ],
)
async def test_media_types_are_checked(server: Client, headers: dict[str, str], status: int) -> None:
    assert (await server.http.post("/mcp", content=orjson.dumps(PING), headers=headers)).status_code == status


async def test_body_is_limited(server: Client) -> None:
    body = b" " * (server.settings.max_body_bytes + 1)
    response = await server.http.post("/mcp", content=body, headers=JSON)
    assert (response.status_code, response.json()["error"]["code"]) == (413, INVALID_REQUEST)


async def test_clients_find_the_authorization_server(content_database_url: str) -> None:
    settings: dict[str, Any] = {
        "mcp": "on",
        "public_url": "https://api.example/",
        "jwt_jwks_url": "https://auth.example/keys",
        "jwt_issuer": "https://auth.example",
    }
    async with client_of(content_database_url, None, **settings) as client:
        refused = await Agent(client, user=None).send("tools/list", Authorization="Bearer a")
        address = "https://api.example/.well-known/oauth-protected-resource/mcp"
        assert refused.headers["WWW-Authenticate"] == f'Bearer resource_metadata="{address}"'
        metadata = await client.http.get("/.well-known/oauth-protected-resource/mcp")
    assert metadata.json()["resource"] == "https://api.example/mcp"
    assert metadata.json()["authorization_servers"] == ["https://auth.example"]
