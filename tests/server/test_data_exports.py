"""The export of a learner's data has all their rows, and none of others."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import JSONB

from db.core.database import owner_connection
from db.tables import metadata
from domain.enums import ExportKind
from domain.imports.report import REPORT_HEADER
from domain.personal_data import exported_tables
from tests.personal_data import drop_checks, fill_tables, is_special
from tests.streams import StreamServer, stream_server
from tests.workers import export_work, running_worker, until

REQUEST = """
    mutation ($key: String) {
        requestDataExport(input: {idempotencyKey: $key}) {
            job { id status result { ... on DataExport { url fileCount rowCount sizeBytes expiresAt } } }
            errors { code path message }
        }
    }
"""


@pytest.fixture
async def server(writable_database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[StreamServer]:
    async with stream_server(writable_database_url, redis_url, export_dir=tmp_path) as server:
        yield server


async def sign_up(server: StreamServer, connection: Any, subject: str) -> UUID:
    await server.client.run("{ viewer { role } }", user=subject)
    id: UUID = await connection.fetchval("select id from users where subject = $1", subject)
    return id


async def export(server: StreamServer, url: str, directory: Path, user: str) -> zipfile.ZipFile:
    """Requests the export, runs its job, and downloads the archive."""
    client = server.client
    asked = (await client.run(REQUEST, {"key": "mine"}, user=user)).data["requestDataExport"]
    assert asked["errors"] == []
    async with running_worker(url, export_work(directory)):
        await until(url, asked["job"]["id"])
    again = (await client.run(REQUEST, {"key": "mine"}, user=user)).data["requestDataExport"]["job"]
    assert (again["id"], again["status"]) == (asked["job"]["id"], "SUCCEEDED")
    file = again["result"]
    answered = await client.http.get(file["url"])
    assert answered.headers["content-type"] == "application/zip"
    assert answered.headers["content-disposition"] == 'attachment; filename="personal-data.zip"'
    assert len(answered.content) == file["sizeBytes"]
    # An interrupted download continues.
    size = len(answered.content)
    rest = await client.http.get(file["url"], headers={"Range": "bytes=100-", "If-Range": answered.headers["etag"]})
    assert (rest.status_code, rest.headers["content-range"]) == (206, f"bytes 100-{size - 1}/{size}")
    assert answered.content[:100] + rest.content == answered.content
    for headers, status in (({"If-Range": '"other"', "Range": "bytes=100-"}, 200), ({"Range": f"bytes={size}-"}, 416)):
        other = await client.http.get(file["url"], headers=headers)
        assert (other.status_code, other.content) == (status, answered.content if status == 200 else b"")
    archive = zipfile.ZipFile(io.BytesIO(answered.content))
    assert archive.testzip() is None
    assert len(archive.namelist()) == file["fileCount"]
    return archive


async def test_archive_has_every_row_of_the_learner(
    server: StreamServer, writable_database_url: str, tmp_path: Path
) -> None:
    async with owner_connection(writable_database_url) as connection:
        await drop_checks(connection)
        mine, other = [await sign_up(server, connection, subject) for subject in ("mine", "other")]
        ids = await fill_tables(connection, mine, "my marker")
        others = await fill_tables(connection, other, "marker of another")
    archive = await export(server, writable_database_url, tmp_path, "mine")
    tables = {table.name for table in exported_tables()}
    assert set(archive.namelist()) == {
        *("README.txt", "cards.csv", "reviews.csv", f"import-reports/{ids['imports']}.csv"),
        *(f"tables/{name}.{format}" for name in tables for format in ("csv", "json")),
    }
    report = archive.read(f"import-reports/{ids['imports']}.csv").decode()
    assert report == f"{REPORT_HEADER}my marker\r\n"
    for table in exported_tables():
        text = archive.read(f"tables/{table.name}.json").decode()
        rows = json.loads(text)
        assert len(archive.read(f"tables/{table.name}.csv").decode().splitlines()) >= len(rows) + 1
        if not is_special(table) and table.name != "users":
            has_texts = any(isinstance(column.type, (Text, JSONB)) for column in metadata.tables[table.name].c)
            assert rows, table.name
            assert "my marker" in text or not has_texts, table.name
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    # The ids of job events are numbers; domain events and webhooks, which are of operators, are not exported.
    not_written = {"job_events", "events", "webhooks", "webhook_deliveries"}
    written = {table for table in ids if "id" in metadata.tables[table].c} - not_written
    assert [table for table in written if str(ids[table]) not in everything] == []
    assert "marker of another" not in everything
    assert [table for table, id in others.items() if str(id) in everything] == []


async def test_archive_of_the_demo_learner(server: StreamServer, writable_database_url: str, tmp_path: Path) -> None:
    """A year of reviews, in both formats and with the words."""
    archive = await export(server, writable_database_url, tmp_path, "demo")
    async with owner_connection(writable_database_url) as connection:
        number = await connection.fetchval(
            "select count(*) from reviews where user_id = (select id from users where subject = 'demo')"
        )
    assert len(json.loads(archive.read("tables/reviews.json"))) == number
    for name in ("tables/reviews.csv", f"{ExportKind.REVIEWS.lower()}.csv"):
        assert len(archive.read(name).decode().splitlines()) == number + 1
