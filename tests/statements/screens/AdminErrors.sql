begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Seq Scan on error_groups
SELECT error_groups.fingerprint, error_groups.code, error_groups.exception, error_groups.location, error_groups.operation, error_groups.count, error_groups.first_seen_at, error_groups.last_seen_at, error_groups.request_id 
FROM error_groups ORDER BY error_groups.last_seen_at DESC, error_groups.fingerprint 
 LIMIT $1::INTEGER;

commit;
