"""`shinjp migrate`: migrates the database, and loads the content on request."""

import click

from server.cli.databases import database_servers, echo, migrate_database, owner_url
from server.settings import Settings


@click.command()
@click.option("--content/--no-content", "with_content", default=False, help="Load the words, books and textbooks.")
@click.option(
    "--demo/--no-demo",
    "with_demo",
    default=None,
    help="Load the demo accounts with the content: a learner, an editor, an administrator; only in development."
    "  [default: in development]",
)
@click.option(
    "--dictionary/--no-dictionary",
    "with_dictionary",
    default=True,
    show_default=True,
    help="Load with the content all words of JMdict, in one to two minutes; if not, only those of the JLPT lists.",
)
@click.option(
    "--to",
    "revision",
    default="head",
    show_default=True,
    help="The revision to migrate to, up or down: a number such as 0016, head, or base for none. "
    "A downgrade deletes what the migration added.",
)
def migrate(*, with_content: bool, with_demo: bool | None, with_dictionary: bool, revision: str) -> None:
    """Bring the database to the newest version, or to an older one."""
    loaded = Settings.load()
    if with_demo and not loaded.is_development:
        # Whoever is issued a token with the subject `admin` would be an administrator.
        raise click.UsageError("--demo is for development: the subjects of the demo accounts have roles.")
    if with_content and revision != "head":
        raise click.UsageError("--content requires the newest revision; omit --to.")
    with database_servers(loaded) as settings:
        migrate_database(settings, revision)
        if with_content:
            from content import loading

            demo = settings.is_development if with_demo is None else with_demo
            loading.load(owner_url(settings), echo, demo=demo)
            if with_dictionary:
                loading.load_dictionary(owner_url(settings), echo)
            loading.analyze_texts(owner_url(settings), echo)
