"""Exports without disk space fail immediately and leave no files; the space per user is limited."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from common import storage
from common.storage import DirectoryStorage, StorageLimits, StoredFileWriter
from domain.enums import JobKind
from domain.jobs import POLICIES, JobFailed
from jobs.export_files import ExportWriter
from jobs.exports import write_export
from tests.clients import Client, client_of
from tests.databases import execute
from tests.workers import JOB, export_files, export_work, running_worker, until

REQUEST = """
    mutation ($input: RequestExportInput!) {
        requestExport(input: $input) { job { id } errors { code message } }
    }
"""
# A few lines, which are written when the file is closed; and more than any buffer holds.
FEW, MANY = {"kind": "CARDS", "from": "2200-01-01T00:00:00Z"}, {"kind": "REVIEWS"}


@pytest.fixture
async def server(writable_database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    async with client_of(writable_database_url, redis_url, export_dir=tmp_path) as client:
        yield client


async def request(client: Client, *, user: str = "demo", **input: Any) -> tuple[str | None, list[str], list[str]]:
    """The requested job, or the codes and messages of the errors."""
    answered = (await client.run(REQUEST, {"input": input}, user=user)).data["requestExport"]
    errors = answered["errors"]
    return (
        answered["job"] and answered["job"]["id"],
        [error["code"] for error in errors],
        [error["message"] for error in errors],
    )


async def outcome(client: Client, url: str, work: Any, **input: Any) -> dict[str, Any]:
    """The finished job, as its owner sees it."""
    job, codes, _ = await request(client, **input)
    assert codes == []
    assert job is not None
    async with running_worker(url, work):
        await until(url, job)
    found: dict[str, Any] = (await client.run(JOB, {"id": job}, user="demo")).data["node"]
    return found


def check_no_room(job: dict[str, Any], *, attempts: int = 1) -> None:
    assert (job["status"], job["attempts"]) == ("FAILED", attempts)
    assert job["error"] == {
        "code": "NO_ROOM",
        "message": "The server is out of disk space; please retry later.",
        "retryable": False,
    }


class FullDisk(DirectoryStorage):
    def create(self, key: str) -> StoredFileWriter:
        written = super().create(key)
        [name] = [name for name in os.listdir(self.directory) if key in name]
        [file] = [number for number, path in open_files() if path == str(self.directory / name)]
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, file)
        os.close(full)
        return written


def open_files() -> Iterator[tuple[int, str]]:
    """The open files of this process: their numbers and paths."""
    for number in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):
            yield int(number), os.readlink(f"/proc/self/fd/{number}")


@pytest.mark.parametrize("input", [FEW, MANY], ids=["found when it is closed", "found when it is written"])
async def test_full_disk_ends_an_export(
    server: Client, writable_database_url: str, tmp_path: Path, input: dict[str, str]
) -> None:
    files = export_files(tmp_path)
    full = replace(files, storage=FullDisk(tmp_path, StorageLimits(10, 2**40, 0)))
    work = {JobKind.EXPORT: partial(write_export, files=full)}
    check_no_room(await outcome(server, writable_database_url, work, **input))
    assert os.listdir(tmp_path) == []


async def test_database_without_room_ends_an_export(server: Client, writable_database_url: str, tmp_path: Path) -> None:
    """The server reports it while rows are read, as when a sort cannot write its temporary files."""
    await execute(
        writable_database_url,
        "create function no_room() returns boolean language plpgsql as $$ begin"
        " raise exception 'could not write to file' using errcode = '53100'; end $$;"
        "create policy no_room on reviews as restrictive for select using (no_room())",
    )
    check_no_room(await outcome(server, writable_database_url, export_work(tmp_path), **MANY))
    assert os.listdir(tmp_path) == []
    # A streamed export gets the same error.
    answer = await server.run("{ viewer { reviews(first: 1) { nodes { id } } } }", user="demo")
    assert answer.error_codes == ["SERVICE_UNAVAILABLE"]
    assert answer.messages == ["The database is out of disk space; please retry later."]


@pytest.mark.parametrize("setting", [{"min_free_bytes": 2**62}, {"max_bytes": 3}, {"max_files": 1}], ids=str)
async def test_export_is_rejected_below_min_free_bytes(
    server: Client, writable_database_url: str, tmp_path: Path, setting: dict[str, int]
) -> None:
    """The request is rejected if the space is low already."""
    (tmp_path / "another").write_bytes(b"data")
    check_no_room(await outcome(server, writable_database_url, export_work(tmp_path, **setting), **FEW))
    assert os.listdir(tmp_path) == ["another"]
    settings: dict[str, Any] = {f"export_{name}": value for name, value in setting.items()}
    async with client_of(writable_database_url, None, export_dir=tmp_path, **settings) as client:
        _, codes, messages = await request(client, **FEW)
    assert codes == ["LIMIT_REACHED"]
    assert messages == ["The server is out of space for exports; please retry later."]


def test_free_space_is_checked_while_a_file_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "CHECK_EVERY_BYTES", 100_000)
    files = export_files(tmp_path, max_bytes=250_000)
    file = ExportWriter(files, "file.gz", 2**40)
    written = 0

    def write() -> None:
        nonlocal written
        while written < 10_000_000:
            file.write(os.urandom(10_000))
            written += 10_000

    with pytest.raises(JobFailed) as failed:
        write()
    file.discard()
    assert failed.value.code == "NO_ROOM"
    # At most the bytes that are written between two checks.
    assert 250_000 <= written <= 400_000
    assert os.listdir(tmp_path) == []


async def test_file_is_bounded_by_the_users_remaining_space(
    server: Client, writable_database_url: str, tmp_path: Path
) -> None:
    job = await outcome(server, writable_database_url, export_work(tmp_path, max_bytes_per_user=10_000), **MANY)
    assert (job["status"], job["attempts"], job["error"]["code"]) == ("FAILED", 1, "LIMIT_REACHED")
    assert "10,000 bytes" in job["error"]["message"]
    assert os.listdir(tmp_path) == []


async def test_files_and_bytes_per_user_are_limited(server: Client, writable_database_url: str, tmp_path: Path) -> None:
    """Other users are not affected, and the limit ends with the files' expiry."""
    assert (await outcome(server, writable_database_url, export_work(tmp_path), **MANY))["status"] == "SUCCEEDED"
    size = export_files(tmp_path).storage.usage().size
    for setting, limit, shown in (
        ("export_max_files_per_learner", 1, "1 exported files"),
        ("export_max_bytes_per_learner", size, f"{size:,} bytes"),
    ):
        limits: dict[str, Any] = {setting: limit}
        async with client_of(writable_database_url, None, export_dir=tmp_path, **limits) as client:
            _, codes, [message] = await request(client, **FEW)
            assert codes == ["LIMIT_REACHED"]
            assert shown in message
            assert "The oldest is removed at " in message
            assert (await request(client, user="somebody else", **FEW))[1] == []
            await execute(writable_database_url, "update jobs set finished_at = finished_at - interval '25 hours'")
            assert (await request(client, **FEW))[1] == []
            await execute(
                writable_database_url,
                "delete from jobs where status = 'QUEUED';"
                "update jobs set finished_at = finished_at + interval '25 hours'",
            )


async def test_other_write_error_is_retried_and_reported(
    server: Client, writable_database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    job = await outcome(server, writable_database_url, export_work(tmp_path / "file"), **FEW)
    assert (job["status"], job["error"]["code"]) == ("FAILED", "NOT_WRITTEN")
    assert job["attempts"] == POLICIES[JobKind.EXPORT].max_attempts


async def test_metrics_have_export_space(server: Client, tmp_path: Path) -> None:
    await asyncio.to_thread((tmp_path / "file").write_bytes, b"12345")
    metrics = (await server.http.get("/metrics")).text
    assert "shinjp_export_files 1.0" in metrics
    assert "shinjp_export_bytes 5.0" in metrics
    assert "shinjp_export_free_bytes " in metrics
