-- Index Scan using pk_textbook_topics on textbook_topics
SELECT textbook_topics.jlpt_level, textbook_topics.name, textbook_topics.japanese_name, textbook_topics.names, textbook_topics.keywords, textbook_topics.word_count 
FROM textbook_topics 
WHERE textbook_topics.jlpt_level = $1::VARCHAR ORDER BY textbook_topics.name;

-- Bitmap Heap Scan on jobs
-- Bitmap Index Scan using ix_jobs_user_id_id
SELECT answer.* FROM (SELECT jobs.id, jobs.textbook_id, jobs.kind, jobs.status, jobs.progress, jobs.completed_steps, jobs.total_steps, jobs.message, jobs.attempts, jobs.max_attempts, jobs.created_at, jobs.scheduled_for, jobs.started_at, jobs.finished_at, jobs.error, jobs.result 
FROM jobs 
WHERE jobs.user_id = $1::UUID AND jobs.kind = ANY ($2::TEXT[]) ORDER BY jobs.id DESC 
 LIMIT $3::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $4, true) || set_config('app.role', $5, true)) IS NOT NULL;
