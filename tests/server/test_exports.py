"""Exports of reviews, cards and users: by a job and a link, or streamed."""

import asyncio
import csv
import io
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from db.core.database import Database, open_database
from db.services.export_streams import export_batches
from domain.enums import ExportFormat, ExportKind, Role
from domain.exports import ExportRequest
from domain.ids import global_id
from domain.viewer import Viewer
from tests.clients import Client
from tests.databases import column, execute, execute_and_notify
from tests.streams import StreamServer, stream_server
from tests.workers import export_work, running_worker, until

REQUEST = """
    mutation ($input: RequestExportInput!) {
        requestExport(input: $input) { job { id kind status } errors { code path message } }
    }
"""
RESULT = """
    query ($id: ID!) { node(id: $id) { ... on Job {
        status totalSteps completedSteps result { ... on ExportFile { url format rowCount sizeBytes expiresAt } }
    } } }
"""


@pytest.fixture
async def server(writable_database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[StreamServer]:
    async with stream_server(writable_database_url, redis_url, export_dir=tmp_path) as server:
        yield server


async def get(client: Client, path: str, *, user: str | None = "demo", **headers: str) -> httpx.Response:
    sent = {"Accept-Encoding": "identity", **headers}
    if user is not None:
        sent["Authorization"] = f"Bearer {client.token(user)}"
    return await client.http.get(path, headers=sent)


async def export(
    server: StreamServer, url: str, directory: Path, *, user: str = "demo", **input: Any
) -> dict[str, Any]:
    """Requests an export and runs its job; returns the result."""
    asked = (await server.client.run(REQUEST, {"input": input}, user=user)).data["requestExport"]
    assert asked["errors"] == []
    async with running_worker(url, export_work(directory)):
        await until(url, asked["job"]["id"])
    job = (await server.client.run(RESULT, {"id": asked["job"]["id"]}, user=user)).data["node"]
    assert job["status"] == "SUCCEEDED", job
    assert job["completedSteps"] == job["totalSteps"]
    found: dict[str, Any] = job["result"]
    return found


async def test_export_job_creates_a_file_and_a_link(
    server: StreamServer, writable_database_url: str, tmp_path: Path
) -> None:
    file = await export(server, writable_database_url, tmp_path, kind="REVIEWS")
    [number] = await column(writable_database_url, "select count(*) from reviews")
    assert (file["format"], file["rowCount"]) == ("CSV", number)
    answered = await get(server.client, file["url"], user=None)
    assert answered.headers["content-type"] == "text/csv; charset=utf-8"
    assert answered.headers["content-disposition"] == 'attachment; filename="reviews.csv"'
    assert len(answered.content) == file["sizeBytes"]
    rows = list(csv.DictReader(io.StringIO(answered.text, newline="")))
    assert len(rows) == number
    assert [row["reviewedAt"] for row in rows] == sorted(row["reviewedAt"] for row in rows)
    # The same as a streamed export, and compressed.
    assert (await get(server.client, "/exports/reviews.csv")).content == answered.content
    for path in (file["url"], "/exports/reviews.csv"):
        compressed = await get(server.client, path, **{"Accept-Encoding": "gzip"})
        assert compressed.headers["content-encoding"] == "gzip"
        assert compressed.content == answered.content
    # No temporary files are left.
    assert len(os.listdir(tmp_path)) == 1


async def test_link_cannot_be_forged(server: StreamServer, writable_database_url: str, tmp_path: Path) -> None:
    url = (await export(server, writable_database_url, tmp_path, kind="CARDS"))["url"]
    path, query = url.split("?")
    expires, signature = (part.split("=")[1] for part in query.split("&"))
    for changed in (
        path,
        f"{path}?expires={int(expires) + 1}&signature={signature}",
        f"{path}?expires={expires}&signature={'0' * 64}",
        f"{path}?expires={expires}&signature=é",
        f"{path}?expires=-1&signature={signature}",
        f"{path.replace('cards.csv', 'other.csv')}?{query}",
        f"{path}?expires={'9' * 5000}&signature={signature}",
    ):
        answered = await get(server.client, changed, user=None)
        assert answered.status_code == 404
        assert answered.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    for name in os.listdir(tmp_path):
        os.remove(tmp_path / name)
    assert (await get(server.client, url, user=None)).status_code == 404


async def test_json_lines(server: StreamServer) -> None:
    answered = await get(server.client, "/exports/cards.jsonl")
    assert answered.headers["content-type"] == "application/jsonl; charset=utf-8"
    cards = [json.loads(line) for line in answered.text.splitlines()]
    table = list(csv.DictReader(io.StringIO((await get(server.client, "/exports/cards.csv")).text, newline="")))
    assert [card["id"] for card in cards] == [card["id"] for card in table]
    assert list(cards[0]) == list(table[0])
    known = await server.client.run("{ viewer { cards(first: 1) { nodes { id vocabulary { word } } } } }", user="demo")
    assert known.data["viewer"]["cards"]["nodes"][0]["id"] in {card["id"] for card in cards}


async def test_csv_escaping(server: StreamServer, writable_database_url: str) -> None:
    await execute(
        writable_database_url,
        """
        update vocabulary
            set word = '=HYPERLINK("http://evil.example")', reading = E'a,"b"\\r\\nc', meanings = '{+1,@x}'
            where id = (select vocabulary_id from cards order by id limit 1)
        """,
    )
    text = (await get(server.client, "/exports/cards.csv")).text
    assert text.count("\r\n") == text.count("\n")
    assert text.endswith("\r\n")
    [row, *_] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["word"] == '\'=HYPERLINK("http://evil.example")'
    assert row["reading"] == 'a,"b"\r\nc'
    assert row["meanings"] == "'+1; @x"
    assert row["suspended"] in ("true", "false")
    assert row["createdAt"].endswith("Z")
    assert not text.startswith("\ufeff")
    assert (await get(server.client, "/exports/cards.csv?bom=1")).text == "\ufeff" + text


async def test_export_is_limited_by_timestamps(server: StreamServer) -> None:
    everything = (await get(server.client, "/exports/reviews.jsonl")).text.splitlines()
    middle = json.loads(everything[len(everything) // 2])["reviewedAt"]
    before = (await get(server.client, f"/exports/reviews.jsonl?to={middle}")).text.splitlines()
    after = (await get(server.client, f"/exports/reviews.jsonl?from={middle}")).text.splitlines()
    assert before + after == everything
    assert before
    assert after


async def test_users_export_only_their_own_data(server: StreamServer) -> None:
    """Administrators may see all reviews, but export their own."""
    for name in ("reviews.csv", "cards.jsonl"):
        assert len((await get(server.client, f"/exports/{name}", user="admin")).text.splitlines()) <= 1
        assert (await get(server.client, f"/exports/{name}", user=None)).status_code == 401
    learners = (await get(server.client, "/exports/learners.jsonl", user="admin")).text.splitlines()
    assert [json.loads(line)["role"] for line in learners].count("admin") == 1
    for user in ("demo", "editor"):
        refused = await get(server.client, "/exports/learners.csv", user=user)
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
        asked = await server.client.run(REQUEST, {"input": {"kind": "LEARNERS"}}, user=user)
        assert asked.error_codes == ["FORBIDDEN"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/exports/reviews.xlsx", 404, "NOT_FOUND"),
        ("/exports/secrets.csv", 404, "NOT_FOUND"),
        ("/exports/REVIEWS.csv", 404, "NOT_FOUND"),
        ("/exports/reviews.csv?from=yesterday", 400, "BAD_USER_INPUT"),
        ("/exports/reviews.csv?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", 400, "BAD_USER_INPUT"),
    ],
)
async def test_invalid_export_is_reported(server: StreamServer, path: str, status: int, code: str) -> None:
    answered = await get(server.client, path)
    assert (answered.status_code, answered.json()["errors"][0]["extensions"]["code"]) == (status, code)
    assert answered.json()["errors"][0]["extensions"]["requestId"] == answered.headers["x-request-id"]


async def test_invalid_export_request_is_reported(server: StreamServer) -> None:
    wrong = {"kind": "REVIEWS", "from": "1999-01-01T00:00:00Z", "to": "1998-01-01T00:00:00Z"}
    errors = (await server.client.run(REQUEST, {"input": wrong}, user="demo")).data["requestExport"]["errors"]
    assert [(error["code"], error["path"]) for error in errors] == [
        *(("OUT_OF_RANGE", ["from"]), ("OUT_OF_RANGE", ["to"]), ("INVALID", ["to"]))
    ]
    asked = [await server.client.run(REQUEST, {"input": {"kind": "CARDS"}}, user="demo") for _ in range(6)]
    errors = [answer.data["requestExport"]["errors"] for answer in asked]
    assert [[error["code"] for error in each] for each in errors] == [[]] * 5 + [["LIMIT_REACHED"]]


MANY = """
    insert into reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
        interval_days_after, day)
    select gen_random_uuid(), now() - n * interval '1 second', user_id, cards.id, n::text, 4, 1, 2, now()::date
    from generate_series(1, 200000) as n, (select * from cards order by id limit 1) as cards
"""
IN_TRANSACTION = (
    "select count(*) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'"
)


async def until_in_transaction(url: str, number: int) -> None:
    async with asyncio.timeout(30):
        while await column(url, IN_TRANSACTION) != [number]:  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0.01)


async def test_disconnect_closes_the_cursor(server: StreamServer, writable_database_url: str) -> None:
    await execute(writable_database_url, MANY)
    headers = {"Authorization": f"Bearer {server.client.token('demo')}", "Accept-Encoding": "identity"}
    async with server.client.http.stream("GET", "/exports/reviews.csv", headers=headers) as response:
        received = response.aiter_bytes()
        await anext(received)
        await until_in_transaction(writable_database_url, 1)
        # One streamed export at a time per user.
        assert (await get(server.client, "/exports/cards.csv")).status_code == 429
    await until_in_transaction(writable_database_url, 0)
    async with asyncio.timeout(30):
        while (await get(server.client, "/exports/cards.csv")).status_code == 429:
            pass


async def test_export_uses_one_snapshot(writable_database_url: str) -> None:
    await execute(writable_database_url, MANY)
    [user_id] = await column(writable_database_url, "select id from users where subject = 'demo'")
    [number] = await column(writable_database_url, "select count(*) from reviews")
    viewer, request = Viewer(user_id, Role.LEARNER), ExportRequest(ExportKind.REVIEWS, ExportFormat.JSONL)
    async with open_database(writable_database_url, min_size=0, max_size=2) as database:
        lines, largest = await _read_while(database, viewer, request, writable_database_url)
    assert lines == number
    assert largest < 5_000_000


async def _read_while(database: Database, viewer: Viewer, request: ExportRequest, url: str) -> tuple[int, int]:
    """Reads an export while all reviews are deleted; returns its lines and the size of the largest batch."""
    lines = largest = 0
    async for batch in export_batches(database, viewer, request, counts=True):
        if lines == 0:
            await execute(url, "delete from reviews")
        lines += batch.text.count("\n")
        largest = max(largest, len(batch.text))
        assert batch.rows == lines <= batch.of
    return lines, largest


async def test_links_have_the_public_url(writable_database_url: str, redis_url: str, tmp_path: Path) -> None:
    address = "https://api.shinjp.example"
    async with stream_server(writable_database_url, redis_url, export_dir=tmp_path, public_url=f"{address}/") as server:
        file = await export(server, writable_database_url, tmp_path, kind="CARDS", format="JSONL")
    parts = urlsplit(file["url"])
    assert f"{parts.scheme}://{parts.netloc}" == address
    assert parts.path.endswith("/cards.jsonl")
    assert datetime.fromisoformat(file["expiresAt"]) > datetime.now(UTC)


SET_ACCOUNT = "update users set %s where subject = '%s'"
UNBLOCKED = "blocked_at = null, blocked_until = null, blocked_reason = null"


@pytest.mark.parametrize(
    ("user", "kind", "changes"),
    [
        ("demo", "CARDS", [("blocked_at = now(), blocked_reason = 'Spam'", 404), (UNBLOCKED, 200)]),
        ("demo", "CARDS", [("deleted_at = now()", 200)]),
        ("editor", "CARDS", [("role = 'learner'", 200)]),
        (
            "admin",
            "LEARNERS",
            [
                *[("role = 'editor'", 404), ("role = 'learner'", 404), ("role = 'admin'", 200)],
                *[("deleted_at = now()", 404), ("deleted_at = null", 200)],
                ("blocked_at = now() - interval '2 days', blocked_reason = 'r', blocked_until = now()", 200),
            ],
        ),
    ],
)
async def test_link_works_while_its_owner_may_have_the_file(
    server: StreamServer,
    writable_database_url: str,
    tmp_path: Path,
    user: str,
    kind: str,
    changes: list[tuple[str, int]],
) -> None:
    url = (await export(server, writable_database_url, tmp_path, user=user, kind=kind))["url"]
    jobs = "{ viewer { jobs(first: 1) { nodes { result { __typename } } } } }"
    assert (await get(server.client, url, user=None)).status_code == 200
    for change, status in changes:
        await execute_and_notify(writable_database_url, SET_ACCOUNT % (change, user))
        assert (await get(server.client, url, user=None)).status_code == status, change
        answer = await server.client.run(jobs, user=user)
        if not answer.error_codes:
            [job] = answer.data["viewer"]["jobs"]["nodes"]
            assert (job["result"] is not None) == (status == 200), change


async def test_demotion_cancels_exports_of_all_learners(server: StreamServer, writable_database_url: str) -> None:
    client = server.client
    await execute_and_notify(writable_database_url, "update users set role = 'admin' where subject = 'editor'")
    for kind in ("LEARNERS", "CARDS"):
        assert (await client.run(REQUEST, {"input": {"kind": kind}}, user="editor")).data["requestExport"]["job"]
    [editor] = await column(writable_database_url, "select id from users where subject = 'editor'")
    demote = 'mutation { setUserRole(input: {userId: "%s", role: LEARNER, reason: "r"}) { errors { code } } }'
    answer = await client.run(demote % global_id("User", editor), user="admin")
    assert answer.data["setUserRole"]["errors"] == []
    statuses = "select input ->> 'kind' || ' ' || status from jobs order by 1"
    assert await column(writable_database_url, statuses) == ["CARDS QUEUED", "LEARNERS CANCELLED"]
