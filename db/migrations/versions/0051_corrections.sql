-- What editors correct stays when the content is loaded again: the loads write the values of their release, and then
-- apply the corrections. The ids refer to no row, because a release may omit a word that a later one has again.
CREATE TABLE corrections (
    id UUID NOT NULL CONSTRAINT pk_corrections PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT ck_corrections_kind_known CHECK (kind in ('VOCABULARY', 'SENTENCE', 'KANJI')),
    vocabulary_id UUID,
    kanji_id UUID,
    position SMALLINT,
    sentence TEXT,
    corrected JSONB NOT NULL,
    original JSONB NOT NULL,
    state TEXT NOT NULL CONSTRAINT ck_corrections_state_known CHECK (state in ('ACTIVE', 'OBSOLETE', 'REVERTED')),
    source TEXT NOT NULL CONSTRAINT ck_corrections_source_length CHECK (length(source) between 1 and 500),
    note TEXT CONSTRAINT ck_corrections_note_length CHECK (length(note) <= 2000),
    author_id UUID CONSTRAINT fk_corrections_author_id_users REFERENCES users (id) ON DELETE SET NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT ck_corrections_one_object CHECK ((kind = 'KANJI') = (vocabulary_id IS NULL)
        AND (kind = 'KANJI') = (kanji_id IS NOT NULL)
        AND (kind = 'SENTENCE') = (sentence IS NOT NULL AND position IS NOT NULL))
);
CREATE UNIQUE INDEX uq_corrections_active ON corrections (coalesce(vocabulary_id, kanji_id), coalesce(sentence, ''))
    WHERE state = 'ACTIVE';
CREATE INDEX ix_corrections_vocabulary_id ON corrections (vocabulary_id);
CREATE INDEX ix_corrections_kanji_id ON corrections (kanji_id);
CREATE INDEX ix_corrections_author_id ON corrections (author_id);
CREATE INDEX ix_corrections_state_id ON corrections (state, id);

GRANT SELECT, INSERT, UPDATE ON corrections TO shinjp_app;
ALTER TABLE corrections ENABLE ROW LEVEL SECURITY;
CREATE POLICY anybody_reads ON corrections FOR SELECT USING (true);
CREATE POLICY editors_insert ON corrections FOR INSERT WITH CHECK (viewer_is_editor() AND author_id = viewer_id());
CREATE POLICY editors_update ON corrections FOR UPDATE USING (viewer_is_editor());

-- Security definer: the application reads the dictionary without policies, which would keep the search from its
-- indexes, and so has no privileges to write it.
CREATE FUNCTION write_word(word_id uuid, written jsonb, removed_keys text[], added_keys jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT public.viewer_is_editor() THEN
        RAISE insufficient_privilege;
    END IF;
    UPDATE public.vocabulary SET word = written ->> 'word', reading = written ->> 'reading',
        romaji = written ->> 'romaji', inflection = (written ->> 'inflection')::integer,
        meanings = ARRAY(SELECT jsonb_array_elements_text(written -> 'meanings')), updated_at = now()
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

-- Without `words`, which the next analysis finds.
CREATE FUNCTION write_sentence(
    word_id uuid, place integer, new_japanese text, new_english text, new_words uuid[], unknown_words integer
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT public.viewer_is_editor() THEN
        RAISE insufficient_privilege;
    END IF;
    UPDATE public.example_sentences SET japanese = new_japanese, english = new_english
        WHERE vocabulary_id = word_id AND position = place;
    IF new_words IS NOT NULL THEN
        INSERT INTO public.example_sentence_words (vocabulary_id, position, words, unknown_word_count)
            VALUES (word_id, place, new_words, unknown_words)
            ON CONFLICT (vocabulary_id, position) DO UPDATE
                SET words = excluded.words, unknown_word_count = excluded.unknown_word_count;
    END IF;
END $$;

CREATE FUNCTION write_kanji(written_id uuid, written jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT public.viewer_is_editor() THEN
        RAISE insufficient_privilege;
    END IF;
    UPDATE public.kanji SET
        meanings = ARRAY(SELECT jsonb_array_elements_text(written -> 'meanings')),
        onyomi = ARRAY(SELECT jsonb_array_elements_text(written -> 'onyomi')),
        kunyomi = ARRAY(SELECT jsonb_array_elements_text(written -> 'kunyomi')),
        nanori = ARRAY(SELECT jsonb_array_elements_text(written -> 'nanori')),
        search_readings = ARRAY(SELECT jsonb_array_elements_text(written -> 'searchReadings')),
        search_partial_readings = ARRAY(SELECT jsonb_array_elements_text(written -> 'searchPartialReadings')),
        search_meanings = ARRAY(SELECT jsonb_array_elements_text(written -> 'searchMeanings')),
        search_meaning_words = ARRAY(SELECT jsonb_array_elements_text(written -> 'searchMeaningWords')),
        updated_at = now()
    WHERE id = written_id;
END $$;

REVOKE EXECUTE ON FUNCTION write_word, write_sentence, write_kanji FROM PUBLIC;
GRANT EXECUTE ON FUNCTION write_word, write_sentence, write_kanji TO shinjp_app;

-- Editors see who corrected what.
CREATE OR REPLACE VIEW public_profiles WITH (security_barrier) AS
    SELECT id, display_name FROM users
    WHERE deleted_at IS NULL AND (
        id = viewer_id() OR viewer_is_admin() OR (viewer_is_editor() AND role IN ('editor', 'admin'))
        OR EXISTS (SELECT 1 FROM textbooks WHERE owner_id = users.id AND is_public AND deleted_at IS NULL)
    );
