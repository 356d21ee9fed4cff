"""`shinjp dictionary`: loads the whole dictionary, and finds the words of texts in it."""

import click

from server.cli.databases import database_servers, owner_url
from server.cli.parent import run_in_background
from server.settings import Settings


@click.command()
@click.option("--with-parent", is_flag=True, hidden=True, help="Stop when standard input ends, with who started it.")
def dictionary(with_parent: bool) -> None:
    """Load the words that are in no JLPT list, from JMdict, and find the words of books and example sentences.

    An interrupted load continues where it was.
    """
    import structlog

    from content import loading
    from server.observability.logging import configure_logging, flush_log

    settings = Settings.load()
    configure_logging(settings.log_level, json=settings.use_json_logs)
    log = structlog.get_logger()
    if with_parent:
        # A batch that is interrupted is rolled back.
        run_in_background()
    with database_servers(settings) as connected:
        loading.load_dictionary(owner_url(connected), lambda progress: log.info(progress))
        loading.analyze_texts(owner_url(connected), lambda progress: log.info(progress))
    flush_log()
