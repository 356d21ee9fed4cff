"""A coordinator and two workers with Citus, run by the programs that `deploy/citus/build` made."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.dev_servers.privileges import chown, drop_privileges_prefix

USER = "shinjp"
DISTRIBUTED, SINGLE = "distributed", "single"
_WORKERS = 2
# Citus has to be the first library. `node_conninfo`: the servers have no certificates. There are few shards because the
# cluster is one machine, and each shard has all partitions of the reviews.
_SETTINGS = """
listen_addresses = '127.0.0.1'
shared_preload_libraries = 'citus'
citus.node_conninfo = 'sslmode=disable'
citus.shard_count = 8
citus.max_cached_conns_per_worker = 4
max_connections = 200
max_prepared_transactions = 200
max_locks_per_transaction = 256
shared_buffers = 256MB
work_mem = 16MB
max_wal_size = 2GB
random_page_cost = 1.1
timezone = 'UTC'
"""
_ROLE = "create role shinjp_app nologin nosuperuser nobypassrls nocreatedb nocreaterole"


@dataclass(frozen=True, slots=True)
class Node:
    """A server of the cluster, which has both databases."""

    port: int

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"


@contextmanager
def running_cluster(programs: Path, directory: Path) -> Iterator[Node]:
    """Yield the coordinator, whose database `DISTRIBUTED` has Citus and the workers, and whose `SINGLE` has neither."""
    with ExitStack() as stack:
        directory.chmod(0o711)
        coordinator, *workers = (
            stack.enter_context(_running(programs, directory / f"node{number}")) for number in range(_WORKERS + 1)
        )
        _execute(programs, coordinator, "postgres", f"create database {SINGLE}")
        for node in (coordinator, *workers):
            _execute(programs, node, "postgres", f"create database {DISTRIBUTED}")
            _execute(programs, node, DISTRIBUTED, "create extension citus")
        statements = [
            f"select citus_set_coordinator_host('127.0.0.1', {coordinator.port})",
            *(f"select citus_add_node('127.0.0.1', {worker.port})" for worker in workers),
            # Citus creates the role on the workers.
            _ROLE,
        ]
        for statement in statements:
            _execute(programs, coordinator, DISTRIBUTED, statement)
        yield coordinator


@contextmanager
def _running(programs: Path, directory: Path) -> Iterator[Node]:
    directory.mkdir(mode=0o711)
    chown(directory)
    data, node = directory / "data", Node(_free_port())
    arguments = ("--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions")
    _run(programs, "initdb", f"--pgdata={data}", *arguments)
    with (data / "postgresql.conf").open("a") as configuration:
        configuration.write(f"{_SETTINGS}port = {node.port}\nunix_socket_directories = '{directory}'\n")
    _run(programs, "pg_ctl", "start", f"--pgdata={data}", f"--log={directory / 'log'}", "--wait")
    try:
        yield node
    finally:
        _run(programs, "pg_ctl", "stop", f"--pgdata={data}", "--mode=immediate")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _execute(programs: Path, node: Node, database: str, statement: str) -> None:
    _run(
        programs,
        "psql",
        "--quiet",
        "--no-psqlrc",
        "--set=ON_ERROR_STOP=1",
        f"--command={statement}",
        node.url(database),
    )


def _run(programs: Path, program: str, *arguments: str) -> None:
    command = [*drop_privileges_prefix(), str(programs / program), *arguments]
    completed = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        check=False,
    )
    if completed.returncode != 0:
        raise RuntimeError(f"{program} failed: {completed.stderr or completed.stdout}")
