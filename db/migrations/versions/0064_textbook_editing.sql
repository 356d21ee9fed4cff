-- Positions are negative between the two statements of a new order, because they are unique.
ALTER TABLE chapters DROP CONSTRAINT ck_chapters_position_range;
ALTER TABLE chapters ADD CONSTRAINT ck_chapters_position_range CHECK (abs(position) between 1 and 50);
ALTER TABLE exercises DROP CONSTRAINT ck_exercises_position_range;
ALTER TABLE exercises ADD CONSTRAINT ck_exercises_position_range CHECK (position between -4 and 3);

-- The exercises of a chapter as they are given: those with a known id are updated, and keep the attempts of learners,
-- others are inserted, and missing ones deleted. Security definer, like `copy_chapters`: solutions are visible after an
-- attempt only, also to those who write them, so that no policy admits their update.
CREATE FUNCTION replace_exercises(written_chapter uuid, entries jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.chapters JOIN public.textbooks ON textbooks.id = textbook_id
        WHERE chapters.id = written_chapter
            AND (owner_id = public.viewer_id() OR (is_public AND public.viewer_is_editor()))
    ) THEN
        RAISE insufficient_privilege;
    END IF;
    DELETE FROM public.exercises WHERE chapter_id = written_chapter
        AND id NOT IN (SELECT (entry ->> 'id')::uuid FROM jsonb_array_elements(entries) AS entry);
    UPDATE public.exercises SET position = -1 - position WHERE chapter_id = written_chapter;
    INSERT INTO public.exercises (id, chapter_id, position, kind, title, task, answer_language, prompts, options)
        SELECT (entry ->> 'id')::uuid, written_chapter, place - 1, entry ->> 'kind', entry ->> 'title', entry ->> 'task',
            entry ->> 'answerLanguage', entry -> 'prompts', entry -> 'options'
        FROM jsonb_array_elements(entries) WITH ORDINALITY AS entries (entry, place)
        ON CONFLICT (id) DO UPDATE SET position = excluded.position, kind = excluded.kind, title = excluded.title,
            task = excluded.task, answer_language = excluded.answer_language, prompts = excluded.prompts,
            options = excluded.options
        WHERE exercises.chapter_id = written_chapter;
    INSERT INTO public.exercise_solutions (exercise_id, solutions)
        SELECT exercises.id, entry -> 'solutions' FROM jsonb_array_elements(entries) AS entry
        JOIN public.exercises ON exercises.id = (entry ->> 'id')::uuid AND exercises.chapter_id = written_chapter
        ON CONFLICT (exercise_id) DO UPDATE SET solutions = excluded.solutions;
END $$;

-- The chapters of a public textbook with their words, exercises and solutions, for a copy in the library.
CREATE FUNCTION copy_chapters(source uuid, target uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    original record;
    copied uuid;
    exercise record;
    new_exercise uuid;
BEGIN
    IF NOT public.viewer_is_editor() OR NOT EXISTS (
        SELECT FROM public.textbooks WHERE id = source AND is_public AND deleted_at IS NULL
    ) THEN
        RAISE insufficient_privilege;
    END IF;
    FOR original IN SELECT * FROM public.chapters WHERE textbook_id = source AND deleted_at IS NULL ORDER BY position
    LOOP
        copied := gen_random_uuid();
        INSERT INTO public.chapters (id, textbook_id, position, title, summary, content)
            VALUES (copied, target, original.position, original.title, original.summary, original.content);
        INSERT INTO public.chapter_vocabulary (chapter_id, position, vocabulary_id)
            SELECT copied, position, vocabulary_id FROM public.chapter_vocabulary WHERE chapter_id = original.id;
        FOR exercise IN SELECT * FROM public.exercises WHERE chapter_id = original.id LOOP
            new_exercise := gen_random_uuid();
            INSERT INTO public.exercises
                (id, chapter_id, position, kind, title, task, answer_language, prompts, options)
                VALUES (new_exercise, copied, exercise.position, exercise.kind, exercise.title, exercise.task,
                    exercise.answer_language, exercise.prompts, exercise.options);
            INSERT INTO public.exercise_solutions (exercise_id, solutions)
                SELECT new_exercise, solutions FROM public.exercise_solutions WHERE exercise_id = exercise.id;
        END LOOP;
    END LOOP;
END $$;

REVOKE EXECUTE ON FUNCTION replace_exercises, copy_chapters FROM PUBLIC;
GRANT EXECUTE ON FUNCTION replace_exercises, copy_chapters TO shinjp_app;
