"""Corrections of levels, former exercises for revisions of chapters, and statistics of users for administrators."""

from db.migrations.statements import run, run_file

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    run_file("0068_editing.sql")


def downgrade() -> None:
    # `write_word` also takes what the former version writes.
    run("DROP FUNCTION read_as_users; DROP FUNCTION exchange_exercises")
