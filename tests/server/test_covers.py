"""Covers of books: accepted by their content, served as images only, and deleted with the book or its next cover."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest

from db.core.database import owner_connection
from domain.covers import MAX_COVER_BYTES
from jobs.cover_files import CoverFiles
from tests.clients import Client, client_of
from tests.databases import execute
from tests.images import EXTENDED, LOSSLESS, LOSSY, jpeg, png, webp
from tests.storages import directory_of

CREATE = "mutation($input: CreateBookInput!) { createBook(input: $input) { book { id } } }"
SET = """
    mutation($input: SetBookCoverInput!) {
        setBookCover(input: $input) { book { version coverUrl } errors { code path message } }
    }
"""
UPDATE = """
    mutation($input: UpdateBookInput!) { updateBook(input: $input) { book { coverUrl } errors { code path } } }
"""
PUBLIC_URL = "https://books.example"


@pytest.fixture(scope="module")
async def client(
    shared_database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    directory = tmp_path_factory.mktemp("files")
    values: dict[str, Any] = {"upload_dir": directory / "uploads", "cover_dir": directory / "covers"}
    async with client_of(shared_database_url, redis_url, public_url=PUBLIC_URL, uploads_per_hour=1_000, **values) as c:
        yield c


def files(client: Client) -> set[str]:
    directory: Path = directory_of(client.settings.cover_storage())
    return {path.name for path in directory.iterdir()} if directory.exists() else set()


async def new_book(client: Client) -> str:
    values = {"title": "本", "author": "a", "description": "d", "jlptLevel": "N5", "pageCount": 9, "publish": True}
    id: str = (await client.run(CREATE, {"input": values}, user="editor")).data["createBook"]["book"]["id"]
    return id


async def set_cover(client: Client, id: str, version: int, content: bytes, name: str = "a.png") -> Any:
    return (await request_cover(client, id, version, content, name))["data"]["setBookCover"]


async def request_cover(client: Client, id: str, version: int, content: bytes, name: str = "a.png") -> Any:
    variables = {"input": {"bookId": id, "expectedVersion": version, "image": {"file": None}}}
    operations = (None, json.dumps({"query": SET, "variables": variables}))
    form: Any = {
        "operations": operations,
        "map": (None, json.dumps({"0": ["variables.input.image.file"]})),
        "0": (name, content, "image/png"),
    }
    headers = {"Authorization": f"Bearer {client.token('editor')}", "Accept": "application/json"}
    response = await client.http.post("/graphql", files=form, headers=headers)
    return response.json()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (png(), "image/png"),
        (jpeg(), "image/jpeg"),
        (LOSSY, "image/webp"),
        (LOSSLESS, "image/webp"),
        (EXTENDED, "image/webp"),
    ],
    ids=["png", "jpeg", "lossy webp", "lossless webp", "extended webp"],
)
async def test_cover_is_served_as_what_it_is(client: Client, content: bytes, media_type: str) -> None:
    saved = await set_cover(client, await new_book(client), 1, content, "cover.html")
    assert (saved["errors"], saved["book"]["version"]) == ([], 2)
    url = saved["book"]["coverUrl"]
    assert url.startswith(f"{PUBLIC_URL}/covers/")
    response = await client.http.get(url.removeprefix(PUBLIC_URL))
    assert (response.status_code, response.content) == (200, content)
    assert response.headers["Content-Type"] == media_type
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "immutable" in response.headers["Cache-Control"]
    again = await client.http.get(url.removeprefix(PUBLIC_URL), headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + bytes(100),
        png()[:-1],
        png() + b"<script>",
        png(8, 96),
        png(5_000, 33),
        jpeg()[:-2],
        b"\xff\xd8\xff\xff\xd9",
        b"\xff\xd8\xff\xe0\x00\x00" + bytes(20) + b"\xff\xd9",
        LOSSY[:-1],
        LOSSY + b"ab",
        webp(b"VP8 ", bytes(10)),
        webp(b"VP8X", b""),
        png() + bytes(MAX_COVER_BYTES),
    ],
)
async def test_other_files_are_rejected(client: Client, content: bytes) -> None:
    before = files(client)
    rejected = await set_cover(client, await new_book(client), 1, content)
    assert [(error["code"], error["path"]) for error in rejected["errors"]] == [("INVALID", ["image", "file"])]
    assert rejected["book"] is None
    assert files(client) == before


async def test_cover_that_is_uploaded_while_the_worker_is_suspended_stays(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is old when the worker continues, which does not know that it is used."""
    uploaded: list[str] = []

    class Suspended:
        async def fetch(self, _: str) -> list[dict[str, str]]:
            change = await set_cover(client, await new_book(client), 1, png())
            uploaded.append(change["book"]["coverUrl"].rpartition("/")[2])
            now = time.time()
            monkeypatch.setattr("time.time", lambda: now + 7_200)
            return []

    await CoverFiles(client.settings.cover_storage(), "").delete_unused(cast(asyncpg.Connection, Suspended()))
    assert files(client) >= set(uploaded)


