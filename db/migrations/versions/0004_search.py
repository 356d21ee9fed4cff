"""Search for words."""

from db.migrations.statements import run, run_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_file("0004_search.sql")


def downgrade() -> None:
    run("DROP FUNCTION vocabulary_like")
