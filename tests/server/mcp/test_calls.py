"""Tools are executed as the operations that they are: with the viewer's rows, costs, limits and usage."""

import json
from typing import Any

import pytest

from server.mcp.revisions import LEGACY_VERSIONS, VERSIONS
from tests.clients import Client, client_of
from tests.server.mcp.agents import Agent


@pytest.mark.parametrize("version", VERSIONS)
async def test_call_returns_the_response_of_the_operation(server: Client, version: str) -> None:
    result = await Agent(server, version, user=None).call("SearchDictionary", query="水", first=2)
    words = result["structuredContent"]["data"]["searchVocabulary"]["nodes"]
    assert (result["isError"], len(words), words[0]["word"]) == (False, 2, "水")
    [content] = result["content"]
    assert content["type"] == "text"
    assert json.loads(content["text"]) == result["structuredContent"]
    assert (result.get("resultType") == "complete") == (version not in LEGACY_VERSIONS)


async def test_call_reads_the_rows_of_the_viewer(server: Client) -> None:
    own, other = [
        (await Agent(server, user=user).call("ListStudyQueue", first=2))["structuredContent"]["data"]["viewer"]
        for user in ("demo", "someone-new")
    ]
    assert len(own["studySession"]["cards"]) == 2
    assert other["studySession"]["cards"] == []


async def test_call_changes_what_the_operation_changes(server: Client) -> None:
    agent = Agent(server, user="mcp-learner")
    words = (await agent.call("SearchDictionary", query="水"))["structuredContent"]["data"]["searchVocabulary"]["nodes"]
    created = await agent.call("CreateCards", vocabularyIds=[words[0]["id"]])
    assert created["structuredContent"]["data"]["createCards"]["createdCount"] == 1
    [card] = created["structuredContent"]["data"]["createCards"]["cards"]
    review = {"cardId": card["id"], "quality": 4, "idempotencyKey": "a"}
    reviewed = await agent.call("ReviewCards", reviews=[review])
    assert not reviewed["isError"]
    assert (await agent.call("ShowProgress"))["structuredContent"]["data"]["viewer"]["dashboard"]["reviewsToday"] == 1


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("SearchDictionary", {}, "BAD_USER_INPUT"),
        ("SearchDictionary", {"query": 5}, "BAD_USER_INPUT"),
        ("SearchDictionary", {"query": "a", "word": "a"}, "BAD_USER_INPUT"),
        ("SearchDictionary", {"query": "a", "first": 1_000_000}, "OPERATION_TOO_COMPLEX"),
        ("LookUpKanji", {"character": "ab"}, "BAD_USER_INPUT"),
    ],
)
async def test_invalid_arguments_are_a_result_with_an_error(
    server: Client, tool: str, arguments: dict[str, Any], code: str
) -> None:
    result = await Agent(server).call(tool, **arguments)
    assert result["isError"]
    [error] = result["structuredContent"]["errors"]
    assert error["extensions"]["code"] == code
    assert error["message"] in result["content"][0]["text"]


async def test_user_errors_of_a_payload_are_an_error(server: Client) -> None:
    result = await Agent(server).call("ReviewCards", reviews=[])
    assert result["isError"]
    assert result["structuredContent"]["data"]["reviewCards"]["errors"] != []


@pytest.mark.parametrize("params", [{"name": "Unknown"}, {"name": "ShowProgress", "arguments": []}])
@pytest.mark.parametrize("version", VERSIONS)
async def test_unknown_tool_and_malformed_arguments_are_errors_of_the_request(
    server: Client, version: str, params: dict[str, Any]
) -> None:
    response = await Agent(server, version).send("tools/call", params)
    assert response.json()["error"]["code"] == -32602
    assert response.status_code == (200 if version in LEGACY_VERSIONS else 400)


async def test_call_that_requires_a_viewer_asks_for_a_token(server: Client) -> None:
    response = await Agent(server, user=None).send(
        "tools/call", {"name": "CreateCards", "arguments": {"vocabularyIds": []}}
    )
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert response.json()["error"]["data"] == {"code": "UNAUTHENTICATED"}


@pytest.mark.parametrize("method", ["tools/list", "tools/call"])
async def test_invalid_token_is_refused(server: Client, method: str) -> None:
    response = await Agent(server).send(method, {"name": "ShowProgress"}, Authorization="Bearer a.b.c")
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert response.json()["error"]["code"] == 401


async def test_cost_is_limited_and_the_result_says_when_to_retry(tools_url: str, redis_url: str) -> None:
    # The estimate of the second call exceeds what the first one has left.
    limits: dict[str, Any] = {"max_query_cost": 15_000, "cost_plans": "anonymous=15000/1"}
    async with client_of(tools_url, redis_url, mcp="on", **limits) as client:
        agent = Agent(client, user="expensive-learner")
        first, result = [await agent.call("AnalyzeText", text="水を飲む。" * 50) for _ in range(2)]
    assert (first["isError"], result["isError"]) == (False, True)
    [error] = result["structuredContent"]["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert error["extensions"]["retryAfter"] > 0
