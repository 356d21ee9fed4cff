"""Requests of analyses are validated, limited and idempotent."""

import json
from typing import Any

import pytest

from tests.clients import Client, client_of
from tests.databases import column
from tests.jobs.test_analyzed_texts import REQUEST, request


@pytest.mark.parametrize(
    ("input_", "errors"),
    [
        ({"text": ""}, [("REQUIRED", "text is empty.", ["text"])]),
        ({"text": " \n\u3000"}, [("REQUIRED", "text is empty.", ["text"])]),
        ({"text": "\u200b\u200f"}, [("REQUIRED", "text: '\\u200b\\u200f' has no visible characters.", ["text"])]),
        (
            {"text": "𠮷" * 200_001},
            [("TOO_LONG", "text has 200001 characters; the maximum is 200000.", ["text"])],
        ),
        (
            {"text": "猫。", "idempotencyKey": "k" * 101},
            [("TOO_LONG", "idempotencyKey has 101 characters; the maximum is 100.", ["idempotencyKey"])],
        ),
    ],
    ids=["empty", "blank", "invisible", "long", "long key"],
)
async def test_bad_input_creates_no_job(shared: Client, input_: dict[str, Any], errors: list[Any]) -> None:
    payload = await request(shared, user="bad input", **input_)
    assert payload["job"] is payload["viewer"] is None
    assert [(error["code"], error["message"], error["path"]) for error in payload["errors"]] == errors
    found = await shared.run("{ viewer { jobs { totalCount } } }", user="bad input")
    assert found.data["viewer"]["jobs"]["totalCount"] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("猫\x00。", "`input.text` must not contain null characters."),
        ("猫\ud800。", "Request body is not valid JSON encoded in UTF-8."),
    ],
    ids=["null character", "lone surrogate"],
)
async def test_text_that_cannot_be_stored_is_rejected(shared: Client, text: str, message: str) -> None:
    # As JSON escapes: bytes of a lone surrogate are no UTF-8.
    answer = await shared.http.post(
        "/graphql",
        content=json.dumps({"query": REQUEST, "variables": {"input": {"text": text}}}),
        headers={"Authorization": f"Bearer {shared.token('bad input')}", "Content-Type": "application/json"},
    )
    [error] = answer.json()["errors"]
    assert (error["extensions"]["code"], error["message"]) == ("BAD_USER_INPUT", message)


async def test_longest_text_is_within_the_body_limit(shared: Client) -> None:
    payload = await request(shared, "𠮷" * 200_000, "long text")
    assert payload["errors"] == []
    assert (payload["job"]["kind"], payload["job"]["status"]) == ("ANALYZE_TEXT", "QUEUED")
    assert payload["job"]["totalSteps"] == 200_000


async def test_idempotency_key_returns_the_first_job(shared: Client, shared_database_url: str) -> None:
    payloads = [await request(shared, text, "repeating", idempotencyKey="k") for text in ("猫。", "猫。", "犬。")]
    assert {payload["job"]["id"] for payload in payloads} == {payloads[0]["job"]["id"]}
    # Keys are the learner's own.
    other = await request(shared, "猫。", "repeating too", idempotencyKey="k")
    assert other["job"]["id"] != payloads[0]["job"]["id"]
    texts = "select remaining from analyzed_texts join users on users.id = user_id where subject = 'repeating'"
    assert await column(shared_database_url, texts) == ["猫。"]


async def test_unfinished_analyses_are_limited(shared: Client) -> None:
    jobs = [(await request(shared, f"{number}番。", "hurried"))["job"]["id"] for number in range(3)]
    refused = await request(shared, "四番。", "hurried")
    message = "Limit of 3 unfinished analyses reached; wait for one or cancel it."
    assert refused["errors"] == [{"code": "LIMIT_REACHED", "message": message, "path": []}]
    cancel = "mutation($id: ID!) { cancelJob(input: {id: $id}) { errors { code } } }"
    await shared.run(cancel, {"id": jobs[0]}, user="hurried")
    assert (await request(shared, "四番。", "hurried"))["errors"] == []


async def test_analyses_are_rate_limited(shared_database_url: str, redis_url: str) -> None:
    async with client_of(shared_database_url, redis_url, text_analyses_per_hour=1) as client:
        # Rejected requests and repeated ones are not counted.
        assert (await request(client, "", "busy"))["errors"] != []
        for _ in range(2):
            assert (await request(client, "猫。", "busy", idempotencyKey="k"))["errors"] == []
        answer = await client.run(REQUEST, {"input": {"text": "犬。"}}, user="busy")
        assert answer.error_codes == ["RATE_LIMITED"]
        assert answer.messages[0].startswith("1 texts an hour are analysed by jobs of a learner.")


async def test_anonymous_client_is_rejected(shared: Client) -> None:
    answer = await shared.run(REQUEST, {"input": {"text": "猫。"}})
    assert answer.error_codes == ["UNAUTHENTICATED"]
