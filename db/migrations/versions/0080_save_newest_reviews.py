"""A function that saves the usual batch of reviews in one round trip."""

from db.migrations.statements import run, run_file

revision = "0080"
down_revision = "0079"


def upgrade() -> None:
    run_file("0080_save_newest_reviews.sql")


def downgrade() -> None:
    run("DROP FUNCTION save_newest_reviews")
