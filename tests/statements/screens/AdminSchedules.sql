begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Seq Scan on periodic_work
SELECT periodic_work.name, periodic_work.interval_seconds, periodic_work.started_at, nullif(done_at, '-infinity') as done_at, periodic_work.failed_at, periodic_work.duration_ms, periodic_work.error, periodic_work.requested_at 
FROM periodic_work 
WHERE periodic_work.interval_seconds IS NOT NULL ORDER BY periodic_work.name 
 LIMIT $1::INTEGER;

commit;
