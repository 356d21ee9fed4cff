"""Runs `shinjp documents` in this process."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner

from server.cli.documents import documents
from tests.container import ROOT

# Written by the tools of Apollo, Relay and GraphQL Code Generator: see `make` there.
MANIFESTS = ROOT / "tests" / "clients" / "manifests"


async def run_documents(database_url: str, *arguments: str | Path) -> tuple[int, list[str]]:
    """Return the exit status and the printed lines."""
    result = await asyncio.to_thread(
        CliRunner(catch_exceptions=False).invoke,
        documents,
        [str(argument) for argument in arguments],
        env={"DATABASE_URL": database_url, "MIGRATION_DATABASE_URL": None},
    )
    return result.exit_code, result.output.splitlines()


async def push_documents(database_url: str, directory: Path, texts: Mapping[str, str], version: str = "1") -> None:
    """Register documents by id as a version of the app `web`."""
    file = directory / f"{version}.json"
    file.write_text(json.dumps(texts))
    status, printed = await run_documents(database_url, "push", file, "--app", "web", "--version", version)
    assert status == 0, printed
