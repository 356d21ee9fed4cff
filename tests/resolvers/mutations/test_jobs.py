"""Users request textbooks, and cancel and retry their jobs."""

import asyncio
from typing import Any

import pytest

from tests.clients import Client
from tests.databases import column, execute
from tests.workers import GENERATE, JOB, forget_rate_limits, generate, textbook_input

CANCEL = "mutation ($id: ID!) { cancelJob(input: {id: $id}) { job { id status } errors { code message path } } }"
RETRY = "mutation ($id: ID!) { retryJob(input: {id: $id}) { job { id status } errors { code message path } } }"


async def ask(client: Client, **changes: Any) -> dict[str, Any]:
    await forget_rate_limits(client)
    found: dict[str, Any] = (await client.run(GENERATE, textbook_input(**changes), user="demo")).data[
        "generateTextbook"
    ]
    return found


async def test_generation_returns_textbook_and_job(writable: Client, writable_database_url: str) -> None:
    await forget_rate_limits(writable)
    answer = await writable.run(GENERATE, textbook_input(title="  Travels  ", isPublic=True), user="demo")
    found = answer.data["generateTextbook"]
    textbook, job = found["textbook"], found["job"]
    assert (textbook["title"], textbook["status"], textbook["isPublic"]) == ("Travels", "GENERATING", True)
    assert textbook["job"] == {"id": job["id"]}
    expected = {"kind": "GENERATE_TEXTBOOK", "status": "QUEUED", "progress": 0, "totalSteps": 3, "attempts": 0}
    assert job == job | expected
    entries = await column(writable_database_url, "select entrypoint from queue.entries")
    assert entries == ["GENERATE_TEXTBOOK"]
    audited = "select action || ' ' || entity from audit_log order by at desc limit 1"
    assert await column(writable_database_url, audited) == ["create Textbook"]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"title": " "}, [("REQUIRED", ["title"])]),
        ({"title": "x" * 501}, [("TOO_LONG", ["title"])]),
        ({"topics": []}, [("TOO_SHORT", ["topics"])]),
        ({"topics": ["x"] * 21}, [("TOO_LONG", ["topics"])]),
        (
            {"topics": ["food", "", "x" * 101]},
            [("REQUIRED", ["topics", "1"]), ("TOO_LONG", ["topics", "2"])],
        ),
        ({"numberOfChapters": 0}, [("OUT_OF_RANGE", ["numberOfChapters"])]),
        ({"numberOfChapters": 51}, [("OUT_OF_RANGE", ["numberOfChapters"])]),
        ({"idempotencyKey": ""}, [("REQUIRED", ["idempotencyKey"])]),
        ({"title": "", "numberOfChapters": -1}, [("REQUIRED", ["title"]), ("OUT_OF_RANGE", ["numberOfChapters"])]),
    ],
    ids=str,
)
async def test_all_errors_are_reported_together(client: Client, changes: Any, errors: Any) -> None:
    found = await ask(client, **changes)
    assert found["textbook"] is found["job"] is None
    assert [(error["code"], error["path"]) for error in found["errors"]] == [
        (code, ["topics", *path[1:]] if path[0] == "topics" else path) for code, path in errors
    ]


async def test_generation_is_rate_limited(writable: Client) -> None:
    await forget_rate_limits(writable)
    together = await asyncio.gather(*(writable.run(GENERATE, textbook_input(), user="demo") for _ in range(8)))
    assert sorted(len(answer.error_codes) for answer in together) == [0] * 5 + [1] * 3
    refused = next(answer for answer in together if answer.error_codes)
    assert refused.error_codes == ["RATE_LIMITED"]
    assert 3_500 <= refused.body["errors"][0]["extensions"]["retryAfter"] <= 3_600
    # Users are counted separately, and invalid requests are not counted.
    assert (await writable.run(GENERATE, textbook_input(), user="editor")).data
    await forget_rate_limits(writable)
    for _ in range(6):
        assert (await writable.run(GENERATE, textbook_input(title=""), user="demo")).data["generateTextbook"]["errors"]
    assert (await writable.run(GENERATE, textbook_input(), user="demo")).data


async def test_repeated_key_returns_the_same_textbook(writable: Client, writable_database_url: str) -> None:
    first = await ask(writable, idempotencyKey="once")
    again = await asyncio.gather(*(ask(writable, idempotencyKey="once", title="Another") for _ in range(4)))
    assert all(found["job"]["id"] == first["job"]["id"] for found in again)
    assert all(found["textbook"]["id"] == first["textbook"]["id"] for found in again)
    assert await column(writable_database_url, "select count(*) from jobs") == [1]
    # Keys are scoped to the user.
    editors = (await writable.run(GENERATE, textbook_input(idempotencyKey="once"), user="editor")).data[
        "generateTextbook"
    ]
    assert editors["job"]["id"] != first["job"]["id"]
    together = await asyncio.gather(*(ask(writable, idempotencyKey="together") for _ in range(6)))
    assert len({found["job"]["id"] for found in together}) == 1


async def test_job_is_cancelled_and_retried(writable: Client, writable_database_url: str) -> None:
    textbook, job = await generate(writable)
    for _ in range(2):
        cancelled = (await writable.run(CANCEL, {"id": job}, user="demo")).data["cancelJob"]
        assert cancelled == {"job": {"id": job, "status": "CANCELLED"}, "errors": []}
    status = "query ($id: ID!) { textbook(id: $id) { status } }"
    assert (await writable.run(status, {"id": textbook}, user="demo")).data["textbook"]["status"] == "FAILED"
    again = (await writable.run(RETRY, {"id": job}, user="demo")).data["retryJob"]
    assert again == {"job": {"id": job, "status": "QUEUED"}, "errors": []}
    assert (await writable.run(status, {"id": textbook}, user="demo")).data["textbook"]["status"] == "GENERATING"
    once_more = (await writable.run(RETRY, {"id": job}, user="demo")).data["retryJob"]
    assert once_more["job"] == again["job"]
    assert [(error["code"], error["path"]) for error in once_more["errors"]] == [("CONFLICT", ["id"])]
    await execute(writable_database_url, "update jobs set status = 'SUCCEEDED', finished_at = now()")
    for mutation in (CANCEL, RETRY):
        answered = (await writable.run(mutation, {"id": job}, user="demo")).data
        [payload] = answered.values()
        assert [error["code"] for error in payload["errors"]] == ["CONFLICT"]
        assert "SUCCEEDED" in payload["errors"][0]["message"]
    assert (await writable.run(JOB, {"id": job}, user="demo")).data["node"]["status"] == "SUCCEEDED"


@pytest.mark.parametrize("id", ["nonsense", "Qm9vazowMTlhMmUzZC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDA="])
async def test_unknown_id(client: Client, id: str) -> None:
    for mutation in (CANCEL, RETRY):
        [payload] = (await client.run(mutation, {"id": id}, user="demo")).data.values()
        assert [error["code"] for error in payload["errors"]] == ["INVALID"]
