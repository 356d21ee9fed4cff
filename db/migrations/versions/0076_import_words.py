"""Ambiguous words of imports, and what was chosen for them."""

from db.migrations.statements import run

revision = "0076"
down_revision = "0075"


def upgrade() -> None:
    run(
        """
        CREATE TABLE import_words (
            import_id UUID NOT NULL,
            form TEXT NOT NULL,
            reading TEXT NOT NULL,
            user_id UUID NOT NULL,
            number INTEGER NOT NULL,
            note_count INTEGER NOT NULL,
            candidates JSONB NOT NULL,
            is_chosen BOOLEAN DEFAULT false NOT NULL,
            chosen_id UUID,
            key UUID GENERATED ALWAYS AS (md5(form || E'\\n' || reading)::uuid) STORED NOT NULL,
            CONSTRAINT pk_import_words PRIMARY KEY (import_id, form, reading),
            CONSTRAINT fk_import_words_import_id_imports
                FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE,
            CONSTRAINT fk_import_words_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );
        CREATE INDEX ix_import_words_user_id_import_id_number_key ON import_words (user_id, import_id, number, key);
        ALTER TABLE import_words ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON import_words USING (user_id = viewer_id());
        GRANT SELECT, INSERT, UPDATE, DELETE ON import_words TO shinjp_app;

        INSERT INTO import_words (import_id, form, reading, user_id, number, note_count, candidates)
            SELECT imports.id, word->>'form', coalesce(word->>'reading', ''), user_id, number,
                (word->>'note_count')::int, word->'candidates'
            FROM imports, jsonb_array_elements(analysis->'ambiguous_words') WITH ORDINALITY AS words (word, number)
            WHERE upload_id IS NOT NULL
            ON CONFLICT DO NOTHING;
        """
    )


def downgrade() -> None:
    run("DROP TABLE import_words")
