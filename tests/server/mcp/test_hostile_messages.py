"""Random messages with hostile values cause no internal error."""

from random import Random
from typing import Any
from uuid import uuid4

import pytest

from domain.ids import global_id
from server.mcp.revisions import VERSIONS
from tests.clients import Client
from tests.schema.hostile_platform import internal_errors
from tests.schema.hostile_values import as_json, hostile_value
from tests.schema.test_edge_values import encoded
from tests.server.mcp.agents import request_headers
from tests.server.mcp.test_protocol import META

MESSAGES = 150
METHODS = ("initialize", "ping", "server/discover", "tools/list", "tools/call", "notifications/cancelled")
TOOLS = ("SearchDictionary", "AnalyzeText", "CreateCards", "ReviewCards")
IDS, CURSORS = [global_id("Card", uuid4())], [encoded(["created", "2026-01-01T00:00:00+00:00", str(uuid4())])]
HEADER_VALUES = ("", "\xff", "=?base64??=", "=?base64?////?=", "9" * 5_000, "null", *VERSIONS)


def hostile(random: Random) -> Any:
    return hostile_value(random, random.choice(("String", "Int", "ID", "Float", "Boolean", "DateTime")), IDS, CURSORS)


def random_message(random: Random) -> Any:
    """A valid message in which some values are hostile."""
    arguments = {name: hostile(random) for name in ("query", "text", "vocabularyIds", "reviews", "first", "x")}
    arguments = {name: value for name, value in arguments.items() if random.random() < 0.4}
    params: dict[str, Any] = {"name": random.choice(TOOLS), "arguments": arguments, "_meta": META}
    message: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": random.choice(METHODS), "params": params}
    place = random.random()
    if place < 0.3:
        message[random.choice((*message,))] = hostile(random)
    elif place < 0.6:
        params[random.choice((*params, "cursor", "protocolVersion", "clientInfo"))] = hostile(random)
    elif place < 0.8:
        params["_meta"] = META | {random.choice((*META, "io.modelcontextprotocol/clientInfo")): hostile(random)}
    return message


@pytest.mark.parametrize("seed", range(2))
async def test_hostile_messages_cause_no_internal_error(server: Client, seed: int) -> None:
    random, internal = Random(seed), internal_errors()
    for number in range(MESSAGES):
        message = random_message(random)
        method, version = str(message["method"])[:50].encode("ascii", "ignore").decode(), random.choice(VERSIONS)
        headers = request_headers(version, method, {"name": random.choice(TOOLS)})
        if random.random() < 0.3:
            headers[random.choice((*headers, "Mcp-Name"))] = random.choice(HEADER_VALUES)
        headers |= {"Authorization": f"Bearer {server.token('hostile-agent')}"} if random.random() < 0.7 else {}
        headers["Content-Type"] = "application/json"
        raw_headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        body = as_json(message).encode("utf-8", "surrogatepass")
        response = await server.http.post("/mcp", content=body, headers=raw_headers)
        details = f"seed {seed}, {number}: {response.status_code} {response.text[:500]}\n{body!r:.2000}"
        assert response.status_code < 500, details
        if response.status_code != 202:
            assert response.json()["jsonrpc"] == "2.0", details
            assert ("result" in response.json()) != ("error" in response.json()), details
        assert internal_errors() == internal, details
