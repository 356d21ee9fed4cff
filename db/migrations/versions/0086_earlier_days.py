"""Earlier time zones and starts of the day of each learner, by which late reviews are counted."""

from db.migrations.statements import run

revision = "0086"
down_revision = "0085"


def upgrade() -> None:
    run("ALTER TABLE user_settings ADD COLUMN earlier_days JSONB DEFAULT '[]' NOT NULL")


def downgrade() -> None:
    run("ALTER TABLE user_settings DROP earlier_days")
