begin; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Insert on audit_log
INSERT INTO audit_log (id, at, actor_id, action, entity, entity_id, changes, request_id) VALUES ($1::UUID, $2::TIMESTAMP WITH TIME ZONE, $3::UUID, $4::VARCHAR, $5::VARCHAR, $6::UUID, CAST($7::VARCHAR AS JSONB), $8::VARCHAR);

commit;

begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Index Scan using ix_users_created_at_id on users
SELECT users.id, users.display_name, users.email, users.role, users.locale, users.created_at, users.last_active_at, users.clients, users.deleted_at, users.blocked_at, users.blocked_until, users.blocked_reason, users.version 
FROM users 
WHERE users.deleted_at IS NULL ORDER BY users.created_at DESC, users.id DESC 
 LIMIT $1::INTEGER;

commit;
