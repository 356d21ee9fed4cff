"""Vacations, which apply to all cards of a learner."""

from db.migrations.statements import run

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    run("ALTER TABLE user_settings ADD COLUMN vacation_at TIMESTAMP WITH TIME ZONE;")


def downgrade() -> None:
    run("ALTER TABLE user_settings DROP vacation_at;")
