"""The command `shinjp`, with one module per subcommand."""

import sys
from importlib import import_module

import click

from domain.errors import ClientError
from server.dev_servers.errors import EmbeddedServerError
from server.settings import SettingsError

_COMMANDS = (
    "serve",
    "worker",
    "env",
    "limits",
    "token",
    "migrate",
    "distribute",
    "prepare",
    "dictionary",
    "seed",
    "statistics",
    "books",
    "schema",
    "user",
    "documents",
    "app",
)


class _Commands(click.Group):
    """Imports each command on use, so that short ones start fast. Prints expected errors without a traceback."""

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
