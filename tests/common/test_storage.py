"""A directory and a bucket behave equally."""

import gzip
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import obstore
import pytest

from common.object_storage import ObjectStorage
from common.storage import DirectoryStorage, Storage, StorageFullError, StorageLimits
from domain.exports import ExportQuota
from domain.jobs import JobErrorCode, JobFailed
from jobs.export_files import ExportFiles, ExportWriter
from tests.s3_server import failing_s3, s3_bucket

LIMITS = StorageLimits(max_files=5, max_bytes=30_000_000, min_free_bytes=0)
# More than a part of a multipart upload, and than one read of a bucket.
LONG = bytes(range(256)) * 40_000


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with s3_bucket(tmp_path, monkeypatch) as url:
        yield url


@pytest.fixture(params=["directory", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "directory":
        return DirectoryStorage(tmp_path / "files", LIMITS)
    return ObjectStorage(request.getfixturevalue("bucket"), LIMITS)


def save(storage: Storage, key: str, *contents: bytes) -> int:
    file = storage.create(key)
    try:
        for content in contents:
            file.write(content)
        return file.finish()
    finally:
        file.discard()


@pytest.mark.parametrize("content", [b"", b"short", LONG], ids=["empty", "short", "long"])
def test_file_is_read_in_whole_and_in_parts(storage: Storage, content: bytes) -> None:
    half = len(content) // 2
    assert save(storage, "a.bin", content[:half], content[half:]) == len(content)
    assert storage.size("a.bin") == len(content)
    with storage.open("a.bin") as file:
        assert file.read() == content
        assert file.seek(half) == half
        assert file.read(1000) == content[half : half + 1000]
        assert file.read(0) == b""


def test_compressed_file_is_read(storage: Storage) -> None:
    save(storage, "a.gz", gzip.compress(LONG))
    with storage.open("a.gz") as file, gzip.GzipFile(fileobj=file) as content:
        assert content.read() == LONG


def test_unfinished_file_is_not_visible(storage: Storage) -> None:
    file = storage.create("a")
    file.write(LONG)
    for read in (storage.open, storage.size):
        with pytest.raises(FileNotFoundError):
            read("a")
    file.discard()
    file.discard()
    assert storage.usage().files == 0


def test_file_is_replaced_and_deleted(storage: Storage) -> None:
    save(storage, "a", b"first")
    save(storage, "a", b"second")
    with storage.open("a") as file:
        assert file.read() == b"second"
    for _ in range(2):
        storage.delete("a")
    with pytest.raises(FileNotFoundError):
        storage.open("a")
    for key in ("a", "b", "c"):
        save(storage, key, key.encode())
    storage.delete_all(["a", "c", "unknown"])
    assert storage.size("b") == 1
    with pytest.raises(FileNotFoundError):
        storage.size("c")


def test_old_files_are_deleted(storage: Storage) -> None:
    for key in ("a", "b", "c"):
        save(storage, key, b"x")
    assert storage.delete_before(time.time() - 60) == 0
    assert storage.delete_before(time.time() + 60, kept={"b"}) == 2
    assert storage.size("b") == 1


def test_limits(storage: Storage) -> None:
    assert storage.has_space()
    for number in range(LIMITS.max_files):
        save(storage, f"{number}", b"x")
    assert not storage.has_space()
    with pytest.raises(StorageFullError):
        storage.create("6")
    usage = storage.usage()
    assert (usage.files, usage.size) == (LIMITS.max_files, LIMITS.max_files)


def test_space_is_checked_without_a_scan_of_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process counts what it creates, discards and deletes; the next scan finds files of other processes."""
    scans: list[Path] = []
    scan = os.scandir

    def counted_scan(path: Path) -> Any:
        scans.append(path)
        return scan(path)

    monkeypatch.setattr("os.scandir", counted_scan)
    monkeypatch.setattr("common.storage._USAGE_SECONDS", 0.3)
    storage = DirectoryStorage(tmp_path, LIMITS)
    for number in range(50):
        save(storage, "a", b"ab")
        storage.create("b").discard()
        save(storage, "c", str(number).encode())
        storage.delete("a")
        storage.delete("c")
    assert len(scans) < 50
    assert storage.has_space()
    for number in range(LIMITS.max_files):
        (tmp_path / f"other-{number}").touch()
    deadline = time.monotonic() + 30
    while storage.has_space():
        assert time.monotonic() < deadline


@pytest.mark.parametrize("key", ["", "../a", "a/b", "A", ".partial-a", "a" * 201, "a\n"])
def test_key_is_validated(storage: Storage, key: str) -> None:
    for use in (storage.create, storage.open, storage.size, storage.delete):
        with pytest.raises(ValueError, match="is not a key"):
            use(key)


def test_bucket_is_limited_by_bytes_across_processes(bucket: str) -> None:
    """Each process counts what it created itself immediately, and files of others after a listing."""
    limits = StorageLimits(max_files=5, max_bytes=10, min_free_bytes=sys.maxsize)
    one, other = ObjectStorage(bucket, limits), ObjectStorage(bucket, limits)
    save(one, "a", b"x" * 10)
    assert not one.has_space()
    assert not other.has_space()


def test_files_of_a_bucket_are_deleted_together_within_a_time(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    delete = obstore.delete

    def counted_delete(store: Any, keys: Any) -> None:
        calls.append(keys)
        delete(store, keys)

    monkeypatch.setattr(obstore, "delete", counted_delete)
    storage = ObjectStorage(bucket, LIMITS)
    for key in ("a", "b", "c", "d", "e"):
        save(storage, key, b"x")
    with monkeypatch.context() as patch:
        patch.setattr("common.object_storage._DELETE_SECONDS", -1)
        assert storage.delete_before(time.time() + 60) == 0
    assert storage.delete_before(time.time() + 60, kept={"e"}) == 4
    assert len(calls) == 1
    with pytest.raises(FileNotFoundError):
        storage.size("a")
    assert storage.size("e") == 1


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (507, "XMinioStorageFull", JobErrorCode.NO_ROOM),
        (400, "XMinioAdminBucketQuotaExceeded", JobErrorCode.NO_ROOM),
        (403, "QuotaExceeded", JobErrorCode.NO_ROOM),
        (403, "AccessDenied", JobErrorCode.NOT_WRITTEN),
        (500, "InternalError", JobErrorCode.NOT_WRITTEN),
    ],
)
def test_full_bucket_ends_an_export(
    bucket: str, monkeypatch: pytest.MonkeyPatch, status: int, code: str, expected: JobErrorCode
) -> None:
    """It is not retried, as an export on a full disk."""
    monkeypatch.setattr("common.object_storage._MAX_RETRIES", 0)
    storage = ObjectStorage(bucket, LIMITS)
    assert storage.usage().files == 0
    writer = ExportWriter(ExportFiles(storage, ExportQuota(10, 10**9)), "a.gz", 10**9)
    writer.write(b"x")
    with failing_s3(monkeypatch, status, code):
        storage._client._store = None
        with pytest.raises(JobFailed) as failed:
            writer.finish()
    writer.discard()
    assert failed.value.code == expected
    assert failed.value.retryable is (expected is JobErrorCode.NOT_WRITTEN)


def test_unavailable_bucket_is_an_os_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("common.object_storage._MAX_RETRIES", 0)
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "test")
    storage = ObjectStorage("s3://bucket", LIMITS)
    for use in (storage.size, storage.open, storage.create, storage.delete):
        with pytest.raises(OSError, match="Generic"):
            use("a")
