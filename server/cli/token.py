"""`shinjp token`: issues a token for development."""

import click

from server.settings import Settings


@click.command()
@click.option("--as", "as_", type=click.Choice(["demo", "editor", "admin"]), help="One of the demo accounts.")
@click.option("--subject", help="Any subject: the first use creates a learner.")
def token(as_: str | None, subject: str | None) -> None:
    """Print a token and nothing else."""
    if (as_ is None) == (subject is None):
        raise click.UsageError("Either --as or --subject is required.")
    from server.auth.development_tokens import issue_token

    click.echo(issue_token(Settings.load(), as_ or subject or ""))
