"""Registers the documents of the example app as trusted documents, so that it sends ids instead of text."""

import asyncio
from datetime import timedelta

import click

from db.services.trusted_documents import list_versions, push_version, set_version_state
from domain.errors import ClientError
from domain.trusted_documents import VersionState
from server.cli.databases import echo, owner_url
from server.example_app import APP_NAME, BUILD, read_version
from server.settings import Settings

_MAX_VERSIONS = 10_000


def register_app_documents(settings: Settings) -> None:
    """Register the documents of the newest build, unless they are registered, and retire those of former builds."""
    version = read_version(BUILD)
    try:
        if version is not None:
            asyncio.run(_register(settings, version))
    except (click.ClickException, ClientError) as error:
        # The server starts without the app: its developers may be changing the schema.
        echo(f"The documents of the app are not registered: {error}")


async def _register(settings: Settings, version: str) -> None:
    url = owner_url(settings)
    states = {one.version: one.state for one in await list_versions(url, APP_NAME, timedelta(), _MAX_VERSIONS)}
    if version not in states:
        # Validates them against the schema, which takes a second.
        from server.cli.checked_documents import check_documents

        echo("Registering the documents of the app …")
        documents = check_documents(BUILD / "documents.json", settings, tools=False, shows_warnings=False)
        await push_version(url, APP_NAME, version, documents)
    elif states[version] is VersionState.RETIRED:
        await set_version_state(url, APP_NAME, version, VersionState.ACTIVE, None)
    for former, state in states.items():
        if former != version and state is not VersionState.RETIRED:
            await set_version_state(url, APP_NAME, former, VersionState.RETIRED, None)
