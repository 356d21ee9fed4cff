"""Records which transaction changed a row last, and which rows were deleted, for `Viewer.changes`."""

from db.migrations.statements import run, run_file

revision = "0032"
down_revision = "0031"

_TABLES = ("cards", "reviews", "reading_progress", "user_settings")


def upgrade() -> None:
    run_file("0032_row_changes.sql")


def downgrade() -> None:
    for table in _TABLES:
        run(f"DROP TRIGGER IF EXISTS record_deletions ON {table}; DROP TRIGGER stamp_change ON {table}")
        run(f"DROP TRIGGER stamp_copy ON {table}")
        run(f"ALTER TABLE {table} DROP COLUMN changed_in")
    run(
        """
        DROP TRIGGER record_visibility_of_progress ON books;
        DROP FUNCTION record_visibility_of_progress, record_deletions, record_soft_deletion, stamp_change,
            database_identity;
        DROP TABLE tombstones;
        """
    )
