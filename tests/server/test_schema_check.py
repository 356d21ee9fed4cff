"""`shinjp schema check` fails on changes that break clients, and names these."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from graphql import build_schema

from engine.request.schema_changes import Severity, find_changes
from schema import sdl
from server.cli.schema import schema
from server.cli.schema_check import newest_schema
from tests.container import ROOT
from tests.databases import execute

USES = """
    insert into usage_counts (kind, name, day, client, version, count, last_used_at)
    select kind, name, (now() at time zone 'UTC')::date - age, client, version, count, now()
    from (values
        ('REQUEST', '', 0, 'web', '1.2', 900), ('REQUEST', '', 1, 'ios', '', 90), ('REQUEST', '', 2, 'unknown', '', 10),
        ('COORDINATE', 'Book.oldTitle', 0, 'web', '1.2', 4), ('COORDINATE', 'Book.oldTitle', 1, 'web', '1.2', 3),
        ('COORDINATE', 'Book.oldTitle', 0, 'ios', '', 2), ('COORDINATE', 'Book.oldTitle', 40, 'android', '7', 5),
        ('COORDINATE', 'Book.title', 0, 'web', '1.2', 900)
    ) as given (kind, name, age, client, version, count);
"""
DOCUMENT = """
    insert into trusted_documents (id, text, operation, kind, cost)
        values ('old', 'query Old { books { nodes { oldTitle } } }', 'Old', 'query', 1);
    insert into app_versions (app, version) values ('tv', '3'), ('tv', '2');
    insert into app_version_documents (app, version, document_id) values ('tv', '2', 'old'), ('tv', '3', 'old');
"""


OLDER = sdl() + "extend type Book { oldTitle: String unused: Int }"


async def check(
    database_url: str | None, *arguments: str | Path, data_dir: Path | None = None
) -> tuple[int, list[str]]:
    """Return the exit status and the printed lines. `data_dir`: of the embedded database."""
    result = await asyncio.to_thread(
        CliRunner(catch_exceptions=False).invoke,
        schema,
        ["check", *map(str, arguments)],
        env={
            "DATABASE_URL": database_url,
            "MIGRATION_DATABASE_URL": None,
            "SHINJP_DATA_DIR": None if data_dir is None else str(data_dir),
        },
    )
    return result.exit_code, result.output.splitlines()


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A schema in which books have fields that they no longer have."""
    file = tmp_path / "older.graphql"
    file.write_text(OLDER)
    return file


async def test_removed_field_fails_with_its_clients(shared_database_url: str, older: Path) -> None:
    await execute(shared_database_url, USES)
    status, lines = await check(shared_database_url, "--against", older)
    unused = ["breaking: Field Book.unused was removed.", "  No client uses it."]
    confidence = "  Confidence: low; 1000 requests on 3 of 30 days, 99 % of them with a client's name."
    assert (status, lines) == (
        1,
        [
            *unused,
            confidence,
            "Error: the schema breaks clients.",
            "breaking: Field Book.oldTitle was removed.",
            "  web 1.2: 7 requests",
            "  ios (no version): 2 requests",
            "  0.90 % of all requests.",
            confidence,
        ],
    )
    for accepted in (("--min-percent", "1"), ("--exclude-clients", "ios, web")):
        status, lines = await check(shared_database_url, "--against", older, *accepted)
        assert (status, lines[-1]) == (0, "No change breaks a client.")
    status, lines = await check(shared_database_url, "--against", older, "--days", "60", "--exclude-clients", "ios,web")
    assert (status, "  android 7: 5 requests" in lines) == (1, True)
    await execute(shared_database_url, DOCUMENT)
    status, lines = await check(shared_database_url, "--against", older, "--exclude-clients", "ios,web")
    assert (status, lines[-1]) == (
        1,
        "Trusted document old (Old) of tv 2, tv 3: Cannot query field 'oldTitle' on type 'Book'.",
    )
    assert (await check(shared_database_url, "--against", older, "--exclude-clients", "ios,web,tv"))[0] == 0


async def test_without_usage_every_breaking_change_fails(older: Path) -> None:
    status, lines = await check(None, "--against", older, "--no-usage")
    assert status == 1
    assert lines[-2:] == ["breaking: Field Book.unused was removed.", "  Its usage is unknown (--no-usage)."]


