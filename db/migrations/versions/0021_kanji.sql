-- All kanji, with what dictionaries and drawings say about them.

ALTER TABLE kanji
    ADD nanori TEXT[] DEFAULT '{}' NOT NULL CONSTRAINT ck_kanji_nanori_size CHECK (cardinality(nanori) <= 25),
    ADD grade SMALLINT CONSTRAINT ck_kanji_grade_range CHECK (grade between 1 and 10),
    ADD frequency SMALLINT CONSTRAINT ck_kanji_frequency_positive CHECK (frequency > 0),
    ADD popularity SMALLINT DEFAULT 0 NOT NULL CONSTRAINT ck_kanji_popularity_range CHECK (popularity between 0 and 100),
    ADD radical TEXT,
    ADD variants TEXT[] DEFAULT '{}' NOT NULL CONSTRAINT ck_kanji_variants_size CHECK (cardinality(variants) <= 8),
    ADD components TEXT[] DEFAULT '{}' NOT NULL CONSTRAINT ck_kanji_components_size CHECK (cardinality(components) <= 16),
    ADD search_readings TEXT[] DEFAULT '{}' NOT NULL,
    ADD search_partial_readings TEXT[] DEFAULT '{}' NOT NULL,
    ADD search_meanings TEXT[] DEFAULT '{}' NOT NULL,
    ADD search_meaning_words TEXT[] DEFAULT '{}' NOT NULL;
CREATE INDEX ix_kanji_popularity_id ON kanji (popularity, id);
CREATE INDEX ix_kanji_jlpt_level_popularity_id ON kanji (jlpt_level, popularity, id);
CREATE INDEX ix_kanji_stroke_count_popularity_id ON kanji (stroke_count, popularity, id);
CREATE INDEX ix_kanji_grade_popularity_id ON kanji (grade, popularity, id);
CREATE INDEX ix_kanji_components ON kanji USING gin (components);
CREATE INDEX ix_kanji_search_readings ON kanji USING gin (search_readings);
CREATE INDEX ix_kanji_search_partial_readings ON kanji USING gin (search_partial_readings);
CREATE INDEX ix_kanji_search_meaning_words ON kanji USING gin (search_meaning_words);

CREATE TABLE kanji_strokes (
    kanji_id UUID NOT NULL,
    position SMALLINT NOT NULL CONSTRAINT ck_kanji_strokes_position_range CHECK (position >= 0 and position < 34),
    path TEXT NOT NULL,
    CONSTRAINT pk_kanji_strokes PRIMARY KEY (kanji_id, position),
    CONSTRAINT fk_kanji_strokes_kanji_id_kanji FOREIGN KEY(kanji_id) REFERENCES kanji (id) ON DELETE CASCADE
);
GRANT SELECT ON kanji_strokes TO shinjp_app;
