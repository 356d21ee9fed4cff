"""Missed days that ended a streak, which another number of freezes does not restore."""

from db.migrations.statements import run

revision = "0081"
down_revision = "0080"


def upgrade() -> None:
    run("ALTER TABLE user_settings ADD COLUMN streak_ended_from DATE, ADD COLUMN streak_ended_until DATE")


def downgrade() -> None:
    run("ALTER TABLE user_settings DROP streak_ended_from, DROP streak_ended_until")
