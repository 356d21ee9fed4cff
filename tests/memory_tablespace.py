"""Databases of another PostgreSQL in memory: each clone has a thousand files, which are slow to create on a disk."""

import os
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.databases import column, execute
from tests.shared_servers import memory_directory


@asynccontextmanager
async def memory_tablespace(server_url: str) -> AsyncIterator[str | None]:
    """Yields the name of a tablespace in memory; None unless this process may make a directory for the server."""
    [data_directory] = await column(server_url, "show data_directory")
    name = f"shinjp_memory_{uuid.uuid4().hex[:8]}"
    directory = memory_directory() / name
    if not _make_directory(directory, Path(data_directory)):
        yield None
        return
    try:
        await execute(server_url, f"create tablespace {name} location '{directory}'")
        yield name
        await execute(server_url, f"drop tablespace {name}")
    finally:
        shutil.rmtree(directory)


def _make_directory(directory: Path, data_directory: Path) -> bool:
    """Makes a directory that has the owner of the data directory, if this machine and its user can."""
    if os.getuid() != 0 or not data_directory.is_dir():
        return False
    directory.mkdir(mode=0o700)
    owner = data_directory.stat()
    os.chown(directory, owner.st_uid, owner.st_gid)
    return True
