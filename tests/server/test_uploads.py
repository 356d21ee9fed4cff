"""Resumable uploads: the core of tus, its limits, and files of other learners."""

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.types import Message

from db.core.database import owner_connection
from db.maintenance.retention import purge_expired
from tests.clients import Client, client_of
from tests.databases import execute
from tests.storages import directory_of

TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = {**TUS, "Content-Type": "application/offset+octet-stream"}


@pytest.fixture(scope="module")
async def client(
    content_database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    directory = tmp_path_factory.mktemp("uploads")
    limits: dict[str, Any] = {"upload_max_bytes": 20_000, "upload_chunk_bytes": 5_000, "uploads_per_hour": 40}
    async with client_of(
        content_database_url, redis_url, upload_dir=directory, upload_max_bytes_per_learner=50_000, **limits
    ) as client:
        yield client


async def send(client: Client, method: str, path: str, user: str | None = "uploader", **request: Any) -> httpx.Response:
    headers = {**TUS, **request.pop("headers", {})}
    if user is not None:
        headers["Authorization"] = f"Bearer {client.token(user)}"
    return await client.http.request(method, path, headers=headers, **request)


async def create(client: Client, size: int, user: str = "uploader", name: str = "words.csv") -> str:
    metadata = f"filename {base64.b64encode(name.encode()).decode()},filetype dGV4dC9jc3Y="
    headers = {"Upload-Length": str(size), "Upload-Metadata": metadata}
    response = await send(client, "POST", "/uploads", user, headers=headers)
    assert response.status_code == 201, response.text
    assert response.headers["Upload-Offset"] == "0"
    return response.headers["Location"]


async def append(client: Client, path: str, offset: int, content: bytes, user: str = "uploader") -> httpx.Response:
    headers = {**CHUNK, "Upload-Offset": str(offset)}
    return await send(client, "PATCH", path, user, headers=headers, content=content)


async def disconnect(client: Client, path: str, offset: int, content: bytes) -> None:
    """Sends the beginning of a body, and then closes the connection."""
    transport = client.http._transport
    assert isinstance(transport, httpx.ASGITransport)
    headers = {**CHUNK, "Upload-Offset": str(offset), "Authorization": f"Bearer {client.token('uploader')}"}
    messages: list[Message] = [
        {"type": "http.request", "body": content, "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    async def ignore(_: Message) -> None:
        pass

    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "PATCH", "path": path, "query_string": b"", "headers": encoded, "client": None}
    await transport.app({**scope, "scheme": "http", "root_path": "", "server": ("testserver", 80)}, receive, ignore)


async def test_upload_is_continued_where_it_was_interrupted(client: Client) -> None:
    content = os.urandom(12_000)
    path = await create(client, len(content))
    assert (await append(client, path, 0, content[:5_000])).headers["Upload-Offset"] == "5000"

    await disconnect(client, path, 5_000, content[5_000:7_000])
    head = await send(client, "HEAD", path)
    assert (head.status_code, head.headers["Upload-Length"]) == (200, "12000")
    assert head.headers["Cache-Control"] == "no-store"
    offset = int(head.headers["Upload-Offset"])
    assert offset == 7_000
    for start in range(offset, 12_000, 4_000):
        response = await append(client, path, start, content[start : start + 4_000])
        assert response.status_code == 204, response.text
    stored = directory_of(client.settings.upload_storage()).glob(f"{path.rpartition('/')[2]}.*")
    parts = sorted(stored, key=lambda part: int(part.suffixes[0][1:]))
    assert b"".join(part.read_bytes() for part in parts) == content


async def test_concurrent_parts_at_one_offset_are_stored_once(client: Client) -> None:
    path = await create(client, 4_000)
    responses = await asyncio.gather(*(append(client, path, 0, bytes([number]) * 4_000) for number in range(4)))
    assert sorted(response.status_code for response in responses) == [204, 409, 409, 409]
    assert len(list(directory_of(client.settings.upload_storage()).glob(f"*{path.rpartition('/')[2]}*"))) == 1


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {"Upload-Length": "0"}, 413),
        ("POST", {"Upload-Length": "20001"}, 413),
        ("POST", {"Upload-Length": "-1"}, 400),
        ("POST", {"Upload-Length": "1", "Upload-Metadata": "filename !"}, 400),
        ("POST", {"Upload-Length": "1", "Upload-Metadata": "filename " + "A" * 5_000}, 400),
        ("POST", {"Upload-Defer-Length": "1"}, 400),
        ("POST", {"Upload-Length": "1", "Tus-Resumable": "0.2.2"}, 412),
        ("PUT", {}, 405),
    ],
)
async def test_invalid_creations_are_rejected(
    client: Client, method: str, headers: dict[str, str], status: int
) -> None:
    response = await send(client, method, "/uploads", headers=headers)
    assert (response.status_code, response.headers["Tus-Resumable"]) == (status, "1.0.0")
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_invalid_parts_are_rejected(client: Client) -> None:
    path = await create(client, 6_000)
    assert (await append(client, path, 1, b"a")).status_code == 409
    assert (await append(client, path, 0, bytes(5_001))).status_code == 413
    assert (await append(client, path, 0, bytes(6_001))).status_code == 413
    headers = {"Upload-Offset": "0", "Content-Type": "text/csv"}
    assert (await send(client, "PATCH", path, headers=headers, content=b"a")).status_code == 415
    assert (await send(client, "GET", path)).status_code == 405
    options = await send(client, "OPTIONS", "/uploads", None)
    assert options.headers["Tus-Extension"] == "creation,expiration,termination"
    assert options.headers["Tus-Max-Size"] == "20000"


