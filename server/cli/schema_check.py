"""`shinjp schema check`: finds changes of the schema that break clients."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.trusted_documents import RegisteredDocument
from domain.usage import USAGE_RETENTION, UsageReport
from server.cli.databases import database_servers, owner_url
from server.setting_fields import PROJECT_ROOT
from server.settings import Settings

if TYPE_CHECKING:
    from graphql import GraphQLSchema

HISTORY = PROJECT_ROOT / "schema" / "history"
MAX_SDL_BYTES = 16 * 1024 * 1024
_TIMEOUT_SECONDS = 30.0
_DAYS = click.IntRange(1, USAGE_RETENTION.days)


@click.command()
@click.option("--against", metavar="FILE|URL", help="The older SDL; default: the newest in schema/history.")
@click.option("--token", envvar="SHINJP_TOKEN", help="Token for a URL that requires one.")
@click.option("--days", type=_DAYS, default=30, show_default=True, help="Usage of the last days.")
@click.option(
    "--min-percent",
    type=click.FloatRange(0, 100),
    default=0.0,
    show_default=True,
    help="Ignore uses by a smaller share of all requests.",
)
@click.option("--exclude-clients", default="", metavar="NAME,…", help="Clients that may break.")
@click.option("--allow-no-usage", is_flag=True, help="Pass although no request was counted in these days.")
@click.option("--no-usage", is_flag=True, help="Fail on every breaking change, without a database.")
def check(
    against: str | None,
    token: str | None,
    days: int,
    min_percent: float,
    exclude_clients: str,
    *,
    allow_no_usage: bool,
    no_usage: bool,
) -> None:
    """Fail if the schema has changes that break clients, by their usage.

    Changes are those since another SDL. Usage and trusted documents are read from the database of
    MIGRATION_DATABASE_URL, else of DATABASE_URL, else from the embedded one. Every breaking change fails if no request
    was counted. Deprecated parts after their sunset fail, too.
    """
    from db.services.usage_reports import read_usage
    from engine.request.deprecation import find_sunset_problems
    from engine.request.schema_changes import find_changes
    from schema import schema
    from server.cli.schema_verdicts import CheckOptions, check_documents, judge_changes

    settings, new = Settings.load(), schema._schema
    changes = find_changes(_read_schema(against, token), new)
    usage: UsageReport | None = None
    documents: list[RegisteredDocument] = []
    if not no_usage:
        affected = sorted({coordinate for change in changes for coordinate in change.affected})
        with database_servers(settings) as servers:
            usage, documents = asyncio.run(read_usage(owner_url(servers), affected, days))
    excluded = frozenset(name.strip() for name in exclude_clients.split(",") if name.strip())
    options = CheckOptions(days, min_percent, excluded, allow_no_usage)
    verdicts = judge_changes(changes, usage, options)
    problems = [line for verdict in verdicts for line in verdict.lines() if verdict.fails]
    problems += check_documents(documents, new, excluded)
    problems += find_sunset_problems(new, datetime.now(UTC).date())
    for verdict in verdicts:
        if not verdict.fails:
            click.echo("\n".join(verdict.lines()))
    if problems:
        raise click.ClickException("\n".join(["the schema breaks clients.", *problems]))
    click.echo("No change breaks a client.")


def newest_schema() -> Path:
    """Return the file of the newest version; `baseline.graphql` is older than all others."""
    versions = {path: path.stem for path in HISTORY.glob("*.graphql") if path.stem != "baseline"}
    if not versions:
        return HISTORY / "baseline.graphql"
    return max(versions, key=lambda path: [int(part) for part in versions[path].split(".")])


def _read_schema(against: str | None, token: str | None) -> "GraphQLSchema":
    from graphql import GraphQLError, build_schema

    if against is not None and against.startswith(("http://", "https://")):
        text = _fetch(against, token)
    else:
        path = newest_schema() if against is None else Path(against)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise click.ClickException(f"{path} cannot be read: {reason}") from None
    try:
        found = build_schema(text)
    except (GraphQLError, TypeError) as error:
        raise click.ClickException(
            f"{against or path} is not a valid schema: {getattr(error, 'message', error)}"
        ) from None
    if found.query_type is None:
        # Such as a file with operations: no change would break anything in it.
        raise click.ClickException(f"{against or path} is not a valid schema: it has no type Query.")
    return found


def _fetch(url: str, token: str | None) -> str:
    """Fetch an SDL. Raises ClickException, also if it is too large."""
    import httpx2

    # Secrets of CI servers often end with a line break. Errors of the HTTP client quote the header.
    token = None if token is None else token.strip()
    if token is not None and not (token.isascii() and token.isprintable()):
        raise click.ClickException("The token has characters that a header cannot have.")
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    content = bytearray()
    try:
        with httpx2.stream("GET", url, headers=headers, timeout=_TIMEOUT_SECONDS) as response:
            if response.status_code != 200:
                raise click.ClickException(f"{url} returned status {response.status_code}.")
            for piece in response.iter_bytes():
                content += piece
                if len(content) > MAX_SDL_BYTES:
                    raise click.ClickException(f"{url} has more than {MAX_SDL_BYTES} bytes.")
        return content.decode()
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
        raise click.ClickException(f"{url} cannot be read: {error}") from None
