begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Index Scan using pk_jobs on jobs
SELECT jobs.id, jobs.user_id, jobs.kind, jobs.status, jobs.progress, jobs.message, jobs.attempts, jobs.max_attempts, jobs.created_at, jobs.scheduled_for, jobs.started_at, jobs.finished_at, jobs.error 
FROM jobs ORDER BY jobs.id DESC 
 LIMIT $1::INTEGER;

commit;

begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Index Scan using ix_job_events_job_id_id on job_events
select jobs.id as job_id, at, state ->> 'status' as status, state ->> 'message' as message,
    coalesce((state ->> 'attempts')::int, 0) as attempts, nullif(state -> 'error', 'null') as error
from unnest($1::UUID[]) as jobs (id) cross join lateral (
    select job_events.id, at, state from job_events where job_id = jobs.id order by job_events.id desc limit $2::INTEGER
) as events
order by job_id, events.id desc;

commit;
