"""Several cards of a word, one of each kind, and cards of kanji."""

from db.migrations.statements import run

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    run(
        """
        ALTER TABLE cards
            ADD COLUMN kind TEXT DEFAULT 'RECOGNITION' NOT NULL
                CONSTRAINT ck_cards_kind_known CHECK (kind in ('RECOGNITION', 'RECALL', 'READING')),
            ADD COLUMN kanji_id UUID CONSTRAINT fk_cards_kanji_id_kanji REFERENCES kanji (id) ON DELETE CASCADE,
            ALTER COLUMN vocabulary_id DROP NOT NULL,
            ADD CONSTRAINT ck_cards_one_subject CHECK (num_nonnulls(vocabulary_id, kanji_id) = 1);
        CREATE UNIQUE INDEX uq_cards_user_id_vocabulary_id_kind ON cards (user_id, vocabulary_id, kind);
        DROP INDEX uq_cards_user_id_vocabulary_id;
        CREATE UNIQUE INDEX uq_cards_user_id_kanji_id_kind ON cards (user_id, kanji_id, kind)
            WHERE kanji_id IS NOT NULL;
        CREATE INDEX ix_cards_kanji_id ON cards (kanji_id) WHERE kanji_id IS NOT NULL;
        CREATE INDEX ix_cards_siblings ON cards (user_id) WHERE kind <> 'RECOGNITION';

        ALTER TABLE user_settings ADD COLUMN bury_siblings BOOLEAN DEFAULT true NOT NULL;
        """
    )


def downgrade() -> None:
    run(
        """
        ALTER TABLE user_settings DROP bury_siblings;
        DELETE FROM cards WHERE kanji_id IS NOT NULL OR kind <> 'RECOGNITION';
        CREATE UNIQUE INDEX uq_cards_user_id_vocabulary_id ON cards (user_id, vocabulary_id);
        ALTER TABLE cards
            DROP kind,
            DROP CONSTRAINT ck_cards_one_subject,
            DROP kanji_id,
            ALTER COLUMN vocabulary_id SET NOT NULL;
        """
    )
