begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Seq Scan on jobs
SELECT count(*) FILTER (WHERE jobs.status = $1::VARCHAR OR jobs.status = $2::VARCHAR) AS queued, count(*) FILTER (WHERE jobs.status = $3::VARCHAR) AS running, count(*) FILTER (WHERE jobs.status = $4::VARCHAR AND jobs.finished_at > $5::TIMESTAMP WITH TIME ZONE) AS succeeded24h, count(*) FILTER (WHERE jobs.status = $6::VARCHAR AND jobs.finished_at > $5::TIMESTAMP WITH TIME ZONE) AS failed24h, greatest($7::FLOAT, CAST(EXTRACT(epoch FROM now() - (min(jobs.scheduled_for) FILTER (WHERE jobs.status = $1::VARCHAR OR jobs.status = $2::VARCHAR))) AS DOUBLE PRECISION)) AS oldest_queued_seconds 
FROM jobs;

commit;
