-- Index Scan using ix_job_events_user_id_id on job_events
SELECT answer.* FROM (SELECT job.id, job.textbook_id, job.kind, job.status, job.progress, job.completed_steps, job.total_steps, job.message, job.attempts, job.max_attempts, job.created_at, job.scheduled_for, job.started_at, job.finished_at, job.error, job.result, job_events.id AS event_id 
FROM job_events JOIN jsonb_populate_record(null::jobs, job_events.state) AS job ON true 
WHERE job_events.user_id = $1::UUID ORDER BY job_events.id DESC 
 LIMIT $2::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Index Scan using ix_job_events_user_id_id on job_events
SELECT answer.* FROM (SELECT job.id, job.textbook_id, job.kind, job.status, job.progress, job.completed_steps, job.total_steps, job.message, job.attempts, job.max_attempts, job.created_at, job.scheduled_for, job.started_at, job.finished_at, job.error, job.result, job_events.id AS event_id 
FROM job_events JOIN jsonb_populate_record(null::jobs, job_events.state) AS job ON true 
WHERE job_events.user_id = $1::UUID AND job_events.id > $2::BIGINT ORDER BY job_events.id 
 LIMIT $3::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $4, true) || set_config('app.role', $5, true)) IS NOT NULL;

-- Index Scan using ix_textbooks_owner_id_id on textbooks
SELECT answer.* FROM (SELECT textbooks.id, textbooks.owner_id, textbooks.title, textbooks.jlpt_level, textbooks.topics, textbooks.status, textbooks.is_public, textbooks.version, textbooks.created_at, textbooks.updated_at 
FROM textbooks 
WHERE textbooks.id = ANY ($1::UUID[]) AND textbooks.deleted_at IS NULL OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;

-- Index Scan using ix_chapters_textbook_id_position on chapters
-- Index Scan using ix_textbooks_owner_id_id on textbooks
SELECT answer.* FROM (SELECT chapters.id, chapters.textbook_id, chapters.position, chapters.title, chapters.summary 
FROM chapters 
WHERE chapters.textbook_id = ANY ($1::UUID[]) AND chapters.deleted_at IS NULL ORDER BY chapters.textbook_id, chapters.position OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $2, true) || set_config('app.role', $3, true)) IS NOT NULL;
