"""One embedded PostgreSQL and one Valkey for all processes of a test run.

The first process starts them, with the loaded template database, and the last one stops them. What a killed run left
behind is stopped and removed by the next run.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from server.dev_servers import EmbeddedServers, embedded_servers, postgresql, running_servers, valkey
from server.dev_servers.socket_paths import socket_directory
from server.dev_servers.usage_lock import UsageLock
from tests.cluster_snapshot import locked, restore_snapshot

# Cloning a database in memory takes a tenth of the processor time that it takes on a disk.
_MEMORY = Path("/dev/shm")
_REQUIRED_BYTES = 4_000_000_000
# Runs of other checkouts, and of other users, do not wait for each other.
_CHECKOUT = hashlib.sha256(f"{Path(__file__).resolve()} {os.getuid()}".encode()).hexdigest()[:12]


@contextmanager
def shared_servers(run_id: str, parent: Path | None = None) -> Iterator[EmbeddedServers]:
    """The servers of this run, in a directory below `parent`, by default in memory if there is enough."""
    parent = parent or memory_directory()
    prefix = f"shinjp-tests-{_CHECKOUT}-"
    directory = parent / f"{prefix}{run_id}"
    lock = parent / f"{prefix}lock"
    with ExitStack() as stack:
        with locked(lock):
            for left in parent.glob(f"{prefix}*/"):
                _remove_if_unused(left)
            if not directory.exists():
                directory.mkdir(mode=0o711)
                restore_snapshot(directory)
            servers = stack.enter_context(embedded_servers(directory, lambda _: None))
        try:
            yield servers
        finally:
            with locked(lock):
                stack.close()
                if running_servers(directory) is None:
                    shutil.rmtree(directory, ignore_errors=True)


def _remove_if_unused(directory: Path) -> None:
    with UsageLock(directory) as lease:
        if not lease.is_last_user():
            return
        valkey.stop(socket_directory(directory))
        postgresql.stop(directory)
    shutil.rmtree(directory, ignore_errors=True)


def memory_directory() -> Path:
    """A directory in memory, if it has enough, else one on the disk."""
    try:
        free = shutil.disk_usage(_MEMORY).free
    except OSError:
        free = 0
    return _MEMORY if free >= _REQUIRED_BYTES and os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
