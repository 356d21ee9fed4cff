"""`shinjp migrate`: the tables, and on demand what is in them."""

import click

from server.cli.databases import databases, owner_url, report, upgrade_database
from server.settings import Settings


@click.command()
@click.option("--content/--no-content", "with_content", default=False, help="Load the dictionary, books and textbooks.")
@click.option(
    "--demo/--no-demo",
    "with_demo",
    default=None,
    help="Load the demo accounts with the content: a learner, an editor, an administrator.  [default: in development]",
)
def migrate(*, with_content: bool, with_demo: bool | None) -> None:
    """Bring the database to the newest version."""
    with databases(Settings.load()) as settings:
        upgrade_database(settings)
        if with_content:
            import content

            demo = settings.is_development if with_demo is None else with_demo
            content.load(owner_url(settings), report, demo=demo)
