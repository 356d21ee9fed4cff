-- Index Scan using pk_jobs on jobs
-- Seq Scan on imports
SELECT answer.* FROM (SELECT imports.id, imports.source, imports.file_name, imports.upload_id, imports.job_id, imports.analysis, imports.mapping, imports.position, imports.counts, imports.created_at, imports.finished_at, CASE WHEN (imports.status = ANY ('{ANALYZING,IMPORTING}'::text[]) AND (jobs.id IS NULL OR jobs.status = ANY ('{FAILED,CANCELLED}'::text[]))) THEN 'FAILED' ELSE imports.status END AS status 
FROM imports LEFT OUTER JOIN jobs ON jobs.id = imports.job_id 
WHERE imports.user_id = $1::UUID AND imports.id = ANY ($2::UUID[]) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Seq Scan on import_words
SELECT answer.* FROM (SELECT anon_1.parent_id, anon_2.number, anon_2.key, anon_2.form, anon_2.reading, anon_2.note_count, anon_2.candidates, anon_2.is_chosen, anon_2.chosen_id 
FROM unnest($1::UUID[]) AS anon_1(parent_id) JOIN LATERAL (SELECT import_words.number AS number, import_words.key AS key, import_words.form AS form, import_words.reading AS reading, import_words.note_count AS note_count, import_words.candidates AS candidates, import_words.is_chosen AS is_chosen, import_words.chosen_id AS chosen_id 
FROM import_words 
WHERE import_words.user_id = $2::UUID AND import_words.import_id = anon_1.parent_id ORDER BY import_words.number ASC, import_words.key ASC 
 LIMIT $3::INTEGER) AS anon_2 ON true ORDER BY anon_2.number ASC, anon_2.key ASC OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $4, true) || set_config('app.role', $5, true)) IS NOT NULL;

-- Index Scan using pk_vocabulary on vocabulary
SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = ANY ($1::UUID[]);

-- Seq Scan on import_words
SELECT answer.* FROM (SELECT import_words.import_id AS parent_id, count(*) AS count 
FROM import_words 
WHERE import_words.user_id = $1::UUID AND import_words.import_id = ANY ($2::UUID[]) GROUP BY import_words.import_id OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;
