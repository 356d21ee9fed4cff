"""The documents of the example app are registered when the server starts, and after a build."""

import asyncio
import json
import os
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from db.services.trusted_documents import push_version
from domain.trusted_documents import CheckedDocument
from server.cli import app_documents
from server.example_app import APP_NAME, BUILD, read_version
from server.settings import Settings
from tests.databases import column
from tests.processes import SHINJP

STATES = f"select state from app_versions where app = '{APP_NAME}' order by pushed_at"  # a constant
FIRST, SECOND = {"first": "query First { __typename }"}, {"second": "query Second { rateLimit { available } }"}


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of a build's manifest."""
    monkeypatch.setattr(app_documents, "BUILD", tmp_path)
    return tmp_path / "documents.json"


async def states(url: str, manifest: Path, content: str) -> list[str]:
    """Of the versions, oldest first, after a start of the server with this manifest."""
    await asyncio.to_thread(manifest.write_text, content)
    await asyncio.to_thread(app_documents.register_app_documents, Settings.load(database_url=url))
    return await column(url, STATES)


async def test_only_the_newest_build_is_active(writable_database_url: str, manifest: Path) -> None:
    for content, expected in (
        (FIRST, ["ACTIVE"]),
        (SECOND, ["RETIRED", "ACTIVE"]),
        (SECOND, ["RETIRED", "ACTIVE"]),
        # A branch is checked out again.
        (FIRST, ["ACTIVE", "RETIRED"]),
    ):
        assert await states(writable_database_url, manifest, json.dumps(content)) == expected


async def test_versions_of_other_apps_stay_active(writable_database_url: str, manifest: Path) -> None:
    """Also those of an app with the folder's name, which any project may have."""
    document = CheckedDocument("other", "query Other { __typename }", "Other", "query", 1)
    await push_version(writable_database_url, "web", "1.0.0", [document])
    for content in (FIRST, SECOND):
        await states(writable_database_url, manifest, json.dumps(content))
    assert await column(writable_database_url, "select state from app_versions where app = 'web'") == ["ACTIVE"]


@pytest.mark.parametrize("content", ["{", "{}", json.dumps({"first": "query First { ghost }"})])
async def test_server_starts_with_invalid_documents(
    writable_database_url: str, manifest: Path, capfd: pytest.CaptureFixture[str], content: str
) -> None:
    assert await states(writable_database_url, manifest, content) == []
    assert "The documents of the app are not registered: " in capfd.readouterr().err


@pytest.mark.parametrize(("options", "connects"), [(["--with-parent"], False), ([], True)])
async def test_server_has_compared_an_unchanged_build(tmp_path: Path, options: list[str], connects: bool) -> None:
    """After a build that changed nothing, the command of a server needs no database. This one cannot be reached."""
    if read_version(BUILD) is None:
        pytest.skip("The app is not built: `make app` needs Node.")
    make = tmp_path / "make"
    make.write_text("#!/bin/sh\n")
    make.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    process = await asyncio.create_subprocess_exec(
        SHINJP, "app", *options, stdin=PIPE, stdout=PIPE, stderr=STDOUT, env=os.environ | environment
    )
    assert process.stdout is not None
    printed = (await process.stdout.read()).decode()
    assert (await process.wait() != 0 or "not registered" in printed) is connects, printed
