"""The share of reviews on each weekday."""

from db.migrations.statements import run

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    run(
        """
        ALTER TABLE user_settings
            ADD COLUMN easy_days DOUBLE PRECISION[] DEFAULT '{1,1,1,1,1,1,1}' NOT NULL
                CONSTRAINT ck_user_settings_easy_days_range
                CHECK (cardinality(easy_days) = 7 and 0 <= all(easy_days) and 1 >= all(easy_days));
        """
    )


def downgrade() -> None:
    run("ALTER TABLE user_settings DROP easy_days;")
