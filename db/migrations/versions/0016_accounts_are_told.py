"""Notifications of changed roles and deleted accounts, because processes cache the accounts of subjects."""

from importlib import import_module

from db.migrations.statements import run

revision = "0016"
down_revision = "0015"

_changes = import_module("db.migrations.versions.0009_changes")

# A changed name or address does not affect permissions, and no process has cached a new account.
_OPERATIONS = ("update", "delete", "truncate")
_CHANGED = """
    SELECT old_rows.id FROM old_rows LEFT JOIN new_rows USING (id)
        WHERE (old_rows.subject, old_rows.role, old_rows.deleted_at)
            IS DISTINCT FROM (new_rows.subject, new_rows.role, new_rows.deleted_at)
"""


def upgrade() -> None:
    run(_changes._function("users", ("id",)).replace(_changes._ROWS["update"], _CHANGED))
    for operation in _OPERATIONS:
        run(
            f"CREATE TRIGGER tell_{operation} AFTER {operation} ON users {_changes._TRANSITIONS[operation]}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_users()"
        )


def downgrade() -> None:
    for operation in _OPERATIONS:
        run(f"DROP TRIGGER tell_{operation} ON users")
    run("DROP FUNCTION tell_change_of_users")
