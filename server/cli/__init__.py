"""The command `shinjp`. A module a command, of the same name."""

import sys
from importlib import import_module

import click

from domain.errors import ClientError
from server.dev_servers.errors import EmbeddedServerError
from server.settings import SettingsError

_COMMANDS = ("serve", "worker", "env", "token", "migrate", "seed", "schema")


class _Commands(click.Group):
    """Imports a command when it is run: a token need not wait for all that a server is made of.

    Our own errors are a sentence, not a trace.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"server.cli.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (ClientError, EmbeddedServerError, SettingsError) as error:
            click.echo(f"shinjp: {error}", err=True)
            sys.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The GraphQL server of ShinJP."""
