-- Attempts at exercises and progress in chapters, for clients that keep copies. As for cards and reviews, rows of before
-- stay null.
ALTER TABLE exercise_attempts ADD COLUMN changed_in xid8;
ALTER TABLE chapter_progress ADD COLUMN changed_in xid8;
-- A chapter of which only exercises were answered has progress as well.
ALTER TABLE chapter_progress ALTER COLUMN last_read_at DROP NOT NULL;
INSERT INTO chapter_progress (user_id, chapter_id)
    SELECT DISTINCT user_id, chapter_id FROM exercise_attempts JOIN exercises ON exercises.id = exercise_id
    WHERE chapter_id IS NOT NULL ON CONFLICT DO NOTHING;
ALTER TABLE exercise_attempts ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id();
ALTER TABLE chapter_progress ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id();

CREATE INDEX ix_exercise_attempts_user_id_id ON exercise_attempts (user_id, id);
CREATE INDEX ix_exercise_attempts_changed ON exercise_attempts (user_id, changed_in, id) WHERE changed_in IS NOT NULL;
CREATE INDEX ix_chapter_progress_changed ON chapter_progress (user_id, changed_in, chapter_id)
    WHERE changed_in IS NOT NULL;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['exercise_attempts', 'chapter_progress'] LOOP
        EXECUTE format('CREATE TRIGGER stamp_change BEFORE UPDATE ON %I FOR EACH ROW
            EXECUTE FUNCTION stamp_change()', name);
        EXECUTE format('CREATE TRIGGER stamp_copy BEFORE INSERT ON %I FOR EACH ROW
            WHEN (NEW.changed_in IS DISTINCT FROM pg_current_xact_id()) EXECUTE FUNCTION stamp_change()', name);
    END LOOP;
END $$;

ALTER TABLE tombstones DROP CONSTRAINT ck_tombstones_type_known;
ALTER TABLE tombstones ADD CONSTRAINT ck_tombstones_type_known CHECK (
    type in ('CARD', 'REVIEW', 'READING_PROGRESS', 'SETTINGS', 'CHAPTER_PROGRESS', 'EXERCISE_ATTEMPT')
);
CREATE TRIGGER record_deletions AFTER DELETE ON exercise_attempts
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION record_deletions('EXERCISE_ATTEMPT');

-- Progress is identified by its chapter. Security definer, as `record_deletions`.
CREATE FUNCTION record_deleted_progress() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO public.tombstones (user_id, object_id, type)
        SELECT user_id, chapter_id, 'CHAPTER_PROGRESS' FROM old_rows
        WHERE EXISTS (SELECT FROM public.users WHERE users.id = old_rows.user_id)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER record_deletions AFTER DELETE ON chapter_progress
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION record_deleted_progress();

-- Progress contains the number of exercises and the score of attempts. In the order of chapters, so that concurrent
-- batches do not deadlock. As the viewer, who has answered visible exercises.
CREATE FUNCTION record_attempts_of_chapters() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO public.chapter_progress (user_id, chapter_id)
        SELECT DISTINCT user_id, chapter_id FROM new_rows JOIN public.exercises ON exercises.id = exercise_id
        WHERE chapter_id IS NOT NULL ORDER BY chapter_id, user_id
        ON CONFLICT (user_id, chapter_id) DO UPDATE SET changed_in = DEFAULT
        WHERE chapter_progress.changed_in IS DISTINCT FROM pg_catalog.pg_current_xact_id();
    RETURN NULL;
END $$;
CREATE TRIGGER record_progress AFTER INSERT ON exercise_attempts
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION record_attempts_of_chapters();
CREATE TRIGGER record_progress_of_changes AFTER UPDATE ON exercise_attempts
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION record_attempts_of_chapters();

-- Exercises that were added to a chapter or removed from it, with attempts at them. Security definer: an editor changes
-- what other users see, but may not write their rows.
CREATE FUNCTION record_exercises_of_chapters() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
BEGIN
    UPDATE public.chapter_progress SET changed_in = DEFAULT
        WHERE chapter_id IN (SELECT chapter_id FROM changed_rows)
            AND changed_in IS DISTINCT FROM pg_catalog.pg_current_xact_id();
    RETURN NULL;
END $$;
CREATE TRIGGER record_progress AFTER INSERT ON exercises
    REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION record_exercises_of_chapters();
CREATE TRIGGER record_progress_of_deletions AFTER DELETE ON exercises
    REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION record_exercises_of_chapters();
-- Attempts that are deleted by themselves.
CREATE FUNCTION record_deleted_attempts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE public.chapter_progress SET changed_in = DEFAULT
        FROM (
            SELECT DISTINCT user_id, exercises.chapter_id
            FROM old_rows JOIN public.exercises ON exercises.id = exercise_id
        ) AS attempts
        WHERE attempts.user_id = chapter_progress.user_id AND attempts.chapter_id = chapter_progress.chapter_id
            AND changed_in IS DISTINCT FROM pg_catalog.pg_current_xact_id();
    RETURN NULL;
END $$;
CREATE TRIGGER record_progress_of_deletions AFTER DELETE ON exercise_attempts
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION record_deleted_attempts();

-- Learners see the progress in chapters that are not deleted, of textbooks that are public or their own. Security
-- definer, as above.
CREATE FUNCTION record_visibility_of_chapters() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
BEGIN
    WITH progress AS (
        SELECT chapter_progress.user_id, chapter_progress.chapter_id,
            chapters.deleted_at IS NULL AND (
                textbooks.owner_id IS NOT DISTINCT FROM chapter_progress.user_id
                OR (textbooks.is_public AND (textbooks.deleted_at IS NULL OR users.role IN ('editor', 'admin')))
            ) AS is_visible
        FROM public.chapters
            JOIN public.textbooks ON textbooks.id = textbook_id
            JOIN public.chapter_progress ON chapter_progress.chapter_id = chapters.id
            JOIN public.users ON users.id = chapter_progress.user_id
        WHERE CASE TG_TABLE_NAME WHEN 'chapters' THEN chapters.id ELSE textbooks.id END = NEW.id
    ),
    hidden AS (
        INSERT INTO public.tombstones (user_id, object_id, type)
            SELECT user_id, chapter_id, 'CHAPTER_PROGRESS' FROM progress WHERE NOT is_visible
            ON CONFLICT DO NOTHING
    )
    UPDATE public.chapter_progress SET changed_in = DEFAULT
        FROM progress
        WHERE is_visible AND progress.user_id = chapter_progress.user_id
            AND progress.chapter_id = chapter_progress.chapter_id;
    RETURN NULL;
END $$;
CREATE TRIGGER record_visibility_of_progress AFTER UPDATE ON chapters FOR EACH ROW
    WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL))
    EXECUTE FUNCTION record_visibility_of_chapters();
CREATE TRIGGER record_visibility_of_progress AFTER UPDATE ON textbooks FOR EACH ROW
    WHEN ((OLD.deleted_at IS NULL, OLD.is_public, OLD.owner_id)
        IS DISTINCT FROM (NEW.deleted_at IS NULL, NEW.is_public, NEW.owner_id))
    EXECUTE FUNCTION record_visibility_of_chapters();
