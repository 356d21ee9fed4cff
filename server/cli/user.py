"""`shinjp user`: shows accounts and changes their roles, above all that of the first administrator."""

import asyncio

import click

from domain.enums import Role
from server.cli.databases import database_servers, owner_url
from server.settings import Settings

_ROLES = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """Show accounts, and change their roles."""


@user.command()
@click.argument("subject")
@click.option("--role", type=_ROLES, required=True, help="The new role.")
def promote(subject: str, role: str) -> None:
    """Give an account a role. SUBJECT is the claim `sub` of its tokens, the first of which creates it.

    For the first administrator: administrators change roles by the mutation setUserRole. Running servers know the role
    within a second.
    """
    from db.services.account_roles import set_role_of_subject

    with database_servers(Settings.load()) as settings:
        name = asyncio.run(set_role_of_subject(owner_url(settings), subject, Role(role)))
    click.echo(f"{name} ({subject}) has the role {role}.")


@user.command("list")
@click.option("--role", type=_ROLES, help="Only accounts with this role.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Number of accounts.")
def list_(role: str | None, limit: int) -> None:
    """List accounts, newest first: subject, role, state, sign-up, last activity, e-mail address and name."""
    _print_accounts(role=Role(role) if role else None, limit=limit)


@user.command()
@click.argument("subject")
def show(subject: str) -> None:
    """Show the account with SUBJECT, as `list` does."""
    if not _print_accounts(subject=subject):
        raise click.ClickException(f"No account has the subject {subject!r}.")


def _print_accounts(*, role: Role | None = None, subject: str | None = None, limit: int = 1) -> int:
    """Print accounts, one a line with tabs between its values; return their number."""
    from db.services.account_roles import find_accounts

    with database_servers(Settings.load()) as settings:
        found = asyncio.run(find_accounts(owner_url(settings), role=role, subject=subject, limit=limit))
    for account in found:
        dates = (account[name].date().isoformat() for name in ("created_at", "last_active_at"))
        values = (account["subject"], account["role"], account["state"], *dates)
        click.echo("\t".join((*values, account["email"], account["display_name"])))
    return len(found)
