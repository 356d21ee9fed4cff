"""Texts of learners that are analysed by a job."""

from db.migrations.statements import run

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    run(
        """
        CREATE TABLE analyzed_texts (
            id UUID NOT NULL,
            user_id UUID NOT NULL,
            job_id UUID NOT NULL,
            length INTEGER NOT NULL CONSTRAINT ck_analyzed_texts_length_range CHECK (length between 1 and 200000),
            remaining TEXT CONSTRAINT ck_analyzed_texts_remaining_length
                CHECK (length(remaining) between 1 and length),
            part_count INTEGER DEFAULT 0 NOT NULL,
            sentence_count INTEGER DEFAULT 0 NOT NULL,
            word_count INTEGER DEFAULT 0 NOT NULL,
            unknown_word_count INTEGER DEFAULT 0 NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            completed_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT pk_analyzed_texts PRIMARY KEY (id),
            CONSTRAINT ck_analyzed_texts_complete CHECK ((remaining is null) = (completed_at is not null)),
            CONSTRAINT fk_analyzed_texts_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT fk_analyzed_texts_job_id_jobs FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE,
            CONSTRAINT uq_analyzed_texts_job_id UNIQUE (job_id)
        );
        CREATE INDEX ix_analyzed_texts_user_id_id ON analyzed_texts (user_id, id);
        CREATE TABLE analyzed_text_parts (
            text_id UUID NOT NULL,
            number INTEGER NOT NULL CONSTRAINT ck_analyzed_text_parts_number_positive CHECK (number > 0),
            text TEXT NOT NULL CONSTRAINT ck_analyzed_text_parts_text_length CHECK (length(text) between 1 and 600),
            CONSTRAINT pk_analyzed_text_parts PRIMARY KEY (text_id, number),
            CONSTRAINT fk_analyzed_text_parts_text_id_analyzed_texts
                FOREIGN KEY(text_id) REFERENCES analyzed_texts (id) ON DELETE CASCADE
        );
        -- What learners read is their own: administrators do not see it either. Parts are added, not changed, and are
        -- deleted with their text.
        ALTER TABLE analyzed_texts ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON analyzed_texts USING (user_id = viewer_id());
        ALTER TABLE analyzed_text_parts ENABLE ROW LEVEL SECURITY;
        CREATE POLICY with_text ON analyzed_text_parts USING (EXISTS (
            SELECT 1 FROM analyzed_texts WHERE analyzed_texts.id = text_id AND user_id = viewer_id()
        ));
        GRANT SELECT, INSERT, UPDATE, DELETE ON analyzed_texts TO shinjp_app;
        GRANT SELECT, INSERT ON analyzed_text_parts TO shinjp_app;

        ALTER TABLE jobs
            DROP CONSTRAINT ck_jobs_kind_known,
            ADD CONSTRAINT ck_jobs_kind_known CHECK (kind in (
                'GENERATE_TEXTBOOK', 'EXPORT', 'ANALYZE_BOOK', 'ANALYZE_TEXT', 'FIT_PARAMETERS', 'RESCHEDULE_CARDS',
                'REFRESH_ANALYTICS', 'CLEANUP'
            ));
        """
    )


def downgrade() -> None:
    run(
        """
        DROP TABLE analyzed_text_parts;
        DROP TABLE analyzed_texts;
        DELETE FROM jobs WHERE kind = 'ANALYZE_TEXT';
        ALTER TABLE jobs
            DROP CONSTRAINT ck_jobs_kind_known,
            ADD CONSTRAINT ck_jobs_kind_known CHECK (kind in (
                'GENERATE_TEXTBOOK', 'EXPORT', 'ANALYZE_BOOK', 'FIT_PARAMETERS', 'RESCHEDULE_CARDS',
                'REFRESH_ANALYTICS', 'CLEANUP'
            ));
        """
    )
