"""Deleted cards, flags and tags of cards, and log entries of batches of cards."""

from db.migrations.statements import run

revision = "0034"
down_revision = "0033"

_DUE = """
    DROP INDEX ix_cards_due;
    DROP INDEX ix_cards_study;
    CREATE INDEX ix_cards_due ON cards (user_id, due_at, id) WHERE NOT suspended{condition};
    CREATE INDEX ix_cards_study ON cards (user_id, queue, due_at, id) WHERE NOT suspended{condition};
"""


def upgrade() -> None:
    run(
        """
        ALTER TABLE cards
            ADD COLUMN flag SMALLINT DEFAULT 0 NOT NULL CONSTRAINT ck_cards_flag_range CHECK (flag between 0 and 7),
            ADD COLUMN deleted_at TIMESTAMP WITH TIME ZONE;
        CREATE INDEX ix_cards_deleted_at ON cards (deleted_at) WHERE deleted_at IS NOT NULL;
        CREATE TRIGGER record_soft_deletion AFTER UPDATE ON cards FOR EACH ROW
            WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
            EXECUTE FUNCTION record_soft_deletion('CARD');

        CREATE TABLE card_tags (
            card_id UUID NOT NULL,
            tag TEXT NOT NULL CONSTRAINT ck_card_tags_tag_length CHECK (length(tag) between 1 and 50),
            user_id UUID NOT NULL,
            CONSTRAINT pk_card_tags PRIMARY KEY (card_id, tag),
            CONSTRAINT fk_card_tags_card_id_cards FOREIGN KEY(card_id) REFERENCES cards (id) ON DELETE CASCADE,
            CONSTRAINT fk_card_tags_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );
        CREATE INDEX ix_card_tags_user_id_tag_card_id ON card_tags (user_id, tag, card_id);
        -- As for cards: administrators can read but not change them.
        ALTER TABLE card_tags ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON card_tags USING (user_id = viewer_id());
        CREATE POLICY administrators_read ON card_tags FOR SELECT USING (viewer_is_admin());
        GRANT SELECT, INSERT, DELETE ON card_tags TO shinjp_app;

        ALTER TABLE schedule_changes
            ADD COLUMN batch_key TEXT,
            DROP CONSTRAINT ck_schedule_changes_kind_known,
            ADD CONSTRAINT ck_schedule_changes_kind_known
                CHECK (kind in ('RESET', 'RESCHEDULE', 'BURY', 'UNBURY', 'VACATION', 'SETTINGS'));
        CREATE INDEX ix_schedule_changes_batches ON schedule_changes (user_id, batch_key) WHERE batch_key IS NOT NULL;
        """
    )
    run(_DUE.format(condition=" AND deleted_at IS NULL"))


def downgrade() -> None:
    run(_DUE.format(condition=""))
    run(
        """
        DELETE FROM schedule_changes WHERE kind = 'UNBURY';
        ALTER TABLE schedule_changes
            DROP batch_key,
            DROP CONSTRAINT ck_schedule_changes_kind_known,
            ADD CONSTRAINT ck_schedule_changes_kind_known
                CHECK (kind in ('RESET', 'RESCHEDULE', 'BURY', 'VACATION', 'SETTINGS'));
        DROP TABLE card_tags;
        DROP TRIGGER record_soft_deletion ON cards;
        ALTER TABLE cards DROP flag, DROP deleted_at;
        """
    )
