"""The words of texts: of books, with their numbers and first occurrences, and of example sentences."""

from importlib import import_module

from db.migrations.statements import run

revision = "0024"
down_revision = "0023"

_changes = import_module("db.migrations.versions.0009_changes")


def upgrade() -> None:
    run(
        """
        ALTER TABLE book_vocabulary
            ADD occurrences INTEGER DEFAULT 1 NOT NULL
                CONSTRAINT ck_book_vocabulary_occurrences_positive CHECK (occurrences > 0),
            ADD page INTEGER CONSTRAINT ck_book_vocabulary_page_positive CHECK (page > 0),
            ADD start INTEGER,
            ADD CONSTRAINT ck_book_vocabulary_first_occurrence CHECK ((page is null) = (start is null));
        DROP INDEX ix_book_vocabulary_vocabulary_id;
        CREATE INDEX ix_book_vocabulary_vocabulary_id ON book_vocabulary (vocabulary_id) INCLUDE (book_id, occurrences);
        -- Like pages: everyone reads them, editors replace them.
        ALTER TABLE book_vocabulary ENABLE ROW LEVEL SECURITY;
        CREATE POLICY anybody_reads ON book_vocabulary FOR SELECT USING (true);
        CREATE POLICY editors_add ON book_vocabulary FOR INSERT WITH CHECK (viewer_is_editor());
        CREATE POLICY editors_remove ON book_vocabulary FOR DELETE USING (viewer_is_editor());
        GRANT INSERT, DELETE ON book_vocabulary TO shinjp_app;

        CREATE TABLE book_texts (
            book_id UUID NOT NULL,
            text_hash TEXT NOT NULL,
            analysis TEXT NOT NULL,
            token_count INTEGER NOT NULL,
            word_count INTEGER NOT NULL,
            unknown_token_count INTEGER NOT NULL,
            unknown_word_count INTEGER NOT NULL,
            analyzed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            CONSTRAINT pk_book_texts PRIMARY KEY (book_id),
            CONSTRAINT fk_book_texts_book_id_books FOREIGN KEY(book_id) REFERENCES books (id) ON DELETE CASCADE,
            CONSTRAINT ck_book_texts_counts CHECK (
                unknown_token_count between 0 and token_count and unknown_word_count between 0 and word_count
            )
        );
        ALTER TABLE book_texts ENABLE ROW LEVEL SECURITY;
        CREATE POLICY anybody_reads ON book_texts FOR SELECT USING (true);
        CREATE POLICY editors_add ON book_texts FOR INSERT WITH CHECK (viewer_is_editor());
        CREATE POLICY editors_remove ON book_texts FOR DELETE USING (viewer_is_editor());
        GRANT SELECT, INSERT, DELETE ON book_texts TO shinjp_app;

        -- Of all pages, in hexadecimal.
        CREATE FUNCTION book_text_hash(id uuid) RETURNS text LANGUAGE sql STABLE SET search_path = '' AS $$
            SELECT encode(sha256(convert_to(string_agg(text, E'\\f' ORDER BY number), 'UTF8')), 'hex')
            FROM public.book_pages WHERE book_id = id
        $$;

        -- The worker names the dictionary by which it analyses a text.
        GRANT SELECT ON content_versions TO shinjp_app;

        CREATE TABLE example_sentence_words (
            vocabulary_id UUID NOT NULL,
            position SMALLINT NOT NULL,
            words UUID[] NOT NULL CONSTRAINT ck_example_sentence_words_words_size CHECK (cardinality(words) <= 80),
            unknown_word_count SMALLINT NOT NULL,
            CONSTRAINT pk_example_sentence_words PRIMARY KEY (vocabulary_id, position),
            CONSTRAINT fk_example_sentence_words_example_sentences FOREIGN KEY(vocabulary_id, position)
                REFERENCES example_sentences (vocabulary_id, position) ON DELETE CASCADE
        );
        CREATE INDEX ix_example_sentence_words_words ON example_sentence_words USING gin (words);
        GRANT SELECT ON example_sentence_words TO shinjp_app;

        ALTER TABLE jobs
            DROP CONSTRAINT ck_jobs_kind_known,
            ADD CONSTRAINT ck_jobs_kind_known
                CHECK (kind in ('GENERATE_TEXTBOOK', 'EXPORT', 'ANALYZE_BOOK', 'REFRESH_ANALYTICS', 'CLEANUP'));
        """
    )
    run(_changes._function("book_texts", ("book_id",)))
    for operation, transitions in _changes._TRANSITIONS.items():
        run(
            f"CREATE TRIGGER tell_{operation} AFTER {operation} ON book_texts {transitions}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_book_texts()"
        )


def downgrade() -> None:
    run(
        """
        DELETE FROM jobs WHERE kind = 'ANALYZE_BOOK';
        ALTER TABLE jobs
            DROP CONSTRAINT ck_jobs_kind_known,
            ADD CONSTRAINT ck_jobs_kind_known
                CHECK (kind in ('GENERATE_TEXTBOOK', 'EXPORT', 'REFRESH_ANALYTICS', 'CLEANUP'));
        DROP TABLE example_sentence_words;
        DROP TABLE book_texts;
        DROP FUNCTION book_text_hash;
        DROP FUNCTION tell_change_of_book_texts;
        REVOKE SELECT ON content_versions FROM shinjp_app;
        REVOKE INSERT, DELETE ON book_vocabulary FROM shinjp_app;
        DROP POLICY anybody_reads ON book_vocabulary;
        DROP POLICY editors_add ON book_vocabulary;
        DROP POLICY editors_remove ON book_vocabulary;
        ALTER TABLE book_vocabulary DISABLE ROW LEVEL SECURITY;
        DROP INDEX ix_book_vocabulary_vocabulary_id;
        CREATE INDEX ix_book_vocabulary_vocabulary_id ON book_vocabulary (vocabulary_id);
        ALTER TABLE book_vocabulary DROP occurrences, DROP page, DROP start;
        """
    )
