-- Index Scan using ix_textbooks_owner_id_id on textbooks
SELECT answer.* FROM (SELECT textbooks.id, textbooks.owner_id, textbooks.title, textbooks.jlpt_level, textbooks.topics, textbooks.status, textbooks.is_public, textbooks.version, textbooks.created_at, textbooks.updated_at, textbooks.description 
FROM textbooks 
WHERE textbooks.id = ANY ($1::UUID[]) AND textbooks.deleted_at IS NULL OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using ix_chapters_textbook_id_position on chapters
-- Seq Scan on textbooks
SELECT answer.* FROM (SELECT chapters.id, chapters.textbook_id, chapters.position, chapters.title, chapters.summary 
FROM chapters 
WHERE chapters.textbook_id = ANY ($1::UUID[]) AND chapters.deleted_at IS NULL ORDER BY chapters.textbook_id, chapters.position OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using ix_chapters_textbook_id_position on chapters
-- Index Scan using ix_exercises_chapter_id_position on exercises
-- Index Scan using ix_textbooks_owner_id_id on textbooks
-- Index Scan using pk_books on books
-- Index Scan using pk_chapters on chapters
-- Seq Scan on chapter_progress
-- Seq Scan on exercise_attempts
-- Seq Scan on textbooks
SELECT answer.* FROM (WITH own_progress AS NOT MATERIALIZED 
(SELECT chapter_progress.chapter_id AS chapter_id, chapter_progress.is_read AS is_read, chapter_progress.last_read_at AS last_read_at 
FROM chapter_progress 
WHERE chapter_progress.user_id = $1::UUID), 
own_attempts AS NOT MATERIALIZED 
(SELECT exercise_attempts.exercise_id AS exercise_id, exercise_attempts.correct_count AS correct_count 
FROM exercise_attempts 
WHERE exercise_attempts.user_id = $1::UUID)
 SELECT chapters.textbook_id AS id, CAST(count(*) AS INTEGER) AS chapter_count, CAST(count(*) FILTER (WHERE coalesce(own_progress.is_read, false)) AS INTEGER) AS chapters_read, CAST(sum(totals.exercise_count) AS INTEGER) AS exercise_count, CAST(sum(totals.exercises_done) AS INTEGER) AS exercises_done, CAST(sum(totals.correct) AS DOUBLE PRECISION) / CAST(CAST(sum(totals.prompts) AS DOUBLE PRECISION) AS DOUBLE PRECISION) AS score, max(own_progress.last_read_at) AS last_read_at 
FROM chapters LEFT OUTER JOIN own_progress ON own_progress.chapter_id = chapters.id JOIN LATERAL (SELECT count(*) AS exercise_count, count(best.correct) AS exercises_done, sum(best.correct) AS correct, sum(jsonb_array_length(exercises.prompts)) FILTER (WHERE best.correct IS NOT NULL) AS prompts 
FROM exercises JOIN LATERAL (SELECT max(own_attempts.correct_count) AS correct 
FROM own_attempts 
WHERE own_attempts.exercise_id = exercises.id) AS best ON true 
WHERE exercises.chapter_id = chapters.id) AS totals ON true 
WHERE chapters.textbook_id = ANY ($2::UUID[]) AND chapters.deleted_at IS NULL GROUP BY chapters.textbook_id OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Index Scan using ix_exercises_chapter_id_position on exercises
-- Index Scan using ix_textbooks_owner_id_id on textbooks
-- Index Scan using pk_books on books
-- Index Scan using pk_chapters on chapters
-- Seq Scan on chapter_progress
-- Seq Scan on exercise_attempts
-- Seq Scan on textbooks
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
