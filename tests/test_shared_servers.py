"""The servers that all processes of a test run share."""

import asyncio
import os
import select
import subprocess
import sys
from pathlib import Path

from redis import Redis

from server.dev_servers import running_servers
from tests.cluster_snapshot import TEMPLATE
from tests.databases import column
from tests.postgres_cluster import postmaster
from tests.shared_servers import shared_servers

ROOT = Path(__file__).parents[1]
KILLED = """
import sys
from pathlib import Path
from tests.shared_servers import shared_servers

with shared_servers("killed", Path(sys.argv[1])):
    print("started", flush=True)
    sys.stdin.read()
"""


def test_last_process_of_a_run_stops_the_servers(tmp_path: Path) -> None:
    with shared_servers("run", tmp_path) as first:
        [directory] = tmp_path.glob("*/")
        with shared_servers("run", tmp_path) as second:
            assert second == first
        databases = asyncio.run(column(first.database_url, "select datname from pg_database"))
        assert TEMPLATE in databases
        with Redis.from_url(first.redis_url) as redis:
            assert redis.ping()
    assert running_servers(directory) is None
    assert not directory.exists()


def test_next_run_removes_servers_of_a_killed_run(tmp_path: Path) -> None:
    command: list[str | Path] = [sys.executable, "-c", KILLED, tmp_path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"started\n"
        finally:
            process.kill()
    [left] = tmp_path.glob("*/")
    assert running_servers(left) is not None
    descriptor = os.pidfd_open(postmaster(left))
    try:
        with shared_servers("next", tmp_path):
            assert not left.exists()
        assert select.select([descriptor], [], [], 20)[0], "PostgreSQL still runs"
    finally:
        os.close(descriptor)
    assert list(tmp_path.glob("*/")) == []