async def test_former_cover_is_deleted(client: Client) -> None:
    id, before = await new_book(client), files(client)
    first = (await set_cover(client, id, 1, png()))["book"]["coverUrl"]
    # A conflict leaves no file.
    assert (await set_cover(client, id, 1, png()))["errors"][0]["code"] == "CONFLICT"
    second = (await set_cover(client, id, 2, jpeg()))["book"]["coverUrl"]
    assert files(client) - before == {second.rpartition("/")[2]}
    assert (await client.http.get(first.removeprefix(PUBLIC_URL))).status_code == 404
    # Clients send back what they have read.
    same = {"input": {"id": id, "expectedVersion": 3, "coverUrl": second, "author": "b"}}
    assert (await client.run(UPDATE, same, user="editor")).data["updateBook"]["book"]["coverUrl"] == second
    for wrong in (first, f"{PUBLIC_URL}/covers/x"):
        values = {"input": {"id": id, "expectedVersion": 4, "coverUrl": wrong}}
        refused = (await client.run(UPDATE, values, user="editor")).data["updateBook"]
        assert refused["errors"] == [{"code": "INVALID", "path": ["coverUrl"]}]


async def test_unused_files_are_deleted(client: Client) -> None:
    """Those of purged books and of covers that were removed; not those of deleted books, which can be restored."""
    url = client.settings.database_url
    assert url is not None
    ids = [await new_book(client) for _ in range(3)]
    names = [(await set_cover(client, id, 1, png()))["book"]["coverUrl"].rpartition("/")[2] for id in ids]
    removed = {"input": {"id": ids[0], "expectedVersion": 2, "coverUrl": None}}
    assert (await client.run(UPDATE, removed, user="editor")).data["updateBook"]["book"]["coverUrl"] is None
    await execute(
        url,
        f"delete from books where cover_url = '/covers/{names[1]}';"
        f"update books set deleted_at = now() where cover_url = '/covers/{names[2]}'",
    )
    covers = CoverFiles(client.settings.cover_storage(), "", min_age_seconds=-60)
    async with owner_connection(url) as connection:
        await covers.delete_unused(connection)
    assert files(client) & set(names) == {names[2]}
    # New files are not deleted: their transaction may not have ended.
    assert (await set_cover(client, await new_book(client), 1, png()))["errors"] == []
    await execute(url, "update books set cover_url = null where deleted_at is null")
    before = files(client)
    async with owner_connection(url) as connection:
        await CoverFiles(client.settings.cover_storage(), "").delete_unused(connection)
    assert files(client) == before


@pytest.mark.parametrize("name", ["..%2Fjwt-secret", "a.png", "0" * 32 + ".png", "0" * 32, "%00"])
async def test_unknown_names(client: Client, name: str) -> None:
    assert (await client.http.get(f"/covers/{name}")).status_code == 404


async def test_upload_becomes_a_cover_once(client: Client) -> None:
    headers = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {client.token('editor')}"}
    content = png()
    created = await client.http.post("/uploads", headers={**headers, "Upload-Length": str(len(content))})
    location = created.headers["Location"]
    id = await new_book(client)
    input_ = {"bookId": id, "expectedVersion": 1, "image": {"uploadId": location}}
    incomplete = (await client.run(SET, {"input": input_}, user="editor")).data["setBookCover"]
    assert [error["path"] for error in incomplete["errors"]] == [["image", "uploadId"]]
    chunk = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    await client.http.patch(location.removeprefix(PUBLIC_URL), headers={**headers, **chunk}, content=content)
    saved = (await client.run(SET, {"input": input_}, user="editor")).data["setBookCover"]
    assert saved["errors"] == []
    response = await client.http.get(saved["book"]["coverUrl"].removeprefix(PUBLIC_URL))
    assert response.content == content
    used = (await client.run(SET, {"input": input_ | {"expectedVersion": 2}}, user="editor")).data["setBookCover"]
    assert [error["code"] for error in used["errors"]] == ["NOT_FOUND"]
    assert list(directory_of(client.settings.upload_storage()).iterdir()) == []
