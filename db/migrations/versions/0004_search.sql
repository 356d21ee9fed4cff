-- Loads pg_trgm into the session, because only a superuser may set settings that are not defined yet.
SELECT show_trgm('');

-- Ids of words whose romaji or English is similar to a text, by the trigram index. The threshold is a setting of the
-- function, because a setting of the session would need a transaction around every search.
CREATE FUNCTION vocabulary_like(text) RETURNS SETOF uuid
LANGUAGE sql STABLE PARALLEL SAFE SET pg_trgm.word_similarity_threshold = 0.4 AS $$
    SELECT id FROM vocabulary WHERE $1 <% search_text
$$;
