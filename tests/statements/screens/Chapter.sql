-- Index Scan using ix_textbooks_owner_id_id on textbooks
-- Index Scan using pk_chapters on chapters
SELECT answer.* FROM (SELECT chapters.id, chapters.textbook_id, chapters.position, chapters.title, chapters.summary 
FROM chapters 
WHERE chapters.id = ANY ($1::UUID[]) AND chapters.deleted_at IS NULL OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using ix_textbooks_owner_id_id on textbooks
-- Index Scan using pk_chapters on chapters
SELECT answer.* FROM (SELECT chapters.id, chapters.content 
FROM chapters 
WHERE chapters.id = ANY ($1::UUID[]) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using ix_exercises_chapter_id_position on exercises
-- Index Scan using ix_textbooks_owner_id_id on textbooks
-- Index Scan using pk_books on books
-- Index Scan using pk_chapters on chapters
SELECT answer.* FROM (SELECT exercises.id, exercises.chapter_id, exercises.book_id, exercises.kind, exercises.title, exercises.task, exercises.answer_language, exercises.prompts, exercises.options 
FROM exercises 
WHERE exercises.chapter_id = ANY ($1::UUID[]) ORDER BY exercises.chapter_id, exercises.position OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using ix_exercises_chapter_id_position on exercises
-- Index Scan using ix_textbooks_owner_id_id on textbooks
-- Index Scan using pk_books on books
-- Index Scan using pk_chapters on chapters
-- Seq Scan on chapter_progress
-- Seq Scan on exercise_attempts
SELECT answer.* FROM (WITH own_progress AS NOT MATERIALIZED 
(SELECT chapter_progress.chapter_id AS chapter_id, chapter_progress.is_read AS is_read, chapter_progress.last_read_at AS last_read_at 
FROM chapter_progress 
WHERE chapter_progress.user_id = $1::UUID), 
own_attempts AS NOT MATERIALIZED 
(SELECT exercise_attempts.exercise_id AS exercise_id, exercise_attempts.correct_count AS correct_count 
FROM exercise_attempts 
WHERE exercise_attempts.user_id = $1::UUID)
 SELECT chapters.id AS id, bool_or(coalesce(own_progress.is_read, false)) AS is_read, CAST(sum(totals.exercise_count) AS INTEGER) AS exercise_count, CAST(sum(totals.exercises_done) AS INTEGER) AS exercises_done, CAST(sum(totals.correct) AS DOUBLE PRECISION) / CAST(CAST(sum(totals.prompts) AS DOUBLE PRECISION) AS DOUBLE PRECISION) AS score, max(own_progress.last_read_at) AS last_read_at 
FROM chapters LEFT OUTER JOIN own_progress ON own_progress.chapter_id = chapters.id JOIN LATERAL (SELECT count(*) AS exercise_count, count(best.correct) AS exercises_done, sum(best.correct) AS correct, sum(jsonb_array_length(exercises.prompts)) FILTER (WHERE best.correct IS NOT NULL) AS prompts 
FROM exercises JOIN LATERAL (SELECT max(own_attempts.correct_count) AS correct 
FROM own_attempts 
WHERE own_attempts.exercise_id = exercises.id) AS best ON true 
WHERE exercises.chapter_id = chapters.id) AS totals ON true 
WHERE chapters.id = ANY ($2::UUID[]) AND chapters.deleted_at IS NULL GROUP BY chapters.id OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Index Scan using ix_textbooks_owner_id_id on textbooks
SELECT answer.* FROM (SELECT textbooks.id, textbooks.owner_id, textbooks.title, textbooks.jlpt_level, textbooks.topics, textbooks.status, textbooks.is_public, textbooks.version, textbooks.created_at, textbooks.updated_at 
FROM textbooks 
WHERE textbooks.id = ANY ($1::UUID[]) AND textbooks.deleted_at IS NULL OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using ix_textbooks_owner_id_id on textbooks
-- Index Scan using pk_chapter_vocabulary on chapter_vocabulary
-- Index Scan using pk_chapters on chapters
-- Index Scan using pk_vocabulary on vocabulary
SELECT answer.* FROM (SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity, chapter_vocabulary.chapter_id 
FROM chapter_vocabulary JOIN vocabulary ON vocabulary.id = chapter_vocabulary.vocabulary_id 
WHERE chapter_vocabulary.chapter_id = ANY ($1::UUID[]) ORDER BY chapter_vocabulary.chapter_id, chapter_vocabulary.position OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using ix_chapters_textbook_id_position on chapters
-- Seq Scan on textbooks
SELECT answer.* FROM (SELECT chapters.id, chapters.textbook_id, chapters.position, chapters.title, chapters.summary 
FROM chapters 
WHERE chapters.textbook_id = ANY ($1::UUID[]) AND chapters.deleted_at IS NULL ORDER BY chapters.textbook_id, chapters.position OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Bitmap Heap Scan on cards
-- Bitmap Index Scan using ix_cards_user_id_id
-- Bitmap Index Scan using ix_cards_vocabulary_id
SELECT answer.* FROM (SELECT cards.id, cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id, cards.kind, cards.state, cards.due_at, cards.due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.flag, cards.last_reviewed_at, cards.last_reviewed_day, cards.created_at, cards.version 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.vocabulary_id = ANY ($2::UUID[]) AND cards.kind = 'RECOGNITION' OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;
