"""Progress in WaniKani is fetched to an upload, and its token is stored nowhere."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from content.wanikani.source import WaniKaniProgress
from tests.clients import Client, client_of
from tests.content.wanikani.api import TOKEN, WaniKaniApi, assignment, running_api, subject
from tests.databases import column

SUBJECTS = [subject(id, f"語{id}", ["ご"]) for id in range(1, 6)]


@pytest.fixture
async def api() -> AsyncIterator[WaniKaniApi]:
    async with running_api(subjects=SUBJECTS, assignments=[assignment(id, id) for id in range(1, 6)]) as api:
        yield api


@pytest.fixture
async def client(api: WaniKaniApi, writable_database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    options: dict[str, Any] = {"wanikani_url": api.address, "upload_dir": tmp_path}
    async with client_of(writable_database_url, redis_url, **options) as client:
        yield client


async def post(client: Client, body: Any, user: str | None = "demo") -> httpx.Response:
    headers = {} if user is None else {"Authorization": f"Bearer {client.token(user)}"}
    return await client.http.post("/imports/wanikani", json=body, headers=headers)


async def test_progress_becomes_an_upload(
    client: Client, writable_database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    response = await post(client, {"token": TOKEN})
    assert (response.status_code, response.json()["itemCount"]) == (201, 5)
    rows = await column(writable_database_url, "select row_to_json(uploads)::text from uploads")
    [upload] = rows
    assert response.json()["uploadId"] in upload
    [part] = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
    assert len(list(WaniKaniProgress(part).notes())) == 5
    written = part.read_text() + upload + caplog.text + capsys.readouterr().out
    assert TOKEN not in written


async def test_fetches_are_part_of_the_trace(client: Client, api: WaniKaniApi) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    headers = {
        "Authorization": f"Bearer {client.token('demo')}",
        "traceparent": f"00-{trace_id}-b7ad6b7169203331-01",
    }
    assert (await client.http.post("/imports/wanikani", json={"token": TOKEN}, headers=headers)).status_code == 201
    assert api.traces
    assert {str(parent).split("-")[1] for parent in api.traces} == {trace_id}


async def test_rejected_requests(client: Client, api: WaniKaniApi, tmp_path: Path) -> None:
    assert (await post(client, {"token": TOKEN}, user=None)).status_code == 401
    bodies: list[Any] = [
        {}, [], None, {"token": 5}, {"token": ""}, {"token": "a\nb"}, {"token": "x" * 201}, {"token": "日"},
        {"token": TOKEN, "updatedAfter": "yesterday"}, {"token": TOKEN, "other": "x" * 5_000},
    ]  # fmt: skip
    for body in bodies:
        response = await post(client, body)
        assert response.status_code == 400, body
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert not api.paths
    rejected = await post(client, {"token": "wrong"})
    assert rejected.status_code == 400
    assert "rejects the token" in rejected.json()["errors"][0]["message"]
    headers = {"Authorization": f"Bearer {client.token('demo')}"}
    assert (await client.http.get("/imports/wanikani", headers=headers)).status_code == 405
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))


async def test_one_fetch_of_a_learner_at_a_time(client: Client) -> None:
    responses = await asyncio.gather(*(post(client, {"token": TOKEN}) for _ in range(3)))
    assert sorted(response.status_code for response in responses) == [201, 503, 503]
    assert (await post(client, {"token": TOKEN, "updatedAfter": "2026-12-01T00:00:00Z"})).json()["itemCount"] == 0
