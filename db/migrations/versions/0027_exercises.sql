-- Exercises of chapters and books, the attempts of learners, and the chapters that they read.

CREATE TABLE exercises (
    id UUID NOT NULL,
    chapter_id UUID,
    book_id UUID,
    position SMALLINT NOT NULL CONSTRAINT ck_exercises_position_range CHECK (position >= 0 and position < 4),
    kind TEXT NOT NULL CONSTRAINT ck_exercises_kind_known CHECK (kind in ('MATCHING', 'GAP', 'CHOICE', 'TRANSLATION')),
    title TEXT NOT NULL,
    task TEXT NOT NULL,
    answer_language TEXT NOT NULL
        CONSTRAINT ck_exercises_answer_language_known CHECK (answer_language in ('JAPANESE', 'ENGLISH')),
    prompts JSONB NOT NULL CONSTRAINT ck_exercises_prompts_size CHECK (
        jsonb_typeof(prompts) = 'array' and jsonb_array_length(prompts) between 1 and 8 and length(prompts::text) <= 20000
    ),
    options JSONB NOT NULL CONSTRAINT ck_exercises_options_size CHECK (
        jsonb_typeof(options) = 'array' and jsonb_array_length(options) between 0 and 8 and length(options::text) <= 20000
    ),
    CONSTRAINT pk_exercises PRIMARY KEY (id),
    CONSTRAINT ck_exercises_one_parent CHECK (num_nonnulls(chapter_id, book_id) = 1),
    CONSTRAINT fk_exercises_chapter_id_chapters FOREIGN KEY(chapter_id) REFERENCES chapters (id) ON DELETE CASCADE,
    CONSTRAINT fk_exercises_book_id_books FOREIGN KEY(book_id) REFERENCES books (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ix_exercises_chapter_id_position ON exercises (chapter_id, position);
CREATE UNIQUE INDEX ix_exercises_book_id_position ON exercises (book_id, position);

CREATE TABLE exercise_solutions (
    exercise_id UUID NOT NULL,
    solutions JSONB NOT NULL CONSTRAINT ck_exercise_solutions_solutions_size CHECK (
        jsonb_typeof(solutions) = 'array' and jsonb_array_length(solutions) between 1 and 8
            and length(solutions::text) <= 20000
    ),
    CONSTRAINT pk_exercise_solutions PRIMARY KEY (exercise_id),
    CONSTRAINT fk_exercise_solutions_exercise_id_exercises FOREIGN KEY(exercise_id)
        REFERENCES exercises (id) ON DELETE CASCADE
);

CREATE TABLE exercise_attempts (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    exercise_id UUID NOT NULL,
    idempotency_key TEXT NOT NULL,
    answers JSONB NOT NULL CONSTRAINT ck_exercise_attempts_answers_size CHECK (
        jsonb_typeof(answers) = 'array' and jsonb_array_length(answers) between 1 and 8 and length(answers::text) <= 20000
    ),
    results BOOLEAN[] DEFAULT '{}' NOT NULL,
    correct_count SMALLINT DEFAULT 0 NOT NULL,
    answered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_exercise_attempts PRIMARY KEY (id),
    CONSTRAINT uq_exercise_attempts_user_id_idempotency_key UNIQUE (user_id, idempotency_key),
    CONSTRAINT fk_exercise_attempts_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_exercise_attempts_exercise_id_exercises FOREIGN KEY(exercise_id)
        REFERENCES exercises (id) ON DELETE CASCADE
);
CREATE INDEX ix_exercise_attempts_user_id_exercise_id_answered_at_id
    ON exercise_attempts (user_id, exercise_id, answered_at, id);
CREATE INDEX ix_exercise_attempts_exercise_id ON exercise_attempts (exercise_id);

CREATE TABLE chapter_progress (
    user_id UUID NOT NULL,
    chapter_id UUID NOT NULL,
    is_read BOOLEAN DEFAULT false NOT NULL,
    last_read_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_chapter_progress PRIMARY KEY (user_id, chapter_id),
    CONSTRAINT fk_chapter_progress_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT fk_chapter_progress_chapter_id_chapters FOREIGN KEY(chapter_id) REFERENCES chapters (id) ON DELETE CASCADE
);
CREATE INDEX ix_chapter_progress_user_id_last_read_at ON chapter_progress (user_id, last_read_at);
CREATE INDEX ix_chapter_progress_chapter_id ON chapter_progress (chapter_id);

-- Exercises are visible with their chapter or book, by the policies of chapters and the conditions of book_pages. The
-- owner of a textbook, for whom jobs write, and editors add and remove them; they are replaced, not updated.
ALTER TABLE exercises ENABLE ROW LEVEL SECURITY;
CREATE POLICY with_parent_read ON exercises FOR SELECT USING (
    CASE WHEN chapter_id IS NOT NULL
        THEN EXISTS (SELECT 1 FROM chapters WHERE chapters.id = chapter_id AND chapters.deleted_at IS NULL)
        ELSE EXISTS (
            SELECT 1 FROM books WHERE books.id = book_id AND books.deleted_at IS NULL
                AND (books.published_at IS NOT NULL OR viewer_is_editor())
        )
    END
);
CREATE POLICY with_parent_insert ON exercises FOR INSERT WITH CHECK (viewer_is_editor() OR EXISTS (
    SELECT 1 FROM chapters JOIN textbooks ON textbooks.id = textbook_id
    WHERE chapters.id = chapter_id AND owner_id = viewer_id()
));
CREATE POLICY editors_remove ON exercises FOR DELETE USING (viewer_is_editor());
GRANT SELECT, INSERT, DELETE ON exercises TO shinjp_app;

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY['exercise_attempts', 'chapter_progress'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('CREATE POLICY own ON %I USING (user_id = viewer_id())', owned);
        EXECUTE format('CREATE POLICY administrators_read ON %I FOR SELECT USING (viewer_is_admin())', owned);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO shinjp_app', owned);
    END LOOP;
END $$;

-- Whoever answered an exercise sees its solutions, and nobody else does: not even the owner of the textbook.
ALTER TABLE exercise_solutions ENABLE ROW LEVEL SECURITY;
CREATE POLICY after_attempt_read ON exercise_solutions FOR SELECT USING (EXISTS (
    SELECT 1 FROM exercise_attempts
    WHERE exercise_attempts.exercise_id = exercise_solutions.exercise_id AND user_id = viewer_id()
));
CREATE POLICY with_exercise_insert ON exercise_solutions FOR INSERT WITH CHECK (viewer_is_editor() OR EXISTS (
    SELECT 1 FROM exercises JOIN chapters ON chapters.id = chapter_id JOIN textbooks ON textbooks.id = textbook_id
    WHERE exercises.id = exercise_id AND owner_id = viewer_id()
));
GRANT SELECT, INSERT ON exercise_solutions TO shinjp_app;
