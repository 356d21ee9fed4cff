"""A PostgreSQL primary with streaming replicas, for a single module."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from server.dev_servers import postgresql, postgresql_programs
from server.dev_servers.privileges import chown
from server.dev_servers.socket_paths import socket_directory
from tests.cluster_snapshot import TEMPLATE, restore_snapshot
from tests.databases import create, execute
from tests.postgres_cluster import cluster_url, postmaster, start
from tests.processes import ending

DATABASE = "replicated"
# Tests wait for commits to be replicated: without this, the log is sent when the WAL writer has written it.
_SETTINGS = ("alter system set synchronous_commit = 'local'", "alter system set wal_sender_timeout = '2s'")

# Of commits: a read that does not wait for a write does not see it.
_DELAY_MS = 50


@dataclass(frozen=True)
class ReplicatedCluster:
    """The data directories of the servers, which a test may stop, kill and pause. `late`: 10 seconds late."""

    primary: Path
    replica: Path
    late: Path

    def url(self, server: Path, database: str = DATABASE) -> str:
        return urlunsplit(urlsplit(cluster_url(server))._replace(path=f"/{database}"))


@asynccontextmanager
async def replicated_cluster(directory: Path, *, late_ms: int = 10_000) -> AsyncIterator[ReplicatedCluster]:
    """Start a primary with the content in `DATABASE`, and two replicas, which follow whichever server is promoted."""
    cluster = ReplicatedCluster(directory / "primary", directory / "replica", directory / "late")
    servers = (cluster.primary, cluster.replica, cluster.late)
    for path in (directory, *servers):
        await asyncio.to_thread(_make_directory, path)
    await asyncio.to_thread(restore_snapshot, cluster.primary)
    hosts = ",".join(str(socket_directory(path)) for path in servers)
    async with AsyncExitStack() as stack:
        for path in servers:
            stack.push_async_callback(asyncio.to_thread, postgresql.stop, path)
        await start(cluster.primary)
        maintenance_url = cluster.url(cluster.primary, "postgres")
        for statement in _SETTINGS:
            await execute(maintenance_url, statement)
        await create(maintenance_url, DATABASE, TEMPLATE)
        await asyncio.to_thread(postgresql.stop, cluster.primary)
        for path, delay in ((cluster.replica, _DELAY_MS), (cluster.late, late_ms)):
            await asyncio.to_thread(_copy, cluster.primary, path, hosts, delay)
        await start(cluster.primary)
        for path in (cluster.replica, cluster.late):
            await asyncio.to_thread(start_replica, path)
        yield cluster


def _make_directory(path: Path) -> None:
    """PostgreSQL may run as another user."""
    path.mkdir(exist_ok=True)
    path.chmod(0o711)


def _copy(primary: Path, replica: Path, hosts: str, delay_ms: int) -> None:
    """Make a replica of a stopped primary."""
    data = replica / "postgresql"
    # Preserves the owner, which `shutil` does not.
    subprocess.run(["cp", "-a", primary / "postgresql", data], check=True, timeout=60)
    source = f"host={hosts} user={postgresql.USER} target_session_attrs=read-write application_name={replica.name}"
    with (data / "postgresql.auto.conf").open("a") as configuration:
        configuration.write(f"recovery_min_apply_delay = {delay_ms}\nprimary_conninfo = '{source}'\n")
    signal_file = data / "standby.signal"
    signal_file.touch()
    chown(signal_file)


def start_replica(replica: Path) -> None:
    sockets = socket_directory(replica)
    sockets.mkdir(parents=True, exist_ok=True)
    sockets.chmod(0o700)
    chown(sockets)
    postgresql._remove_stale_locks(replica / "postgresql", sockets)
    postgresql._start_postmaster(replica / "postgresql", sockets, replica / "postgresql.log")


async def kill(server: Path) -> None:
    """Kill all processes, as a power failure would."""
    pid = await asyncio.to_thread(postmaster, server)
    async with ending(pid):
        os.kill(pid, signal.SIGKILL)


def promote(replica: Path) -> None:
    """Make the replica the primary, and wait until it is."""
    postgresql_programs.run("pg_ctl", "promote", f"--pgdata={replica / 'postgresql'}", "--wait")
