"""Migrations run as a database owner without superuser rights, as on hosted PostgreSQL.

`tests/test_package.py` loads the content as such an owner.
"""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from alembic.script import ScriptDirectory

from db import migrations
from db.core.database import open_database
from db.migrations import downgrade, upgrade
from server.dev_servers import postgresql, postgresql_programs
from server.dev_servers.socket_paths import socket_directory
from tests.databases import column, created, execute
from tests.postgres_cluster import cluster_url
from tests.processes import shinjp

ADMINISTRATORS_SCRIPT = Path(__file__).parents[2] / "deploy" / "postgres" / "application-login.sql"
REVISIONS = [script.revision for script in ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()][
    ::-1
]


@pytest.fixture
async def fresh_cluster(tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a PostgreSQL cluster without any role of this project."""
    sockets = socket_directory(tmp_path)
    await asyncio.to_thread(postgresql.start, tmp_path, sockets, lambda _: None)
    try:
        await execute(cluster_url(tmp_path), "drop role shinjp_app")
        yield cluster_url(tmp_path)
    finally:
        await asyncio.to_thread(postgresql.stop, tmp_path)


@asynccontextmanager
async def owned_database(server_url: str, *, rights: str = "") -> AsyncIterator[str]:
    """A database whose owner has these privileges only; yields its URL for that owner."""
    name = f"plain_{uuid.uuid4().hex[:8]}"
    await execute(server_url, f"create role {name} login password 'secret' nosuperuser {rights}")
    try:
        async with created(server_url, name) as url:
            await execute(server_url, f"alter database {name} owner to {name}")
            yield _as_user(url, name)
    finally:
        await execute(server_url, f"drop role {name}")


def _as_user(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{name}:secret@{parts.netloc.rpartition('@')[2]}"))


async def run_administrators_script(server_url: str, owned_url: str) -> None:
    """Runs the script with psql as a superuser in the owner's database."""
    url = urlunsplit(urlsplit(server_url)._replace(path=urlsplit(owned_url).path))
    process = await asyncio.create_subprocess_exec(
        postgresql_programs.directory() / "psql", "--no-psqlrc", "--quiet", "--file", ADMINISTRATORS_SCRIPT, url,
        env=os.environ | {"API_DATABASE_PASSWORD": "another secret"},
    )  # fmt: skip
    assert await asyncio.wait_for(process.wait(), 60) == 0


async def check(url: str, revisions: Sequence[str] = ("head",)) -> None:
    """Runs the migrations up in a session for each of the revisions, and down; then a server with the application's
    role.
    """
    for revision in revisions:
        await asyncio.to_thread(upgrade, url, revision)
    await asyncio.to_thread(downgrade, url, "base")
    await asyncio.to_thread(upgrade, url)
    assert await column(url, "select rolsuper from pg_roles where rolname = current_user") == [False]
    async with open_database(url, min_size=1, max_size=1) as database, database.connection() as connection:
        assert await connection.fetchval("select current_user::text") == "shinjp_app"
        # Row-level security applies, although the session user owns the tables.
        assert await connection.fetchval("select count(*) from cards") == 0


async def test_owner_with_createrole_migrates(fresh_cluster: str) -> None:
    async with owned_database(fresh_cluster, rights="createrole") as url:
        await check(url)


async def test_owner_without_createrole_migrates_after_the_administrators_script(servers: tuple[str, str]) -> None:
    async with owned_database(servers[0]) as url:
        await run_administrators_script(servers[0], url)
        # No migration depends on the session of another one.
        await check(url, REVISIONS)


async def test_administrators_script_runs_twice_and_its_login_can_serve(servers: tuple[str, str]) -> None:
    async with owned_database(servers[0]) as url:
        for _ in range(2):
            await run_administrators_script(servers[0], url)
        await asyncio.to_thread(upgrade, url)
        login = url.replace(f"{urlsplit(url).username}:secret", "shinjp_api:another%20secret")
        async with open_database(login, min_size=1, max_size=1) as database, database.connection() as connection:
            assert await connection.fetchval("select current_user::text") == "shinjp_app"


async def test_unprepared_owner_gets_instructions(fresh_cluster: str) -> None:
    async with owned_database(fresh_cluster) as url:
        status, _, errors = await shinjp("migrate", DATABASE_URL=url)
    assert status == 1
    assert "may not create roles" in errors
    assert "deploy/postgres/application-login.sql" in errors
    assert "reached" not in errors
    assert "Traceback" not in errors
