-- All tables with constraints and indexes. db/tables documents them.

create extension if not exists pg_trgm;

CREATE TABLE users (
    id UUID NOT NULL,
    subject TEXT NOT NULL,
    email TEXT NOT NULL,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL CONSTRAINT ck_users_role_known CHECK (role in ('learner', 'editor', 'admin')),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_subject UNIQUE (subject)
);

CREATE TABLE user_settings (
    user_id UUID NOT NULL,
    scheduler TEXT NOT NULL CONSTRAINT ck_user_settings_scheduler_known CHECK (scheduler in ('SM2', 'FSRS')),
    desired_retention DOUBLE PRECISION NOT NULL CONSTRAINT ck_user_settings_desired_retention_range CHECK (desired_retention between 0.70 and 0.97),
    new_cards_per_day INTEGER NOT NULL CONSTRAINT ck_user_settings_new_cards_per_day_range CHECK (new_cards_per_day between 0 and 9999),
    reviews_per_day INTEGER NOT NULL CONSTRAINT ck_user_settings_reviews_per_day_range CHECK (reviews_per_day between 0 and 9999),
    time_zone TEXT NOT NULL,
    day_starts_at_hour SMALLINT DEFAULT 4 NOT NULL CONSTRAINT ck_user_settings_day_starts_at_hour_range CHECK (day_starts_at_hour between 0 and 23),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_user_settings PRIMARY KEY (user_id),
    CONSTRAINT fk_user_settings_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE vocabulary (
    id UUID NOT NULL,
    word TEXT NOT NULL,
    reading TEXT NOT NULL,
    romaji TEXT NOT NULL,
    meanings TEXT[] NOT NULL,
    jlpt_level TEXT NOT NULL CONSTRAINT ck_vocabulary_jlpt_level_known CHECK (jlpt_level in ('N5', 'N4', 'N3', 'N2', 'N1')),
    search_terms TSVECTOR NOT NULL,
    search_words TEXT[] NOT NULL,
    search_readings TEXT[] NOT NULL,
    search_romaji TEXT[] NOT NULL,
    search_meanings TEXT[] NOT NULL,
    search_text TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_vocabulary PRIMARY KEY (id),
    CONSTRAINT uq_vocabulary_word_reading_jlpt_level UNIQUE (word, reading, jlpt_level)
);
CREATE INDEX ix_vocabulary_jlpt_level_id ON vocabulary (jlpt_level, id);
CREATE INDEX ix_vocabulary_search_terms ON vocabulary USING gin (search_terms);
CREATE INDEX ix_vocabulary_search_text ON vocabulary USING gin (search_text gin_trgm_ops);

CREATE TABLE example_sentences (
    vocabulary_id UUID NOT NULL,
    position SMALLINT NOT NULL,
    japanese TEXT NOT NULL,
    english TEXT NOT NULL,
    CONSTRAINT pk_example_sentences PRIMARY KEY (vocabulary_id, position),
    CONSTRAINT fk_example_sentences_vocabulary_id_vocabulary FOREIGN KEY(vocabulary_id) REFERENCES vocabulary (id) ON DELETE CASCADE
);

CREATE TABLE kanji (
    id UUID NOT NULL,
    character TEXT NOT NULL,
    meanings TEXT[] NOT NULL,
    onyomi TEXT[] NOT NULL,
    kunyomi TEXT[] NOT NULL,
    stroke_count SMALLINT NOT NULL CONSTRAINT ck_kanji_stroke_count_positive CHECK (stroke_count > 0),
    jlpt_level TEXT CONSTRAINT ck_kanji_jlpt_level_known CHECK (jlpt_level in ('N5', 'N4', 'N3', 'N2', 'N1')),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_kanji PRIMARY KEY (id),
    CONSTRAINT uq_kanji_character UNIQUE (character)
);

CREATE TABLE vocabulary_kanji (
    vocabulary_id UUID NOT NULL,
    position INTEGER NOT NULL,
    kanji_id UUID NOT NULL,
    CONSTRAINT pk_vocabulary_kanji PRIMARY KEY (vocabulary_id, position),
    CONSTRAINT fk_vocabulary_kanji_vocabulary_id_vocabulary FOREIGN KEY(vocabulary_id) REFERENCES vocabulary (id) ON DELETE CASCADE,
    CONSTRAINT fk_vocabulary_kanji_kanji_id_kanji FOREIGN KEY(kanji_id) REFERENCES kanji (id) ON DELETE CASCADE
);
CREATE INDEX ix_vocabulary_kanji_kanji_id_vocabulary_id ON vocabulary_kanji (kanji_id, vocabulary_id);

CREATE TABLE books (
    id UUID NOT NULL,
    title TEXT NOT NULL,
    title_reading TEXT,
    author TEXT NOT NULL,
    description TEXT NOT NULL,
    jlpt_level TEXT NOT NULL CONSTRAINT ck_books_jlpt_level_known CHECK (jlpt_level in ('N5', 'N4', 'N3', 'N2', 'N1')),
    cover_url TEXT,
    page_count INTEGER NOT NULL CONSTRAINT ck_books_page_count_positive CHECK (page_count > 0),
    original_year SMALLINT,
    published_at TIMESTAMP WITH TIME ZONE,
    search_terms TSVECTOR NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_books PRIMARY KEY (id)
);
CREATE INDEX ix_books_created_at_id ON books (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_books_jlpt_level_created_at_id ON books (jlpt_level, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_books_jlpt_level_id ON books (jlpt_level, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_books_search_terms ON books USING gin (search_terms);
CREATE INDEX ix_books_title_id ON books (title, id) WHERE deleted_at IS NULL;

CREATE TABLE book_vocabulary (
    book_id UUID NOT NULL,
    position INTEGER NOT NULL,
    vocabulary_id UUID NOT NULL,
    CONSTRAINT pk_book_vocabulary PRIMARY KEY (book_id, position),
    CONSTRAINT uq_book_vocabulary_book_id_vocabulary_id UNIQUE (book_id, vocabulary_id),
    CONSTRAINT fk_book_vocabulary_book_id_books FOREIGN KEY(book_id) REFERENCES books (id) ON DELETE CASCADE,
    CONSTRAINT fk_book_vocabulary_vocabulary_id_vocabulary FOREIGN KEY(vocabulary_id) REFERENCES vocabulary (id) ON DELETE CASCADE
);
CREATE INDEX ix_book_vocabulary_vocabulary_id ON book_vocabulary (vocabulary_id);

CREATE TABLE reading_progress (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    book_id UUID NOT NULL,
    current_page INTEGER NOT NULL CONSTRAINT ck_reading_progress_current_page_positive CHECK (current_page >= 0),
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_read_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_reading_progress PRIMARY KEY (id),
    CONSTRAINT uq_reading_progress_user_id_book_id UNIQUE (user_id, book_id),
    CONSTRAINT fk_reading_progress_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_reading_progress_book_id_books FOREIGN KEY(book_id) REFERENCES books (id) ON DELETE CASCADE
);
CREATE INDEX ix_reading_progress_book_id ON reading_progress (book_id);
CREATE INDEX ix_reading_progress_user_id_last_read_at_id ON reading_progress (user_id, last_read_at, id);

CREATE TABLE textbooks (
    id UUID NOT NULL,
    owner_id UUID,
    title TEXT NOT NULL CONSTRAINT ck_textbooks_title_length CHECK (length(title) between 1 and 500),
    description TEXT NOT NULL,
    jlpt_level TEXT NOT NULL CONSTRAINT ck_textbooks_jlpt_level_known CHECK (jlpt_level in ('N5', 'N4', 'N3', 'N2', 'N1')),
    topics TEXT[] NOT NULL,
    status TEXT NOT NULL CONSTRAINT ck_textbooks_status_known CHECK (status in ('GENERATING', 'READY', 'FAILED')),
    is_public BOOLEAN DEFAULT false NOT NULL,
    search_terms TSVECTOR NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_textbooks PRIMARY KEY (id),
    CONSTRAINT fk_textbooks_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX ix_textbooks_jlpt_level_id ON textbooks (jlpt_level, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_textbooks_owner_id_id ON textbooks (owner_id, id);
CREATE INDEX ix_textbooks_public ON textbooks (id) WHERE is_public AND deleted_at IS NULL;
CREATE INDEX ix_textbooks_search_terms ON textbooks USING gin (search_terms);

CREATE TABLE chapters (
    id UUID NOT NULL,
    textbook_id UUID NOT NULL,
    position INTEGER NOT NULL CONSTRAINT ck_chapters_position_range CHECK (position between 1 and 50),
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_chapters PRIMARY KEY (id),
    CONSTRAINT fk_chapters_textbook_id_textbooks FOREIGN KEY(textbook_id) REFERENCES textbooks (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ix_chapters_textbook_id_position ON chapters (textbook_id, position) WHERE deleted_at IS NULL;

CREATE TABLE chapter_vocabulary (
    chapter_id UUID NOT NULL,
    position INTEGER NOT NULL,
    vocabulary_id UUID NOT NULL,
    CONSTRAINT pk_chapter_vocabulary PRIMARY KEY (chapter_id, position),
    CONSTRAINT uq_chapter_vocabulary_chapter_id_vocabulary_id UNIQUE (chapter_id, vocabulary_id),
    CONSTRAINT fk_chapter_vocabulary_chapter_id_chapters FOREIGN KEY(chapter_id) REFERENCES chapters (id) ON DELETE CASCADE,
    CONSTRAINT fk_chapter_vocabulary_vocabulary_id_vocabulary FOREIGN KEY(vocabulary_id) REFERENCES vocabulary (id) ON DELETE CASCADE
);
CREATE INDEX ix_chapter_vocabulary_vocabulary_id ON chapter_vocabulary (vocabulary_id);

CREATE TABLE cards (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    vocabulary_id UUID NOT NULL,
    state TEXT NOT NULL CONSTRAINT ck_cards_state_known CHECK (state in ('NEW', 'LEARNING', 'REVIEW', 'RELEARNING')),
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    interval_days DOUBLE PRECISION NOT NULL CONSTRAINT ck_cards_interval_days_positive CHECK (interval_days >= 0),
    ease_factor DOUBLE PRECISION NOT NULL CONSTRAINT ck_cards_ease_factor_minimum CHECK (ease_factor >= 1.3),
    stability DOUBLE PRECISION,
    difficulty DOUBLE PRECISION,
    learning_step SMALLINT,
    repetitions INTEGER NOT NULL,
    lapses INTEGER NOT NULL,
    suspended BOOLEAN DEFAULT false NOT NULL,
    last_reviewed_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_cards PRIMARY KEY (id),
    CONSTRAINT fk_cards_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_cards_vocabulary_id_vocabulary FOREIGN KEY(vocabulary_id) REFERENCES vocabulary (id) ON DELETE CASCADE
);
CREATE INDEX ix_cards_due ON cards (user_id, due_at, id) WHERE NOT suspended;
CREATE INDEX ix_cards_user_id_id ON cards (user_id, id);
CREATE INDEX ix_cards_vocabulary_id ON cards (vocabulary_id);
CREATE UNIQUE INDEX uq_cards_user_id_vocabulary_id ON cards (user_id, vocabulary_id);

CREATE TABLE reviews (
    id UUID NOT NULL,
    reviewed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    user_id UUID NOT NULL,
    card_id UUID NOT NULL,
    idempotency_key TEXT NOT NULL,
    quality SMALLINT NOT NULL CONSTRAINT ck_reviews_quality_range CHECK (quality between 0 and 5),
    interval_days_before DOUBLE PRECISION NOT NULL,
    interval_days_after DOUBLE PRECISION NOT NULL,
    duration_ms INTEGER CONSTRAINT ck_reviews_duration_ms_positive CHECK (duration_ms >= 0),
    undone BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_reviews PRIMARY KEY (id, reviewed_at),
    CONSTRAINT fk_reviews_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_reviews_card_id_cards FOREIGN KEY(card_id) REFERENCES cards (id) ON DELETE CASCADE
) PARTITION BY RANGE (reviewed_at);
CREATE INDEX ix_reviews_card_id_reviewed_at_idempotency_key ON reviews (card_id, reviewed_at, idempotency_key);
CREATE INDEX ix_reviews_user_id_reviewed_at_id ON reviews (user_id, reviewed_at, id);

CREATE TABLE review_keys (
    user_id UUID NOT NULL,
    idempotency_key TEXT NOT NULL,
    review_id UUID NOT NULL,
    reviewed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_review_keys PRIMARY KEY (user_id, idempotency_key),
    CONSTRAINT fk_review_keys_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE review_days (
    user_id UUID NOT NULL,
    day DATE NOT NULL,
    reviews INTEGER NOT NULL,
    recalled INTEGER NOT NULL,
    new_cards INTEGER NOT NULL,
    duration_ms BIGINT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_review_days PRIMARY KEY (user_id, day),
    CONSTRAINT fk_review_days_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_review_days_day_user_id ON review_days (day, user_id);
CREATE INDEX ix_review_days_user_id_updated_at ON review_days (user_id, updated_at);

CREATE TABLE jobs (
    id UUID NOT NULL,
    user_id UUID,
    textbook_id UUID,
    kind TEXT NOT NULL CONSTRAINT ck_jobs_kind_known CHECK (kind in ('GENERATE_TEXTBOOK', 'EXPORT', 'REFRESH_ANALYTICS', 'CLEANUP')),
    status TEXT NOT NULL CONSTRAINT ck_jobs_status_known CHECK (status in ('QUEUED', 'RUNNING', 'RETRYING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    progress DOUBLE PRECISION NOT NULL CONSTRAINT ck_jobs_progress_range CHECK (progress between 0 and 1),
    completed_steps INTEGER NOT NULL,
    total_steps INTEGER NOT NULL,
    message TEXT,
    attempts INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    idempotency_key TEXT,
    input JSONB NOT NULL,
    error JSONB,
    result JSONB,
    scheduled_for TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_jobs PRIMARY KEY (id),
    CONSTRAINT fk_jobs_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT fk_jobs_textbook_id_textbooks FOREIGN KEY(textbook_id) REFERENCES textbooks (id) ON DELETE SET NULL
);
CREATE INDEX ix_jobs_finished_at ON jobs (finished_at);
CREATE INDEX ix_jobs_status_scheduled_for ON jobs (status, scheduled_for);
CREATE INDEX ix_jobs_textbook_id_id ON jobs (textbook_id, id);
CREATE INDEX ix_jobs_user_id_id ON jobs (user_id, id);
CREATE UNIQUE INDEX uq_jobs_idempotency_key ON jobs (user_id, kind, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE job_events (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    job_id UUID NOT NULL,
    user_id UUID,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    state JSONB NOT NULL,
    CONSTRAINT pk_job_events PRIMARY KEY (id),
    CONSTRAINT fk_job_events_job_id_jobs FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE,
    CONSTRAINT fk_job_events_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX ix_job_events_job_id_id ON job_events (job_id, id);
CREATE INDEX ix_job_events_user_id_id ON job_events (user_id, id);

CREATE TABLE audit_log (
    id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id UUID,
    action TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id UUID NOT NULL,
    changes JSONB NOT NULL,
    request_id TEXT,
    CONSTRAINT pk_audit_log PRIMARY KEY (id, at),
    CONSTRAINT fk_audit_log_actor_id_users FOREIGN KEY(actor_id) REFERENCES users (id) ON DELETE SET NULL
) PARTITION BY RANGE (at);
CREATE INDEX ix_audit_log_actor_id_at_id ON audit_log (actor_id, at, id);
CREATE INDEX ix_audit_log_at_id ON audit_log (at, id);
CREATE INDEX ix_audit_log_entity_id_at_id ON audit_log (entity_id, at, id);

CREATE TABLE deprecated_usage (
    day DATE NOT NULL,
    coordinate TEXT NOT NULL,
    client TEXT NOT NULL,
    count BIGINT NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_deprecated_usage PRIMARY KEY (day, coordinate, client)
);
CREATE TABLE content_versions (
    name TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    loaded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_content_versions PRIMARY KEY (name)
);

-- The default partition takes rows outside of all monthly partitions.
CREATE TABLE reviews_default PARTITION OF reviews DEFAULT;
CREATE TABLE audit_log_default PARTITION OF audit_log DEFAULT;

-- Creates missing partitions of the months between two dates.
CREATE FUNCTION create_month_partitions(parent text, first_day date, last_day date) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    month date := date_trunc('month', first_day);
BEGIN
    WHILE month <= last_day LOOP
        EXECUTE format(
            'CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)',
            parent || to_char(month, '"_"YYYY"_"MM'), parent,
            month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC'
        );
        month := month + interval '1 month';
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION create_month_partitions FROM public;

SELECT create_month_partitions('reviews', (now() - interval '1 month')::date, (now() + interval '3 months')::date);
SELECT create_month_partitions('audit_log', (now() - interval '1 month')::date, (now() + interval '3 months')::date);
