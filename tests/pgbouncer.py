"""Debian's PgBouncer in transaction mode, with `deploy/pgbouncer.ini`."""

import configparser
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from server.dev_servers import postgresql_programs
from server.dev_servers.privileges import chown, drop_privileges_prefix
from server.setting_fields import PROJECT_ROOT

CONFIGURATION = PROJECT_ROOT / "deploy" / "pgbouncer.ini"
LOGIN = "shinjp_api"
PORT = 6432
needs_pgbouncer = pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="PgBouncer is not installed.")


@contextmanager
def pgbouncer(server_url: str) -> Iterator[str]:
    """Runs PgBouncer in front of all databases of a server with a Unix socket; yields the directory of its socket."""
    [directory] = parse_qs(urlsplit(server_url).query)["host"]
    _create_login(server_url)
    with tempfile.TemporaryDirectory() as folder:
        users = Path(folder) / "users"
        users.write_text(f'"{LOGIN}" ""\n')
        configuration = configparser.ConfigParser()
        configuration.read(CONFIGURATION)
        configuration["databases"] = {"*": f"host={directory}"}
        # Debian's version is older than 1.21, see DB_PREPARED_STATEMENTS.
        del configuration["pgbouncer"]["max_prepared_statements"]
        configuration["pgbouncer"].update(
            {
                "listen_addr": "",
                "unix_socket_dir": folder,
                "auth_type": "trust",
                "auth_file": str(users),
                "server_fast_close": "1",
            }
        )
        path = Path(folder) / "pgbouncer.ini"
        with path.open("w") as file:
            configuration.write(file)
        for created in (Path(folder), path, users):
            chown(created)
        log = Path(folder) / "log"
        with log.open("wb") as output:
            command = [*drop_privileges_prefix(), "pgbouncer", str(path)]
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_for(Path(folder) / f".s.PGSQL.{PORT}", process, log)
            yield folder
        finally:
            process.kill()
            process.wait()


def _create_login(server_url: str) -> None:
    script = PROJECT_ROOT / "deploy" / "postgres" / "application-login.sql"
    psql = str(postgresql_programs.directory() / "psql")
    command = [psql, "--no-psqlrc", "--quiet", "--file", str(script), server_url]
    environment = os.environ | {"API_DATABASE_PASSWORD": "unused", "PGOPTIONS": "--client-min-messages=warning"}
    # Roles are shared by all tests of a run, and a concurrent change fails.
    for _ in range(5):
        if subprocess.run(command, env=environment).returncode == 0:
            return
    raise AssertionError("the login was not created")


def _wait_for(path: Path, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with suppress(OSError), closing(socket.socket(socket.AF_UNIX)) as probe:
            probe.connect(str(path))
            return
        time.sleep(0.01)
    raise AssertionError(log.read_text())


def pooled_url(url: str, folder: str) -> str:
    """The URL of the same database by PgBouncer."""
    return f"postgresql://{LOGIN}@{urlsplit(url).path}?host={folder}&port={PORT}"


@contextmanager
def pooling(server_url: str) -> Iterator[None]:
    """Leads the pools of applications in this process to PgBouncer; other connections are direct, as in production."""
    create_pool: Any = asyncpg.create_pool
    address = urlsplit(server_url).query

    def create(url: str, **options: Any) -> Any:
        if urlsplit(url).query != address:
            return create_pool(url, **options)
        return create_pool(pooled_url(url, folder), **options | {"statement_cache_size": 0})

    with pgbouncer(server_url) as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncpg, "create_pool", create)
        yield
