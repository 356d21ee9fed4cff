"""The job queue, columns of jobs for it, and notifications of changed jobs and totals by user."""

from db.migrations.statements import run, run_file
from db.notify.job_queue import install_statements, uninstall_statements

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run(install_statements())
    run_file("0007_jobs.sql")


def downgrade() -> None:
    run(
        """
        DROP TRIGGER tell_owners ON review_days;
        DROP TRIGGER tell_owners_of_new ON review_days;
        DROP TRIGGER tell_owners ON job_events;
        DROP FUNCTION notify_owners;
        DROP TABLE model_usage;
        ALTER TABLE jobs DROP COLUMN priority, DROP COLUMN entry_id, DROP COLUMN attempt_id, DROP COLUMN plan;
        """
    )
    run(uninstall_statements())
