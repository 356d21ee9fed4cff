"""Creates, starts and stops a PostgreSQL cluster in the data directory."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from server.dev_servers import postgresql_programs
from server.dev_servers.errors import EmbeddedServerError
from server.dev_servers.privileges import chown

USER = DATABASE = "shinjp"
_START_SECONDS = 120
_PORT = 5432

# Memory for a laptop. Durability settings keep PostgreSQL's defaults.
_SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 2GB
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
"""
# A command-line option, so that it also applies to existing clusters.
_LIBRARIES = "-c shared_preload_libraries=pg_stat_statements"
_PREPARE_SCRIPT = Path(__file__).with_name("prepare.sql")


def database_url(sockets: Path) -> str:
    return f"postgresql://{USER}@/{DATABASE}?host={sockets}"


def is_ready(sockets: Path) -> bool:
    """Whether a server accepts connections."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(sockets / f".s.PGSQL.{_PORT}"))
        except OSError:
            return False
    return True


def start(data_dir: Path, sockets: Path, echo: Callable[[str], None]) -> None:
    """Start the server unless it is running, also after it was killed. Creates the cluster and the database if missing.

    Raises EmbeddedServerError if the cluster was created by another major version, and leaves it unchanged.
    """
    cluster = data_dir / "postgresql"
    if not (cluster / "PG_VERSION").exists():
        echo("Creating the database (first start) …")
        _initialise(cluster)
    if is_ready(sockets) and _postmaster(cluster) is not None:
        return
    _check_version(cluster)
    sockets.mkdir(parents=True, exist_ok=True)
    sockets.chmod(0o700)
    chown(sockets)
    _remove_stale_locks(cluster, sockets)
    _start_postmaster(cluster, sockets, data_dir / "postgresql.log")
    _prepare_database(sockets)


def is_running(data_dir: Path) -> bool:
    """Whether the server's process is alive."""
    return _postmaster(data_dir / "postgresql") is not None


def stop(data_dir: Path) -> None:
    """Terminate all sessions and wait for a clean shutdown."""
    cluster = data_dir / "postgresql"
    if _postmaster(cluster) is not None:
        postgresql_programs.run(
            "pg_ctl", "stop", "--pgdata", str(cluster), "--mode=fast", "--wait", f"--timeout={_START_SECONDS}"
        )


def _initialise(cluster: Path) -> None:
    # Renamed when it is complete, so that an interrupted start leaves no incomplete cluster.
    unfinished = cluster.with_name("postgresql.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    chown(unfinished)
    postgresql_programs.run(
        "initdb",
        f"--pgdata={unfinished}",
        f"--username={USER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-instructions",
    )
    with (unfinished / "postgresql.conf").open("a") as configuration:
        configuration.write(_SETTINGS)
    unfinished.rename(cluster)


def _start_postmaster(cluster: Path, sockets: Path, log: Path) -> None:
    log.touch()
    chown(log)
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            # The postmaster runs in its own session, which Ctrl-C in a terminal does not reach.
            postgresql_programs.run(
                "pg_ctl",
                "start",
                f"--pgdata={cluster}",
                f"--log={log}",
                f"--options=-k '{sockets}' -p {_PORT} {_LIBRARIES}",
                "--wait",
                f"--timeout={_START_SECONDS}",
            )
            return
        except EmbeddedServerError:
            # After SIGKILL of the postmaster its children take a while to detach from the shared memory.
            if time.monotonic() > deadline or "pre-existing shared memory" not in log.read_text(errors="replace"):
                raise EmbeddedServerError(f"PostgreSQL failed to start; see {log}.") from None
            log.write_text("")
            time.sleep(0.2)


def _check_version(cluster: Path) -> None:
    found, ours = (cluster / "PG_VERSION").read_text().strip(), postgresql_programs.server_version()
    if found != ours.partition(".")[0]:
        raise EmbeddedServerError(
            f"{cluster} was created by PostgreSQL {found}; the embedded PostgreSQL {ours} cannot read it, and left it "
            f"unchanged. To keep its data, dump it with PostgreSQL {found} and restore the dump into a new data "
            'directory (docs/deployment.md, "A new major version of PostgreSQL"); to start over, delete it; or set '
            "DATABASE_URL."
        )


def _prepare_database(sockets: Path) -> None:
    postgresql_programs.run(
        *("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--set=database={DATABASE}"),
        *(f"--host={sockets}", f"--username={USER}", "--dbname=postgres"),
        stdin=_PREPARE_SCRIPT.read_text(),
    )


def _postmaster(cluster: Path) -> int | None:
    """Return the process id of the cluster's running server, or None."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid if _is_postgres(pid) else None


def _remove_stale_locks(cluster: Path, sockets: Path) -> None:
    """Remove lock files without a server. PostgreSQL refuses to start if another program now has the process id."""
    if _postmaster(cluster) is None:
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        (sockets / f".s.PGSQL.{_PORT}.lock").unlink(missing_ok=True)


def _is_postgres(pid: int) -> bool:
    """Whether the process is PostgreSQL and not a zombie, which nobody reaps in a container without an init process."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        state, name = status["State"], status["Name"]
    except FileNotFoundError:
        # macOS has no /proc.
        command = ["ps", "-o", "state=", "-o", "comm=", "-p", str(pid)]
        found = subprocess.run(command, capture_output=True, text=True).stdout  # noqa: S603  # fixed arguments
        state, _, name = found.strip().partition(" ")
    return not state.startswith("Z") and Path(name.strip()).name == "postgres"
