-- Index Scan using pk_jobs on jobs
-- Seq Scan on imports
SELECT answer.* FROM (SELECT imports.id, imports.source, imports.file_name, imports.upload_id, imports.job_id, imports.analysis, imports.mapping, imports.position, imports.counts, imports.created_at, imports.finished_at, CASE WHEN (imports.status = ANY ('{ANALYZING,IMPORTING}'::text[]) AND (jobs.id IS NULL OR jobs.status = ANY ('{FAILED,CANCELLED}'::text[]))) THEN 'FAILED' ELSE imports.status END AS status 
FROM imports LEFT OUTER JOIN jobs ON jobs.id = imports.job_id 
WHERE imports.user_id = $1::UUID ORDER BY imports.id DESC 
 LIMIT $2::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;
