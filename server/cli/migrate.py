"""`shinjp migrate`: the tables, and on demand what is in them."""

import click

from db import content
from server.cli.databases import databases, owner_url, report, upgrade_database
from server.settings import Settings


@click.command()
@click.option("--content/--no-content", "with_content", default=False, help="Load the dictionary and books as well.")
def migrate(*, with_content: bool) -> None:
    """Bring the database to the newest version."""
    with databases(Settings.load()) as settings:
        upgrade_database(settings)
        if with_content:
            content.load(owner_url(settings), report)
