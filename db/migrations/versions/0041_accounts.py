"""Blocks of accounts, and the functions by which administrators change roles and blocks."""

from importlib import import_module

from db.migrations.statements import run, run_file

revision = "0041"
down_revision = "0040"

_changes = import_module("db.migrations.versions.0009_changes")

_TOLD, _BLOCK = ("subject", "role", "deleted_at"), ("blocked_at", "blocked_until")


def upgrade() -> None:
    run_file("0041_accounts.sql")
    run(_tell((*_TOLD, *_BLOCK)))


def downgrade() -> None:
    run(_tell(_TOLD))
    run(
        """
        DROP FUNCTION write_account;
        DROP FUNCTION lock_accounts;
        ALTER TABLE users DROP blocked_at, DROP blocked_until, DROP blocked_reason;
        """
    )


def _tell(columns: tuple[str, ...]) -> str:
    """Return the function that notifies of accounts in which one of the columns changed."""
    before, after = (", ".join(f"{rows}.{column}" for column in columns) for rows in ("old_rows", "new_rows"))
    changed = f"""
        SELECT old_rows.id FROM old_rows LEFT JOIN new_rows USING (id) WHERE ({before}) IS DISTINCT FROM ({after})
    """  # noqa: S608  # constant names
    function: str = _changes._function("users", ("id",)).replace(_changes._ROWS["update"], changed)
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
