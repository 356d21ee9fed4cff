-- Seq Scan on reports
SELECT answer.* FROM (SELECT reports.id, reports.type, reports.object_id, reports.place, reports.reason, reports.comment, reports.proposal, reports.state, reports.assignee_id, reports.answer, reports.version, reports.resolved_at, reports.created_at, reports.updated_at 
FROM reports 
WHERE reports.state = $1::VARCHAR ORDER BY reports.id ASC 
 LIMIT $2::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;
