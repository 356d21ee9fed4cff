"""Search by keys."""

from db.migrations.statements import run, run_file

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run_file("0019_search_keys.sql")


def downgrade() -> None:
    run(
        """
        DROP TABLE search_keys;
        ALTER TABLE vocabulary
            ADD search_terms TSVECTOR,
            ADD search_words TEXT[] NOT NULL DEFAULT '{}',
            ADD search_readings TEXT[] NOT NULL DEFAULT '{}',
            ADD search_romaji TEXT[] NOT NULL DEFAULT '{}',
            ADD search_meanings TEXT[] NOT NULL DEFAULT '{}',
            ADD search_text TEXT NOT NULL DEFAULT '';
        CREATE INDEX ix_vocabulary_search_terms ON vocabulary USING gin (search_terms);
        CREATE INDEX ix_vocabulary_search_text ON vocabulary USING gin (search_text gin_trgm_ops);
        CREATE FUNCTION vocabulary_like(text) RETURNS SETOF uuid
        LANGUAGE sql STABLE PARALLEL SAFE SET pg_trgm.word_similarity_threshold = 0.4 AS $$
            SELECT id FROM vocabulary WHERE $1 <% search_text
        $$;
        DELETE FROM content_versions;
        """
    )
