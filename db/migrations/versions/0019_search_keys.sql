-- The search compares keys instead of folded columns. The content fills the table when it is loaded again.

CREATE TABLE search_keys (
    key TEXT COLLATE "C" NOT NULL,
    score REAL NOT NULL,
    vocabulary_id UUID NOT NULL
);
CREATE UNIQUE INDEX uq_search_keys_key_score_vocabulary_id ON search_keys (key, score DESC, vocabulary_id);
-- Words that resemble a text: the keys of domain/search/index_keys.py that are compared by trigrams.
CREATE INDEX ix_search_keys_similar ON search_keys USING gin (key gin_trgm_ops) WHERE key >= 'y';
GRANT SELECT ON search_keys TO shinjp_app;

DROP FUNCTION vocabulary_like(text);
DROP INDEX ix_vocabulary_search_terms, ix_vocabulary_search_text;
ALTER TABLE vocabulary
    DROP search_terms,
    DROP search_words,
    DROP search_readings,
    DROP search_romaji,
    DROP search_meanings,
    DROP search_text;
