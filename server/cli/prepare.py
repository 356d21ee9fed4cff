"""`shinjp prepare`: what `shinjp serve` does with the database before it starts, in a process of its own."""

import click

from server.cli.databases import database_servers, echo, migrate_database, owner_url
from server.cli.parent import exit_with_parent
from server.settings import Settings


@click.command(hidden=True)
@click.option("--with-parent", is_flag=True, hidden=True, help="Stop when standard input ends, with who started it.")
def prepare(with_parent: bool) -> None:
    """Migrate the database, and in development load the content without the whole dictionary."""
    if with_parent:
        exit_with_parent()
    with database_servers(Settings.load()) as settings:
        migrate_database(settings)
        if settings.is_development:
            from common.interpreter import tune_interpreter
            from content import loading

            tune_interpreter()
            loading.load(owner_url(settings), echo, demo=True)
