"""The command `shinjp`."""

import sys

import click

from domain.errors import ClientError
from server.cli.content import migrate, seed
from server.cli.environment import env
from server.cli.schema import schema
from server.cli.serve import serve
from server.cli.token import token
from server.embedded.errors import EmbeddedServerError
from server.settings import SettingsError


class _Commands(click.Group):
    """Our own errors are a sentence, not a trace."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (ClientError, EmbeddedServerError, SettingsError) as error:
            click.echo(f"shinjp: {error}", err=True)
            sys.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The GraphQL server of ShinJP."""


for command in (serve, env, token, migrate, seed, schema):
    main.add_command(command)
