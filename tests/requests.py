"""Builds HTTP requests with exact bytes, and reads the error codes of responses."""

import json
from typing import Any

import httpx

from tests.clients import Client


async def get(
    client: Client, query: str | None, variables: dict[str, Any] | None = None, user: str | None = None, **more: Any
) -> httpx.Response:
    """`more`: `extensions`, and headers with underscores instead of hyphens."""
    parameters = {"query": query} if query is not None else {}
    if variables is not None:
        parameters["variables"] = json.dumps(variables)
    if "extensions" in more:
        parameters["extensions"] = json.dumps(more.pop("extensions"))
    sent = {"GraphQL-Require-Preflight": "1"} | {name.replace("_", "-"): value for name, value in more.items()}
    if user is not None:
        sent["Authorization"] = f"Bearer {client.token(user)}"
    return await client.http.get("/graphql", params=parameters, headers=sent)


async def post(client: Client, query: str | None, extensions: object = None) -> httpx.Response:
    body = {"query": query, "extensions": extensions}
    given = {name: value for name, value in body.items() if value is not None}
    return await client.http.post("/graphql", json=given)


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json().get("errors", ())]
