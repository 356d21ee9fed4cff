"""Exported files, uploads and covers in a bucket of S3 instead of directories."""

from functools import partial
from pathlib import Path

import httpx
import pytest

from domain.enums import JobKind
from jobs.export_files import ExportFiles
from jobs.exports import write_export
from tests.clients import Client, client_of
from tests.images import png
from tests.s3_server import s3_bucket
from tests.server.test_covers import new_book, set_cover
from tests.server.test_exports import REQUEST, RESULT
from tests.server.test_uploads import append, create
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
