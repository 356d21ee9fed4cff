"""`shinjp schema`: the schema as text."""

from pathlib import Path

import click

from server.settings import PROJECT_ROOT

PRINTED = PROJECT_ROOT / "schema" / "schema.graphql"


@click.command()
@click.option("--check", is_flag=True, help="Fail where the file is not what the schema prints.")
@click.option("--write", is_flag=True, help="Write the file.")
def schema(*, check: bool, write: bool) -> None:
    """Print the schema, or compare or write schema/schema.graphql."""
    from schema import schema as built

    printed = built.as_str() + "\n"
    if write:
        PRINTED.write_text(printed)
    elif check:
        _compare(printed, PRINTED)
    else:
        click.echo(printed, nl=False)


def _compare(printed: str, path: Path) -> None:
    if not path.exists() or path.read_text() != printed:
        raise click.ClickException(f"{path} is not what the schema prints. Run `make schema`.")
