"""`shinjp env`: prints the URLs of the databases, and the directory of PostgreSQL's programs."""

import click

from server.settings import Settings


@click.command()
def env() -> None:
    """Print DATABASE_URL=, REDIS_URL= and PGBIN= of what is running."""
    settings = Settings.load()
    if settings.database_url is not None:
        click.echo(f"DATABASE_URL={settings.database_url}")
        if settings.redis_url is not None:
            click.echo(f"REDIS_URL={settings.redis_url}")
        return
    from server.dev_servers import postgresql_programs, running_servers

    servers = running_servers(settings.data_dir)
    if servers is None:
        raise click.ClickException(f"Nothing is running in {settings.data_dir}. Start it with `shinjp serve`.")
    click.echo(f"DATABASE_URL={servers.database_url}")
    click.echo(f"REDIS_URL={settings.redis_url or servers.redis_url}")
    click.echo(f"PGBIN={postgresql_programs.directory()}")
