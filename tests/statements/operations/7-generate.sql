begin; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'learner', true);

SELECT pg_advisory_xact_lock(hashtext($1::VARCHAR), hashtext(CAST($2::UUID AS TEXT))) AS pg_advisory_xact_lock_1;

-- Index Scan using pk_textbook_topics on textbook_topics
SELECT textbook_topics.jlpt_level, textbook_topics.name, textbook_topics.japanese_name, textbook_topics.names, textbook_topics.keywords, textbook_topics.word_count 
FROM textbook_topics 
WHERE textbook_topics.jlpt_level = $1::VARCHAR ORDER BY textbook_topics.name;

-- Bitmap Heap Scan on jobs
-- Bitmap Index Scan using ix_jobs_user_id_id
SELECT jobs.created_at 
FROM jobs 
WHERE jobs.user_id = $1::UUID AND jobs.kind = $2::VARCHAR AND jobs.created_at > $3::TIMESTAMP WITH TIME ZONE ORDER BY jobs.created_at;

-- Index Scan using ix_textbooks_owner_id_id on textbooks
SELECT count(*) AS number 
FROM textbooks 
WHERE textbooks.owner_id = $1::UUID;

-- Insert on textbooks
INSERT INTO textbooks (id, owner_id, title, description, jlpt_level, topics, status, is_public, search_terms, created_at, updated_at) VALUES ($1::UUID, $2::UUID, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::TEXT[], $7::VARCHAR, $8::BOOLEAN, CAST($9::VARCHAR AS TSVECTOR), $10::TIMESTAMP WITH TIME ZONE, $11::TIMESTAMP WITH TIME ZONE) RETURNING textbooks.id, textbooks.owner_id, textbooks.title, textbooks.jlpt_level, textbooks.topics, textbooks.status, textbooks.is_public, textbooks.version, textbooks.created_at, textbooks.updated_at;

-- Insert on audit_log
INSERT INTO audit_log (id, at, actor_id, action, entity, entity_id, changes, request_id) VALUES ($1::UUID, $2::TIMESTAMP WITH TIME ZONE, $3::UUID, $4::VARCHAR, $5::VARCHAR, $6::UUID, CAST($7::VARCHAR AS JSONB), $8::VARCHAR);

SELECT pg_advisory_xact_lock(hashtext($1::VARCHAR), hashtext(CAST($2::UUID AS TEXT))) AS pg_advisory_xact_lock_1;

-- Insert on job_events
-- Insert on jobs
WITH changed AS 
(INSERT INTO jobs (id, user_id, textbook_id, kind, status, progress, completed_steps, total_steps, attempts, max_attempts, priority, entry_id, idempotency_key, input, scheduled_for, created_at, updated_at) VALUES ($3::UUID, $4::UUID, $5::UUID, $6::VARCHAR, $7::VARCHAR, $8::FLOAT, $9::INTEGER, $10::INTEGER, $11::INTEGER, $12::INTEGER, $13::INTEGER, $14::UUID, $15::VARCHAR, $16::JSONB, $17::TIMESTAMP WITH TIME ZONE, $18::TIMESTAMP WITH TIME ZONE, $19::TIMESTAMP WITH TIME ZONE) RETURNING jobs.id, jobs.user_id, jobs.textbook_id, jobs.kind, jobs.status, jobs.progress, jobs.completed_steps, jobs.total_steps, jobs.message, jobs.attempts, jobs.max_attempts, jobs.priority, jobs.entry_id, jobs.attempt_id, jobs.idempotency_key, jobs.input, jobs.plan, jobs.error, jobs.result, jobs.scheduled_for, jobs.started_at, jobs.finished_at, jobs.created_at, jobs.updated_at), 
event AS 
(INSERT INTO job_events (job_id, user_id, at, state) SELECT changed.id AS id, changed.user_id AS user_id, $1::TIMESTAMP WITH TIME ZONE AS anon_1, to_jsonb(changed) - CAST($2::TEXT[] AS TEXT[]) AS anon_2 
FROM changed)
 SELECT changed.id, changed.textbook_id, changed.kind, changed.status, changed.progress, changed.completed_steps, changed.total_steps, changed.message, changed.attempts, changed.max_attempts, changed.created_at, changed.scheduled_for, changed.started_at, changed.finished_at, changed.error, changed.result, changed.attempt_id, changed.entry_id, changed.priority, changed.input, changed.plan 
FROM changed;

-- Insert on entries
-- Insert on log
with entry as (
        insert into queue.entries (priority, entrypoint, payload, execute_after, dedupe_key, headers, status)
            values ($1, $2, $3, now() + $4, $5, 'null', 'queued')
            returning id, entrypoint, priority
    )
    insert into queue.log (job_id, status, entrypoint, priority) select id, 'queued', entrypoint, priority from entry;

select current_setting('app.changes', true);

commit;
