begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Seq Scan on slow_operations
SELECT slow_operations.at, slow_operations.kind, slow_operations.operation, slow_operations.document_hash, slow_operations.client, slow_operations.duration_ms, slow_operations.parse_ms, slow_operations.validate_ms, slow_operations.plan_ms, slow_operations.execute_ms, slow_operations.encode_ms, slow_operations.sql_ms, slow_operations.pool_wait_ms, slow_operations.redis_ms, slow_operations.statements, slow_operations.request_id, slow_operations.trace_id 
FROM slow_operations ORDER BY slow_operations.at DESC, slow_operations.id DESC 
 LIMIT $1::INTEGER;

commit;

select to_regclass('pg_stat_statements') is not null
    and current_setting('pg_stat_statements.max', true) is not null as available;
