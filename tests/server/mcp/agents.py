"""An agent: sends messages of a revision of the protocol."""

from dataclasses import dataclass
from typing import Any

import httpx

from server.mcp.revisions import MODERN_VERSION
from tests.clients import Client

_META = "io.modelcontextprotocol"


def request_headers(version: str, method: str, params: dict[str, Any]) -> dict[str, str]:
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": version}
    if version == MODERN_VERSION:
        headers["Mcp-Method"] = method
        if method == "tools/call":
            headers["Mcp-Name"] = params["name"]
    return headers


@dataclass(frozen=True)
class Agent:
    """`user`: None for an anonymous client."""

    client: Client
    version: str = MODERN_VERSION
    user: str | None = "demo"

    async def send(self, method: str, params: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """`headers`: replace those of the request, by names with underscores; an empty one is omitted."""
        params = {**(params or {})}
        if self.version == MODERN_VERSION:
            meta = {f"{_META}/protocolVersion": self.version, f"{_META}/clientCapabilities": {}}
            params["_meta"] = meta | {f"{_META}/clientInfo": {"name": "test agent", "version": "1"}}
        sent = request_headers(self.version, method, params)
        if self.user is not None:
            sent["Authorization"] = f"Bearer {self.client.token(self.user)}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
        return await self.client.http.post("/mcp", json=body, headers={k: v for k, v in sent.items() if v})

    async def request(self, method: str, params: dict[str, Any] | None = None) -> Any:
        """The result."""
        response = await self.send(method, params)
        assert response.status_code == 200, response.text
        return response.json()["result"]

    async def call(self, tool: str, **arguments: Any) -> Any:
        return await self.request("tools/call", {"name": tool, "arguments": arguments})
