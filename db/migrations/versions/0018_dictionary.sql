-- A whole dictionary: entries with forms and senses, most of which are in no JLPT list.

ALTER TABLE vocabulary
    ADD jmdict_id INTEGER,
    ADD is_common BOOLEAN DEFAULT true NOT NULL,
    ADD popularity SMALLINT DEFAULT 0 NOT NULL,
    ADD inflection INTEGER DEFAULT 0 NOT NULL,
    ADD CONSTRAINT uq_vocabulary_jmdict_id UNIQUE (jmdict_id),
    ADD CONSTRAINT ck_vocabulary_popularity_range CHECK (popularity between 0 and 100),
    ALTER jlpt_level DROP NOT NULL,
    ALTER search_terms DROP NOT NULL,
    ALTER search_words SET DEFAULT '{}',
    ALTER search_readings SET DEFAULT '{}',
    ALTER search_romaji SET DEFAULT '{}',
    ALTER search_meanings SET DEFAULT '{}',
    ALTER search_text SET DEFAULT '',
    DROP CONSTRAINT uq_vocabulary_word_reading_jlpt_level;
-- The order of the lists until the content is loaded again.
UPDATE vocabulary SET popularity = 40 + 10 * right(jlpt_level, 1)::int;
ALTER TABLE vocabulary ALTER is_common DROP DEFAULT, ALTER popularity DROP DEFAULT;
CREATE UNIQUE INDEX uq_vocabulary_listed ON vocabulary (word, reading, jlpt_level) WHERE jmdict_id IS NULL;
DROP INDEX ix_vocabulary_jlpt_level_id;
CREATE INDEX ix_vocabulary_popularity_id ON vocabulary (popularity, id);
CREATE INDEX ix_vocabulary_jlpt_level_popularity_id ON vocabulary (jlpt_level, popularity, id);

CREATE TABLE vocabulary_forms (
    vocabulary_id UUID NOT NULL,
    position SMALLINT NOT NULL CONSTRAINT ck_vocabulary_forms_position_range CHECK (position >= 0 and position < 24),
    text TEXT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT ck_vocabulary_forms_kind_known CHECK (kind in ('KANJI', 'KANA')),
    is_common BOOLEAN NOT NULL,
    tags TEXT[] NOT NULL CONSTRAINT ck_vocabulary_forms_tags_size CHECK (cardinality(tags) <= 4),
    CONSTRAINT pk_vocabulary_forms PRIMARY KEY (vocabulary_id, position),
    CONSTRAINT fk_vocabulary_forms_vocabulary_id_vocabulary FOREIGN KEY(vocabulary_id) REFERENCES vocabulary (id) ON DELETE CASCADE
);
CREATE TABLE vocabulary_senses (
    vocabulary_id UUID NOT NULL,
    position SMALLINT NOT NULL CONSTRAINT ck_vocabulary_senses_position_range CHECK (position >= 0 and position < 30),
    parts_of_speech TEXT[] NOT NULL CONSTRAINT ck_vocabulary_senses_parts_of_speech_size CHECK (cardinality(parts_of_speech) <= 8),
    fields TEXT[] NOT NULL CONSTRAINT ck_vocabulary_senses_fields_size CHECK (cardinality(fields) <= 4),
    misc TEXT[] NOT NULL CONSTRAINT ck_vocabulary_senses_misc_size CHECK (cardinality(misc) <= 6),
    dialects TEXT[] NOT NULL CONSTRAINT ck_vocabulary_senses_dialects_size CHECK (cardinality(dialects) <= 4),
    glosses TEXT[] NOT NULL CONSTRAINT ck_vocabulary_senses_glosses_size CHECK (cardinality(glosses) <= 16),
    note TEXT,
    forms TEXT[] NOT NULL CONSTRAINT ck_vocabulary_senses_forms_size CHECK (cardinality(forms) <= 8),
    CONSTRAINT pk_vocabulary_senses PRIMARY KEY (vocabulary_id, position),
    CONSTRAINT fk_vocabulary_senses_vocabulary_id_vocabulary FOREIGN KEY(vocabulary_id) REFERENCES vocabulary (id) ON DELETE CASCADE
);
-- Proverbs have up to 18 different kanji.
ALTER TABLE vocabulary_kanji
    DROP CONSTRAINT ck_vocabulary_kanji_position_range,
    ADD CONSTRAINT ck_vocabulary_kanji_position_range CHECK (position >= 0 and position < 18);

-- Parts of the content that are loaded in batches. A load that was interrupted continues after `position`.
CREATE TABLE content_progress (
    name TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    position INTEGER NOT NULL,
    loaded INTEGER NOT NULL,
    total INTEGER NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_content_progress PRIMARY KEY (name)
);
GRANT SELECT ON vocabulary_forms, vocabulary_senses, content_progress TO shinjp_app;
