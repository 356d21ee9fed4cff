-- A session in which nothing has used pg_trgm yet does not know its settings, and only a superuser may set unknown ones.
SELECT show_trgm('');

-- Words whose romaji or English is like a text: the ids, by the trigram index. The threshold decides how wrong a typo
-- may be; a setting of the function, because one of the session would need a transaction around every search.
CREATE FUNCTION vocabulary_like(text) RETURNS SETOF uuid
LANGUAGE sql STABLE PARALLEL SAFE SET pg_trgm.word_similarity_threshold = 0.4 AS $$
    SELECT id FROM vocabulary WHERE $1 <% search_text
$$;
