"""Periodic tasks."""

from db.migrations.statements import run, run_file

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_file("0005_periodic_work.sql")


def downgrade() -> None:
    run("DROP TABLE periodic_work")
