"""The commands of docs/deployment.md work, on a separate PostgreSQL cluster."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import click
import pytest

from db.core.database import open_database
from db.core.schema_version import HEAD
from server.cli import main
from server.dev_servers import postgresql, postgresql_programs
from server.dev_servers.privileges import chown, drop_privileges_prefix
from server.dev_servers.socket_paths import socket_directory
from server.settings import Settings
from tests.container import ROOT, read_compose
from tests.databases import column, execute
from tests.postgres_cluster import cluster_url
from tests.test_container import GIVEN

DOCUMENT = ROOT / "docs" / "deployment.md"
TEXT = DOCUMENT.read_text()


def section(title: str) -> str:
    return re.split(rf"^##+ {title}\n", TEXT, flags=re.MULTILINE)[1].split("\n## ", 1)[0]


def blocks(title: str) -> list[str]:
    """The scripts of a section."""
    return re.findall(r"```bash\n(.*?)```", section(title), re.DOTALL)


async def run(script: str, log: Path, **environment: str) -> None:
    """Runs a script as PostgreSQL's account. Output goes to a file, because a started server keeps it open."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(*drop_privileges_prefix(), "bash", "-euo", "pipefail", "-c", script),
            cwd=ROOT,
            env={
                "PATH": f"{postgresql_programs.directory()}:{Path(sys.executable).parent}:{os.environ['PATH']}",
                "LC_ALL": "C",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        async with asyncio.timeout(300):
            status = await process.wait()
    assert status == 0, await asyncio.to_thread(log.read_text)


@pytest.fixture
def environment(cluster: Path) -> dict[str, str]:
    """The variables that the document requires."""
    backups = cluster / "backups"
    backups.mkdir()
    chown(backups)
    url = cluster_url(cluster)
    return {
        "DATABASE_URL": url,
        "API_DATABASE_PASSWORD": "a password",
        "BACKUPS": str(backups),
        "RESTORED_DATABASE_URL": urlunsplit(urlsplit(url)._replace(path="/shinjp_restored")),
        "PGDATA": str(cluster / "postgresql"),
    }


@pytest.mark.timeout(600)
async def test_dump_is_restored_upgraded_and_downgraded(environment: dict[str, str], tmp_path: Path) -> None:
    log, url, restored = tmp_path / "log", environment["DATABASE_URL"], environment["RESTORED_DATABASE_URL"]
    for title in ("Backup", "Restore"):
        [script] = blocks(title)
        await run(script, log, **environment)
    for table in ("users", "cards", "reviews", "vocabulary", "textbooks", "review_days"):
        counts = await column(url, f"select count(*) from {table}")
        assert counts[0] > 0
        assert await column(restored, f"select count(*) from {table}") == counts
    # The server accepts it, and row-level security applies.
    async with open_database(restored, min_size=1, max_size=1) as database, database.connection() as connection:
        assert await connection.fetchval("select current_user::text") == "shinjp_app"
        assert await connection.fetchval("select count(*) from cards") == 0
    [script] = blocks("Rollback")
    [target] = re.findall(r"--to (\d+)", script)
    await run(script, log, **environment | {"DATABASE_URL": restored})
    version = "select version_num from alembic_version"
    assert await column(restored, version) == [target]
    assert target < HEAD
    await run("shinjp migrate", log, **environment | {"DATABASE_URL": restored})
    assert await column(restored, version) == [HEAD]


@pytest.mark.timeout(600)
async def test_server_is_recovered_to_a_point_in_time(environment: dict[str, str], tmp_path: Path) -> None:
    log, url, recovered = tmp_path / "log", environment["DATABASE_URL"], tmp_path / "recovered"
    archive, base_backup, switch, recover = blocks("Point-in-time recovery")
    await run(archive, log, **environment)
    await run(base_backup, log, **environment)
    await execute(url, "create table written_after_the_backup as select 1 as number")
    [reviews] = await column(url, "select count(*) from reviews")
    [moment] = await column(url, "select clock_timestamp()::text")
    await execute(url, "delete from reviews; drop table written_after_the_backup")
    await run(switch, log, **environment)

    sockets = socket_directory(recovered)
    for directory in (recovered, sockets):
        directory.mkdir(parents=True, exist_ok=True)
        chown(directory)
    environment |= {
        "RECOVERED": str(recovered / "postgresql"),
        "RECOVERED_OPTIONS": f"-k '{sockets}'",
        "RECOVERED_DATABASE_URL": cluster_url(recovered),
        "RECOVERY_TIME": moment,
    }
    try:
        await run(recover, log, **environment)
        # Rows written before that time exist, and later ones do not.
        assert await column(cluster_url(recovered), "select number from written_after_the_backup") == [1]
        assert await column(cluster_url(recovered), "select count(*) from reviews") == [reviews]
        await execute(cluster_url(recovered), "insert into written_after_the_backup values (2)")
    finally:
        await asyncio.to_thread(postgresql.stop, recovered)


def test_variables_of_the_scripts_are_in_the_table() -> None:
    documented = {
        name for line in TEXT.splitlines() if line.startswith("| `") for name in re.findall(r"`([A-Z_]+)`", line)
    }
    scripts = "".join(re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL))
    assert set(re.findall(r"\$\{?([A-Z_]+)", scripts)) <= documented | {"RECOVERED_OPTIONS"}


def test_settings_and_links_exist() -> None:
    settings = {str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()}
    checklist = section("Checklist")
    assert set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", checklist)) <= settings
    for path, _, anchor in re.findall(r"\]\(([^)#]*)(#([\w-]+))?\)", TEXT):
        target = (DOCUMENT.parent / path) if path else DOCUMENT
        headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
        assert not anchor or anchor in anchors, (path, anchor)
    for name in re.findall(r"`((?:tests|deploy|docs)/[\w./-]+)`", TEXT):
        assert (ROOT / name).exists(), name


def test_metrics_exist() -> None:
    metrics = "".join((ROOT / "server" / "rest" / f"{module}.py").read_text() for module in ("metrics", "collectors"))
    for name in re.findall(
        r"shinjp_\w+", TEXT.replace("shinjp_restored", "").replace("shinjp_api", "").replace("shinjp_app", "")
    ):
        assert f'"{name}"' in metrics, name


def test_commands_exist() -> None:
    assert isinstance(main, click.Group)
    services = read_compose(GIVEN)["services"]
    commands = re.findall(r"(?:^|[ `/])shinjp ((?:serve|worker|env|migrate|token)[^`\n)]*)", TEXT, re.MULTILINE)
    for line in re.findall(r"`docker compose ([^`]+)`", TEXT):
        verb, *arguments = [word for word in line.split() if not word.startswith("--")]
        assert verb in ("build", "up", "run")
        assert verb == "run" or set(arguments) <= set(services)
        if verb == "run":
            assert arguments[0] in services
            commands.append(line.partition(f"{arguments[0]} ")[2])
    assert len(commands) > 6
    for command in commands:
        name, *options = command.split()
        found = main.get_command(click.Context(main), name)
        assert found is not None, command
        found.make_context(name, options)
