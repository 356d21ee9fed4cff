"""`shinjp seed`: fills the database for benchmarks."""

import click

from server.cli.databases import database_servers, echo, migrate_database, owner_url
from server.settings import Settings


@click.command()
@click.option("--learners", type=click.IntRange(min=0), default=0, help="Learners in addition to the demo accounts.")
@click.option("--cards", type=click.IntRange(min=0), default=0, help="Their cards.")
@click.option("--reviews", type=click.IntRange(min=0), default=0, help="Their reviews.")
@click.option("--books", type=click.IntRange(min=0), default=0, help="Books in all.")
@click.option("--textbooks", type=click.IntRange(min=0), default=0, help="Textbooks of 12 chapters in all.")
@click.option("--reading-progress", type=click.IntRange(min=0), default=0, help="Books that they are reading.")
def seed(**amounts: int) -> None:
    """Fill the database for benchmarks. Safe to run twice: existing rows are not created again."""
    from content import loading
    from content.seed import Amounts
    from content.seed import seed as seed_database

    with database_servers(Settings.load()) as settings:
        migrate_database(settings)
        loading.load(owner_url(settings), echo, demo=settings.is_development)
        seed_database(owner_url(settings), Amounts(**amounts))
