-- Also the level of a word, with the popularity that follows from it.
CREATE OR REPLACE FUNCTION write_word(word_id uuid, written jsonb, removed_keys text[], added_keys jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT public.viewer_is_editor() THEN
        RAISE insufficient_privilege;
    END IF;
    UPDATE public.vocabulary SET word = written ->> 'word', reading = written ->> 'reading',
        romaji = written ->> 'romaji', inflection = (written ->> 'inflection')::integer,
        meanings = ARRAY(SELECT jsonb_array_elements_text(written -> 'meanings')), updated_at = now(),
        -- Processes of the former version do not write it.
        jlpt_level = CASE WHEN written ? 'jlptLevel' THEN written ->> 'jlptLevel' ELSE jlpt_level END,
        popularity = coalesce((written ->> 'popularity')::smallint, popularity)
    WHERE id = word_id;
    DELETE FROM public.vocabulary_forms WHERE vocabulary_id = word_id;
    INSERT INTO public.vocabulary_forms (vocabulary_id, position, text, kind, is_common, tags)
        SELECT word_id, place - 1, form ->> 'text', form ->> 'kind', (form ->> 'isCommon')::boolean,
            ARRAY(SELECT jsonb_array_elements_text(form -> 'tags'))
        FROM jsonb_array_elements(written -> 'forms') WITH ORDINALITY AS forms (form, place);
    DELETE FROM public.vocabulary_senses WHERE vocabulary_id = word_id;
    INSERT INTO public.vocabulary_senses
        (vocabulary_id, position, parts_of_speech, fields, misc, dialects, glosses, note, forms)
        SELECT word_id, place - 1, ARRAY(SELECT jsonb_array_elements_text(sense -> 'partsOfSpeech')),
            ARRAY(SELECT jsonb_array_elements_text(sense -> 'fields')),
            ARRAY(SELECT jsonb_array_elements_text(sense -> 'misc')),
            ARRAY(SELECT jsonb_array_elements_text(sense -> 'dialects')),
            ARRAY(SELECT jsonb_array_elements_text(sense -> 'glosses')), sense ->> 'note',
            ARRAY(SELECT jsonb_array_elements_text(sense -> 'forms'))
        FROM jsonb_array_elements(written -> 'senses') WITH ORDINALITY AS senses (sense, place);
    DELETE FROM public.vocabulary_kanji WHERE vocabulary_id = word_id;
    INSERT INTO public.vocabulary_kanji (vocabulary_id, position, kanji_id)
        SELECT word_id, row_number() OVER (ORDER BY place) - 1, kanji.id
        FROM jsonb_array_elements_text(written -> 'kanji') WITH ORDINALITY AS characters (character, place)
        JOIN public.kanji ON kanji.character = characters.character;
    DELETE FROM public.search_keys WHERE vocabulary_id = word_id AND key = ANY (removed_keys);
    INSERT INTO public.search_keys (key, score, vocabulary_id)
        SELECT key, value::real, word_id FROM jsonb_each_text(added_keys);
END $$;

-- Replaces the exercises of a chapter like `replace_exercises`, and returns the former ones with their solutions: what a
-- revision is reverted to. Security definer, because solutions are visible after an attempt only.
CREATE FUNCTION exchange_exercises(written_chapter uuid, entries jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    former jsonb;
BEGIN
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', id, 'kind', kind, 'title', title, 'task', task, 'answerLanguage', answer_language, 'prompts', prompts,
        'options', options, 'solutions', solutions
    ) ORDER BY position), '[]')
    INTO former
    FROM public.exercises LEFT JOIN public.exercise_solutions ON exercise_id = id
    WHERE chapter_id = written_chapter;
    -- Raises insufficient_privilege for a viewer who may not write the chapter.
    PERFORM public.replace_exercises(written_chapter, entries);
    RETURN former;
END $$;

-- The only way in which an administrator reads the progress of a user: runs a statement once for each user, in the
-- user's own context, so that row-level security shows the rows of that user, as it does to the user. $1 and $2 of the
-- statement: the user and `at`. Each user has an entry in the audit log, with an id of `entries`.
CREATE FUNCTION read_as_users(wanted uuid[], entries uuid[], statement text, at timestamptz, request_id text)
    RETURNS TABLE (user_id uuid, answer jsonb) LANGUAGE plpgsql AS $$
DECLARE
    viewer text := current_setting('app.user_id', true);
    viewer_role text := current_setting('app.role', true);
    reader uuid;
BEGIN
    IF NOT viewer_is_admin() THEN
        RAISE insufficient_privilege;
    END IF;
    INSERT INTO audit_log (id, at, actor_id, action, entity, entity_id, changes, request_id)
        SELECT entry, read_as_users.at, viewer_id(), 'viewProgress', 'User', users.id, '{}', read_as_users.request_id
        FROM unnest(wanted, entries) AS looks (id, entry) JOIN users USING (id)
        WHERE users.id <> viewer_id();
    PERFORM set_config('app.role', 'learner', true);
    FOREACH reader IN ARRAY wanted LOOP
        PERFORM set_config('app.user_id', reader::text, true);
        RETURN QUERY EXECUTE 'SELECT $1::uuid, to_jsonb(answer) FROM (' || statement || ') AS answer' USING reader, at;
    END LOOP;
    PERFORM set_config('app.user_id', viewer, true), set_config('app.role', viewer_role, true);
END $$;

REVOKE EXECUTE ON FUNCTION exchange_exercises, read_as_users FROM PUBLIC;
GRANT EXECUTE ON FUNCTION exchange_exercises, read_as_users TO shinjp_app;
