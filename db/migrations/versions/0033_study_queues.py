"""The queues of study sessions, and the settings of new cards."""

from db.migrations.statements import run

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    run(
        """
        ALTER TABLE user_settings
            ADD COLUMN new_card_mix TEXT DEFAULT 'MIXED' NOT NULL
                CONSTRAINT ck_user_settings_new_card_mix_known CHECK (new_card_mix in ('MIXED', 'FIRST', 'LAST')),
            ADD COLUMN new_card_order TEXT DEFAULT 'LEVEL_AND_FREQUENCY' NOT NULL
                CONSTRAINT ck_user_settings_new_card_order_known
                CHECK (new_card_order in ('LEVEL_AND_FREQUENCY', 'AS_ADDED'));

        ALTER TABLE cards ADD COLUMN queue TEXT NOT NULL GENERATED ALWAYS AS (
            CASE WHEN state = 'NEW' THEN 'NEW' WHEN state <> 'REVIEW' AND due_day IS NULL THEN 'LEARNING'
                ELSE 'REVIEW' END
        ) STORED;
        CREATE INDEX ix_cards_study ON cards (user_id, queue, due_at, id) WHERE NOT suspended;
        """
    )


def downgrade() -> None:
    run(
        """
        ALTER TABLE cards DROP queue;
        ALTER TABLE user_settings DROP new_card_mix, DROP new_card_order;
        """
    )
