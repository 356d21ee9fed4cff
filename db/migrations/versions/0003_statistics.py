"""Statistics in materialized views."""

from db.migrations.statements import run, run_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_file("0003_statistics.sql")


def downgrade() -> None:
    run(
        """
        DROP VIEW vocabulary_difficulty, daily_activity, learner_statistics, jlpt_content_stats;
        DROP SCHEMA private CASCADE;
        """
    )
