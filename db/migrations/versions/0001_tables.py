"""Tables."""

from db.migrations.statements import run, run_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_file("0001_tables.sql")


def downgrade() -> None:
    run(
        """
        DROP FUNCTION create_month_partitions;
        DROP TABLE content_versions, deprecated_usage, audit_log, job_events, jobs, review_days, review_keys, reviews,
            cards, chapter_vocabulary, chapters, textbooks, reading_progress, book_vocabulary, books,
            vocabulary_kanji, kanji, example_sentences, vocabulary, user_settings, users;
        -- Where an administrator created it, it is not the owner's to drop.
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm' AND pg_has_role(extowner, 'USAGE')) THEN
                DROP EXTENSION pg_trgm;
            END IF;
        END $$;
        """
    )
