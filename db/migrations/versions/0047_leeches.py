"""Leeches: the settings of learners, and the marks of cards that they dismissed."""

from db.migrations.statements import run

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    run(
        """
        ALTER TABLE user_settings
            ADD COLUMN leech_threshold SMALLINT DEFAULT 8 NOT NULL
                CONSTRAINT ck_user_settings_leech_threshold_range CHECK (leech_threshold between 0 and 99),
            ADD COLUMN leech_action TEXT DEFAULT 'MARK_ONLY' NOT NULL
                CONSTRAINT ck_user_settings_leech_action_known CHECK (leech_action in ('SUSPEND', 'MARK_ONLY'));
        ALTER TABLE cards
            ADD COLUMN suspended_as_leech BOOLEAN DEFAULT false NOT NULL,
            ADD COLUMN dismissed_leech_marks INTEGER DEFAULT 0 NOT NULL;
        """
    )


def downgrade() -> None:
    run(
        """
        ALTER TABLE cards DROP suspended_as_leech, DROP dismissed_leech_marks;
        ALTER TABLE user_settings DROP leech_threshold, DROP leech_action;
        """
    )
