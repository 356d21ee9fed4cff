"""`shinjp dictionary`: loads the whole dictionary, and finds the words of texts in it."""

import os
import signal
import sys
import threading

import click

from server.cli.databases import database_servers, owner_url
from server.settings import Settings

# Below the server's: it works on the same cores.
_NICENESS = 10


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
    # A batch that is interrupted is rolled back.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if with_parent:
        os.nice(_NICENESS)
        threading.Thread(target=_exit_with_parent, daemon=True).start()
    with database_servers(settings) as connected:
        loading.load_dictionary(owner_url(connected), lambda progress: log.info(progress))
        loading.analyze_texts(owner_url(connected), lambda progress: log.info(progress))
    flush_log()


def _exit_with_parent() -> None:
    # The parent never writes.
    sys.stdin.read()
    os._exit(0)