async def test_uploads_of_others_do_not_exist(client: Client) -> None:
    path = await create(client, 10)
    for user in ("other-uploader", "admin"):
        assert (await send(client, "HEAD", path, user)).status_code == 404
        assert (await append(client, path, 0, b"a", user)).status_code == 404
        assert (await send(client, "DELETE", path, user)).status_code == 404
    assert (await send(client, "HEAD", path, None)).status_code == 401
    assert (await send(client, "HEAD", f"/uploads/{uuid4()}")).status_code == 404


async def test_bytes_and_number_of_uploads_are_limited(client: Client, owner_url: str) -> None:
    user = "large-uploader"
    paths = [await create(client, 20_000, user) for _ in range(2)]
    rejected = await send(client, "POST", "/uploads", user, headers={"Upload-Length": "20000"})
    assert rejected.status_code == 413
    assert rejected.json()["errors"][0]["extensions"]["limit"] == "UPLOAD_MAX_BYTES_PER_LEARNER"
    assert (await send(client, "DELETE", paths[0], user)).status_code == 204
    last = await create(client, 20_000, user)
    # Expired ones count no longer.
    await execute(owner_url, f"update uploads set expires_at = now() where id = '{last.rpartition('/')[2]}'")
    assert (await send(client, "HEAD", last, user)).status_code == 404
    for _ in range(40):
        response = await send(client, "POST", "/uploads", user, headers={"Upload-Length": "1"})
    assert response.status_code == 429


async def upload_in_parts(client: Client, user: str, number: int) -> list[int]:
    """Starts files, and appends one byte to each until the server refuses; returns the statuses of the refusals."""
    refusals = []
    for _ in range(number):
        created = await send(client, "POST", "/uploads", user, headers={"Upload-Length": "20000"})
        if created.status_code != 201:
            refusals.append(created.status_code)
            continue
        for offset in range(100):
            response = await append(client, created.headers["Location"], offset, b"a", user)
            if response.status_code != 204:
                refusals.append(response.status_code)
                break
    return refusals


@pytest.mark.parametrize(
    ("limit", "parts"),
    [({"upload_max_parts_per_learner": 12}, 12), ({"upload_requests_per_hour": 15}, 15)],
    ids=["parts", "requests"],
)
async def test_short_parts_of_one_learner_do_not_prevent_uploads_of_others(
    writable_database_url: str, redis_url: str, tmp_path: Path, limit: dict[str, int], parts: int
) -> None:
    settings: dict[str, Any] = {"upload_max_files": 20, "upload_max_unfinished_per_learner": 3, **limit}
    async with client_of(writable_database_url, redis_url, upload_dir=tmp_path, **settings) as client:
        refusals = await upload_in_parts(client, "short-parts", 5)
        expected = 429 if "upload_requests_per_hour" in limit else 413
        assert refusals == [*[expected] * 3, 413, 413]
        assert len(os.listdir(tmp_path)) == parts
        assert (await append(client, await create(client, 5, "another"), 0, b"words", "another")).status_code == 204


async def test_unfinished_uploads_and_parts_of_a_learner_are_limited(
    writable_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"upload_max_parts_per_learner": 2, "upload_max_unfinished_per_learner": 2}
    async with client_of(writable_database_url, redis_url, upload_dir=tmp_path, **settings) as client:
        first, second = [await create(client, 2) for _ in range(2)]
        rejected = await send(client, "POST", "/uploads", headers={"Upload-Length": "1"})
        assert rejected.status_code == 413
        assert rejected.json()["errors"][0]["extensions"]["limit"] == "UPLOAD_MAX_UNFINISHED_PER_LEARNER"
        # Complete ones do not count.
        assert (await append(client, first, 0, b"ab")).status_code == 204
        third = await create(client, 1)
        assert (await append(client, second, 0, b"a")).status_code == 204
        rejected = await append(client, third, 0, b"a")
        assert rejected.status_code == 413
        assert rejected.json()["errors"][0]["extensions"]["limit"] == "UPLOAD_MAX_PARTS_PER_LEARNER"
        assert (await send(client, "DELETE", first)).status_code == 204
        assert (await append(client, third, 0, b"a")).status_code == 204


async def test_concurrent_requests_of_a_learner_are_limited(client: Client) -> None:
    path = await create(client, 4_000, "parallel")
    requests = (append(client, path, 0, bytes(4_000), "parallel") for _ in range(12))
    statuses = [response.status_code for response in await asyncio.gather(*requests)]
    assert statuses.count(204) == 1
    assert 1 <= statuses.count(429) <= 4


async def test_expired_uploads_are_purged(writable_database_url: str, redis_url: str, tmp_path: Path) -> None:
    async with client_of(writable_database_url, redis_url, upload_dir=tmp_path) as client:
        path = await create(client, 1)
        assert (await append(client, path, 0, b"a")).status_code == 204
        await execute(writable_database_url, "update uploads set expires_at = now()")
        async with owner_connection(writable_database_url) as owner:
            await purge_expired(owner)
            assert await owner.fetchval("select count(*) from uploads") == 0
        assert client.settings.upload_storage().delete_before(time.time() + 1) == 1
        assert os.listdir(tmp_path) == []
