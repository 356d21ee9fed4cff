-- Index Scan using pk_textbooks on textbooks
SELECT answer.* FROM (SELECT textbooks.id, textbooks.title, textbooks.topics, textbooks.description 
FROM textbooks 
WHERE textbooks.deleted_at IS NULL AND (textbooks.is_public OR textbooks.owner_id = $1::UUID) AND textbooks.jlpt_level = ANY ($2::TEXT[]) ORDER BY textbooks.id DESC 
 LIMIT $3::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $4, true) || set_config('app.role', $5, true)) IS NOT NULL;

-- Index Only Scan using ix_chapters_textbook_id_position on chapters
-- Seq Scan on textbooks
SELECT answer.* FROM (SELECT chapters.textbook_id, count(*) AS count 
FROM chapters 
WHERE chapters.textbook_id = ANY ($1::UUID[]) AND chapters.deleted_at IS NULL GROUP BY chapters.textbook_id OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using ix_chapters_textbook_id_position on chapters
-- Seq Scan on textbooks
SELECT answer.* FROM (SELECT chapters.id, chapters.textbook_id, chapters.position, chapters.title, chapters.summary 
FROM chapters 
WHERE chapters.textbook_id = ANY ($1::UUID[]) AND chapters.deleted_at IS NULL ORDER BY chapters.textbook_id, chapters.position OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using ix_textbooks_owner_id_id on textbooks
-- Index Scan using pk_chapter_vocabulary on chapter_vocabulary
-- Index Scan using pk_chapters on chapters
-- Index Scan using pk_vocabulary on vocabulary
SELECT answer.* FROM (SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity, chapter_vocabulary.chapter_id 
FROM chapter_vocabulary JOIN vocabulary ON vocabulary.id = chapter_vocabulary.vocabulary_id 
WHERE chapter_vocabulary.chapter_id = ANY ($1::UUID[]) ORDER BY chapter_vocabulary.chapter_id, chapter_vocabulary.position OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;