async def test_empty_usage_is_no_evidence(writable_database_url: str, older: Path) -> None:
    status, lines = await check(writable_database_url, "--against", older)
    assert status == 1
    assert sum(line.startswith("breaking: ") for line in lines) == 2
    assert "no request was counted in 30 days" in lines[-1]
    assert "--allow-no-usage" in lines[-1]
    status, lines = await check(writable_database_url, "--against", older, "--allow-no-usage")
    assert (status, lines[-1]) == (0, "No change breaks a client.")
    # Requests before these days are none.
    await execute(writable_database_url, USES.replace("- age", "- 20 - age"))
    assert (await check(writable_database_url, "--against", older, "--days", "10"))[0] == 1
    assert (await check(writable_database_url, "--against", older, "--exclude-clients", "web,ios"))[0] == 0


async def test_schema_is_fetched_from_a_server() -> None:
    with sdl_server(OLDER.encode()) as url:
        status, lines = await check(None, "--against", f"{url}/schema.graphql", "--token", "secret", "--no-usage")
        assert (status, lines[1]) == (1, "breaking: Field Book.oldTitle was removed.")
        status, lines = await check(None, "--against", f"{url}/schema.graphql", "--token", "secret\n", "--no-usage")
        assert (status, lines[1]) == (1, "breaking: Field Book.oldTitle was removed.")
        status, lines = await check(None, "--against", f"{url}/schema.graphql", "--token", "sec\nret", "--no-usage")
        assert lines == ["Error: The token has characters that a header cannot have."]
        for path, token, problem in (("/ghost", "secret", "status 404"), ("/schema.graphql", "wrong", "status 403")):
            status, lines = await check(None, "--against", f"{url}{path}", "--token", token)
            assert (status, lines[-1].endswith(f"returned {problem}.")) == (1, True)
    status, lines = await check(None, "--against", f"{url}/schema.graphql", "--no-usage")
    assert (status, "cannot be read" in lines[-1]) == (1, True)


async def test_invalid_schemas(tmp_path: Path) -> None:
    file = tmp_path / "schema.graphql"
    unreadable = (file, tmp_path, "http://[::1", "http://a..example/schema.graphql", "http://127.0.0.1:1/")
    for against in unreadable:
        status, lines = await check(None, "--no-usage", "--against", against)
        assert (status, lines[-1].startswith(f"Error: {against} cannot be read: ")) == (1, True)
    file.write_bytes(b"\xff")
    assert (await check(None, "--no-usage", "--against", file))[1][-1].startswith(f"Error: {file} cannot be read: ")
    for text in ("type Query {", "{ books { totalCount } }", "type Book { id: ID }"):
        file.write_text(text)
        status, lines = await check(None, "--no-usage", "--against", file)
        assert (status, lines[-1].startswith(f"Error: {file} is not a valid schema: ")) == (1, True)


def test_newest_schema_of_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert newest_schema().parent == ROOT / "schema" / "history"
    monkeypatch.setattr("server.cli.schema_check.HISTORY", tmp_path)
    assert newest_schema().name == "baseline.graphql"
    for version in ("baseline", "0.9.0", "0.10.0"):
        (tmp_path / f"{version}.graphql").touch()
    assert newest_schema().name == "0.10.0.graphql"


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, sdl: bytes, *arguments: Any) -> None:
        self._sdl = sdl
        super().__init__(*arguments)

    def do_GET(self) -> None:
        found = self.path == "/schema.graphql"
        admitted = self.headers["authorization"] == "Bearer secret"
        self.send_response(404 if not found else 200 if admitted else 403)
        self.end_headers()
        self.wfile.write(self._sdl)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def sdl_server(sdl: bytes) -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), partial(_Handler, sdl)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_migration_guide_has_all_breaking_changes() -> None:
    """A type with its fields in one row, or coordinates."""
    history, guide = ROOT / "schema" / "history", (ROOT / "docs" / "migration.md").read_text()
    old, new = (build_schema((history / name).read_text()) for name in ("baseline.graphql", newest_schema().name))
    rows = {row[1]: row for row in (line.split("`") for line in guide.splitlines() if line.startswith("| `"))}
    for change in find_changes(old, new):
        if change.severity is Severity.BREAKING and f"`{change.coordinate}`" not in guide:
            type_name, _, field = change.coordinate.partition(".")
            named = f"`{change.coordinate}:" in guide or field in rows.get(type_name, ())
            assert named, f"docs/migration.md lacks {change.coordinate}"
