begin; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Insert on audit_log
INSERT INTO audit_log (id, at, actor_id, action, entity, entity_id, changes, request_id) VALUES ($1::UUID, $2::TIMESTAMP WITH TIME ZONE, $3::UUID, $4::VARCHAR, $5::VARCHAR, $3::UUID, '{}'::jsonb, $6::VARCHAR);

commit;

begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Index Scan using audit_log_<month>_at_id_idx on audit_log_<month>
-- Index Scan using audit_log_default_at_id_idx on audit_log_default
-- Index Scan using ix_textbooks_owner_id_id on textbooks
-- Index Scan using pk_chapters on chapters
-- Seq Scan on textbooks
SELECT audit_log.id, audit_log.at, audit_log.actor_id, audit_log.action, audit_log.entity, audit_log.entity_id, audit_log.changes, audit_log.request_id 
FROM audit_log ORDER BY audit_log.at DESC, audit_log.id DESC 
 LIMIT $1::INTEGER;

commit;

begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Index Scan using pk_users on users
-- Seq Scan on textbooks
SELECT public_profiles.id, public_profiles.display_name 
FROM public_profiles 
WHERE public_profiles.id = ANY ($1::UUID[]);

commit;
