"""`shinjp app`: builds the example app, and registers its documents."""

import os
import subprocess
from pathlib import Path

import click

from server.cli.databases import database_servers
from server.cli.parent import run_in_background
from server.settings import Settings

_ROOT = Path(__file__).parents[2]


@click.command()
@click.option("--with-parent", is_flag=True, hidden=True, help="Stop when standard input ends, with who started it.")
def app(with_parent: bool) -> None:
    """Build the example app with npm, and register its documents."""
    from server.example_app import BUILD, read_version

    if with_parent:
        run_in_background()
    # The server that starts this process has registered the documents of the build that it found.
    former = read_version(BUILD) if with_parent else None
    build()
    if read_version(BUILD) != former:
        from server.cli.app_documents import register_app_documents

        with database_servers(Settings.load()) as settings:
            register_app_documents(settings)


def build() -> None:
    # Without the job server of the make that may have started this process.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "--no-print-directory", "app"]
    if subprocess.run(command, cwd=_ROOT, env=environment, check=False).returncode != 0:  # noqa: S603  # no input
        raise click.ClickException("The app could not be built.")
