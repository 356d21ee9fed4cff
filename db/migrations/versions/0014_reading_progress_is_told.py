"""Change notifications for reading progress, which the dashboard displays."""

from importlib import import_module

from db.migrations.statements import run

revision = "0014"
down_revision = "0013"

_changes = import_module("db.migrations.versions.0009_changes")


def upgrade() -> None:
    run(_changes._function("reading_progress", ("user_id",)))
    for operation, transitions in _changes._TRANSITIONS.items():
        run(
            f"CREATE TRIGGER tell_{operation} AFTER {operation} ON reading_progress {transitions}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_reading_progress()"
        )


def downgrade() -> None:
    for operation in _changes._TRANSITIONS:
        run(f"DROP TRIGGER tell_{operation} ON reading_progress")
    run("DROP FUNCTION tell_change_of_reading_progress")
