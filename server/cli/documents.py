"""`shinjp documents`: registers the documents of apps, and shows and retires versions."""

import asyncio
from datetime import timedelta
from pathlib import Path

import click

from domain.trusted_documents import APP_NAME, VersionState
from domain.usage import USAGE_RETENTION
from server.cli.databases import database_servers, echo, owner_url
from server.settings import Settings

_STATES = click.Choice([state.value.lower() for state in VersionState])
_DAYS = click.IntRange(1, USAGE_RETENTION.days)


def _check_name(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not APP_NAME.fullmatch(value):
        raise click.BadParameter("it has 1 to 64 letters, digits, and `_`, `.`, `+`, `-`.")
    return value


@click.group()
def documents() -> None:
    """Register documents of apps, by whose ids clients send them."""


@documents.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--app", required=True, callback=_check_name, help="Name of the app.")
@click.option("--version", required=True, callback=_check_name, help="Version of the app.")
@click.option("--tools", is_flag=True, help="Agents call the documents as tools.")
@click.option("--dry-run", is_flag=True, help="Check the documents only; needs no database.")
def push(file: Path, app: str, version: str, *, tools: bool, dry_run: bool) -> None:
    """Register a version of an app with the documents in FILE.

    FILE is a manifest of Apollo, Relay's compiler, GraphQL Code Generator or Hive, or a file `.graphql` with
    operations. Running servers know its documents within a second. Nothing is registered if a document is invalid, or
    exceeds a limit of operations.
    """
    from db.services.trusted_documents import push_version
    from server.cli.checked_documents import check_documents, print_report

    settings = Settings.load()
    checked = check_documents(file, settings, tools=tools)
    print_report(checked)
    if dry_run:
        return
    with database_servers(settings) as servers:
        added = asyncio.run(push_version(owner_url(servers), app, version, checked, has_tools=tools))
    echo(f"Registered {app} {version}: {len(checked)} documents, {added} of them new.")


@documents.command("list")
@click.option("--app", callback=_check_name, help="Only versions of this app.")
@click.option("--days", type=_DAYS, default=30, show_default=True, help="Usage of the last days.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Number of versions.")
def list_(app: str | None, days: int, limit: int) -> None:
    """List versions: app, version, state, time, documents, own documents, last use of these, and the clients.

    A version's own documents are those that no other one has which is not retired.
    """
    from db.services.trusted_documents import list_versions

    with database_servers(Settings.load()) as settings:
        found = asyncio.run(list_versions(owner_url(settings), app, timedelta(days=days), limit))
    for version in found:
        used_at = "" if version.last_used_at is None else f"{version.last_used_at:%Y-%m-%d}"
        values = (version.app, version.version, version.state.lower(), f"{version.pushed_at:%Y-%m-%d}")
        counts = (str(version.documents), str(version.own_documents))
        click.echo("\t".join((*values, *counts, used_at, ", ".join(version.clients))))


@documents.command()
@click.argument("app", callback=_check_name)
@click.argument("version", callback=_check_name)
@click.argument("new_state", type=_STATES, metavar="STATE")
@click.option("--days", type=_DAYS, default=30, show_default=True, help="Days without use before retirement.")
@click.option("--force", is_flag=True, help="Retire the version although clients use it.")
def state(app: str, version: str, new_state: str, days: int, *, force: bool) -> None:
    """Change the STATE of a version: active, deprecated or retired.

    Documents that only retired versions have are unknown to clients. A version is not retired while clients use its
    own documents.
    """
    from db.services.trusted_documents import set_version_state

    changed, unused_for = VersionState(new_state.upper()), None if force else timedelta(days=days)
    with database_servers(Settings.load()) as settings:
        asyncio.run(set_version_state(owner_url(settings), app, version, changed, unused_for))
    echo(f"{app} {version} is {new_state}.")
