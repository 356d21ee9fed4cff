begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Seq Scan on webhooks
SELECT webhooks.id, webhooks.url, webhooks.event_kinds, webhooks.failing_since, webhooks.disabled_at, webhooks.version, webhooks.created_at 
FROM webhooks ORDER BY webhooks.id 
 LIMIT $1::INTEGER;

commit;
