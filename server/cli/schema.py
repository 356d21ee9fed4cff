"""`shinjp schema`: prints, checks or writes the schema in SDL, and compares it with an older one."""

import click

from server.cli.schema_check import check as check_against
from server.setting_fields import PROJECT_ROOT

PRINTED = PROJECT_ROOT / "schema" / "schema.graphql"


@click.group(invoke_without_command=True)
@click.option("--check", is_flag=True, help="Fail if the file differs from the schema.")
@click.option("--write", is_flag=True, help="Write the file.")
@click.pass_context
def schema(context: click.Context, *, check: bool, write: bool) -> None:
    """Print the schema, or compare or write schema/schema.graphql."""
    if context.invoked_subcommand is not None:
        return
    from schema import sdl

    if write:
        PRINTED.write_text(sdl())
    elif not check:
        click.echo(sdl(), nl=False)
    elif not PRINTED.exists() or PRINTED.read_text() != sdl():
        raise click.ClickException(f"{PRINTED} differs from the schema. Run `make schema`.")


schema.add_command(check_against)
