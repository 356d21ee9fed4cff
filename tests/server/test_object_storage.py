"""Exported files, uploads and covers in a bucket of S3 instead of directories."""

import asyncio
import threading
from functools import partial
from pathlib import Path

import httpx
import pytest

from common.storage import DirectoryStorage
from domain.enums import JobKind
from domain.ids import global_id
from jobs.export_files import ExportFiles
from jobs.exports import write_export
from jobs.imports import analyze_import
from tests.clients import Client, client_of
from tests.databases import column
from tests.images import png
from tests.s3_server import s3_bucket
from tests.server.test_covers import new_book, request_cover, set_cover
from tests.server.test_exports import REQUEST, RESULT
from tests.server.test_multipart_requests import send
from tests.server.test_uploads import append, create
from tests.server.test_uploads import send as request
from tests.storages import directory_of
from tests.workers import running_worker, until


async def test_files_are_in_a_bucket(
    writable_database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_bucket(tmp_path, monkeypatch) as bucket:
        kinds = ("export", "upload", "cover")
        urls = {f"{kind}_url": f"{bucket}/{kind}" for kind in kinds}
        async with client_of(writable_database_url, redis_url, data_dir=tmp_path / "unused", **urls) as client:
            await check_export(client, writable_database_url)
            path = await create(client, 6_000)
            assert (await append(client, path, 0, b"x" * 6_000)).status_code == 204
            book = (await set_cover(client, await new_book(client), 1, png()))["book"]
            assert (await client.http.get(book["coverUrl"])).content == png()
            usages = [getattr(client.settings, f"{kind}_storage")().usage() for kind in kinds]
            assert [usage.files for usage in usages] == [1, 1, 1]
            assert [usage.size for usage in usages[1:]] == [6_000, len(png())]
    assert not (tmp_path / "unused").exists()


async def check_export(client: Client, url: str) -> None:
    files = ExportFiles(client.settings.export_storage(), client.settings.export_quota())
    job = (await client.run(REQUEST, {"input": {"kind": "CARDS"}}, user="demo")).data["requestExport"]["job"]["id"]
    async with running_worker(url, {JobKind.EXPORT: partial(write_export, files=files)}):
        await until(url, job)
    file = (await client.run(RESULT, {"id": job}, user="demo")).data["node"]["result"]
    sent = {"Authorization": f"Bearer {client.token('demo')}"}
    direct = await client.http.get("/exports/cards.csv", headers=sent)
    for encoding in ("identity", "gzip"):
        answered = await client.http.get(file["url"], headers={"Accept-Encoding": encoding})
        assert answered.content == direct.content
    ranged = {"Accept-Encoding": "gzip", "Range": "bytes=1-9"}
    async with client.http.stream("GET", file["url"], headers=ranged) as response:
        assert response.status_code == 206
        assert len(b"".join([piece async for piece in response.aiter_raw()])) == 9


async def test_unavailable_bucket_is_an_outage(
    writable_database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.object_storage._MAX_RETRIES", 0)
    for name, value in {"ENDPOINT_URL": "http://127.0.0.1:1", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    urls = {f"{kind}_url": "s3://bucket" for kind in ("export", "upload", "cover")}
    async with client_of(writable_database_url, redis_url, **urls) as client:
        asked = await client.run(REQUEST, {"input": {"kind": "CARDS"}}, user="demo")
        assert asked.error_codes == ["SERVICE_UNAVAILABLE"]
        cover: httpx.Response = await client.http.get(f"/covers/{'0' * 32}.png")
        assert cover.status_code == 503
        assert (await append(client, await create(client, 10), 0, b"x" * 10)).status_code == 503
        for answer in (await request_cover(client, await new_book(client), 1, png()), (await send(client)).json()):
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["SERVICE_UNAVAILABLE"]


async def test_what_was_replaced_while_the_bucket_is_unavailable_is_deleted_later(
    writable_database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The changes are saved."""
    directories = {f"{kind}_dir": tmp_path / kind for kind in ("upload", "cover")}
    async with client_of(writable_database_url, redis_url, **directories) as client:
        book = await new_book(client)
        await set_cover(client, book, 1, png())
        path = await create(client, 10)
        assert (await append(client, path, 0, b"x" * 10)).status_code == 204
        with monkeypatch.context() as patch:
            patch.setattr(DirectoryStorage, "_remove", fail)
            assert (await set_cover(client, book, 2, png()))["book"]["coverUrl"]
            assert (await request(client, "DELETE", path)).status_code == 204
        stored = [
            directory_of(storage()) for storage in (client.settings.cover_storage, client.settings.upload_storage)
        ]
        assert [len(list(directory.iterdir())) for directory in stored] == [2, 1]


def fail(*_: object) -> None:
    raise OSError("Generic S3 error")


async def test_import_is_retried_after_an_outage_of_its_storage(
    writable_database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client_of(writable_database_url, redis_url, upload_dir=tmp_path) as client:
        await send(client)
        work = {JobKind.ANALYZE_IMPORT: partial(analyze_import, storage=client.settings.upload_storage())}
        [job] = await column(writable_database_url, "select id from jobs where kind = 'ANALYZE_IMPORT'")
        with monkeypatch.context() as patch:
            patch.setattr(DirectoryStorage, "open", fail)
            async with running_worker(writable_database_url, work):
                await until(writable_database_url, global_id("Job", job), "RETRYING")
        [error] = await column(writable_database_url, "select error ->> 'code' from jobs where kind = 'ANALYZE_IMPORT'")
        assert error == "SERVICE_UNAVAILABLE"


async def test_hanging_storage(
    writable_database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All threads for files wait for it. Metrics need none, and downloads are not waited for."""
    continues = threading.Event()

    def hang(*_: object) -> None:
        continues.wait(30)
        raise OSError("Generic S3 error")

    monkeypatch.setattr(DirectoryStorage, "open", hang)
    monkeypatch.setattr("jobs.cover_files._READ_SECONDS", 0.2)
    monkeypatch.setattr("server.rest.collectors._DISK_SECONDS", 0.05)
    async with client_of(writable_database_url, redis_url, cover_dir=tmp_path) as client:
        covers = [asyncio.create_task(client.http.get(f"/covers/{number:032}.png")) for number in range(12)]
        try:
            await asyncio.sleep(0.05)
            assert (await client.http.get("/metrics")).status_code == 200
            assert {(await cover).status_code for cover in covers} == {503}
            assert not continues.is_set()
        finally:
            continues.set()
