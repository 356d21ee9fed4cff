"""`shinjp schema`: prints, checks or writes the schema in SDL."""

import click

from server.setting_fields import PROJECT_ROOT

PRINTED = PROJECT_ROOT / "schema" / "schema.graphql"


@click.command()
@click.option("--check", is_flag=True, help="Fail if the file differs from the schema.")
@click.option("--write", is_flag=True, help="Write the file.")
def schema(*, check: bool, write: bool) -> None:
    """Print the schema, or compare or write schema/schema.graphql."""
    from schema import sdl

    if write:
        PRINTED.write_text(sdl())
    elif not check:
        click.echo(sdl(), nl=False)
    elif not PRINTED.exists() or PRINTED.read_text() != sdl():
        raise click.ClickException(f"{PRINTED} differs from the schema. Run `make schema`.")
