"""Words of learners that the dictionary does not have, as a third subject of cards."""

from db.migrations.statements import run

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    run(
        """
        CREATE TABLE custom_vocabulary (
            id UUID NOT NULL,
            user_id UUID NOT NULL,
            word TEXT NOT NULL CONSTRAINT ck_custom_vocabulary_word_length CHECK (length(word) between 1 and 100),
            reading TEXT DEFAULT '' NOT NULL
                CONSTRAINT ck_custom_vocabulary_reading_length CHECK (length(reading) between 0 and 100),
            meaning TEXT DEFAULT '' NOT NULL
                CONSTRAINT ck_custom_vocabulary_meaning_length CHECK (length(meaning) between 0 and 500),
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            CONSTRAINT pk_custom_vocabulary PRIMARY KEY (id),
            CONSTRAINT uq_custom_vocabulary_user_id_word_reading UNIQUE (user_id, word, reading),
            CONSTRAINT fk_custom_vocabulary_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );
        -- Administrators do not see it either.
        ALTER TABLE custom_vocabulary ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON custom_vocabulary USING (user_id = viewer_id());
        GRANT SELECT, INSERT, UPDATE, DELETE ON custom_vocabulary TO shinjp_app;

        ALTER TABLE cards
            ADD COLUMN custom_vocabulary_id UUID CONSTRAINT fk_cards_custom_vocabulary_id_custom_vocabulary
                REFERENCES custom_vocabulary (id) ON DELETE CASCADE,
            DROP CONSTRAINT ck_cards_one_subject,
            ADD CONSTRAINT ck_cards_one_subject
                CHECK (num_nonnulls(vocabulary_id, kanji_id, custom_vocabulary_id) = 1);
        CREATE UNIQUE INDEX uq_cards_user_id_custom_vocabulary_id_kind ON cards (user_id, custom_vocabulary_id, kind)
            WHERE custom_vocabulary_id IS NOT NULL;
        DROP INDEX ix_cards_study;
        CREATE INDEX ix_cards_study ON cards (user_id, queue, due_at, id)
            INCLUDE (vocabulary_id, kanji_id, custom_vocabulary_id, popularity)
            WHERE NOT suspended AND deleted_at IS NULL;
        CREATE INDEX ix_cards_custom_vocabulary_id ON cards (custom_vocabulary_id)
            WHERE custom_vocabulary_id IS NOT NULL;
        """
    )


def downgrade() -> None:
    run(
        """
        DROP INDEX ix_cards_study;
        CREATE INDEX ix_cards_study ON cards (user_id, queue, due_at, id)
            INCLUDE (vocabulary_id, kanji_id, popularity) WHERE NOT suspended AND deleted_at IS NULL;
        DELETE FROM cards WHERE custom_vocabulary_id IS NOT NULL;
        ALTER TABLE cards DROP CONSTRAINT ck_cards_one_subject, DROP custom_vocabulary_id;
        ALTER TABLE cards ADD CONSTRAINT ck_cards_one_subject CHECK (num_nonnulls(vocabulary_id, kanji_id) = 1);
        DROP TABLE custom_vocabulary;
        """
    )
