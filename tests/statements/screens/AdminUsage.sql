begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Seq Scan on usage_counts
SELECT usage_counts.client, usage_counts.version, CAST(least(sum(usage_counts.count), $1::INTEGER) AS BIGINT) AS count, max(usage_counts.day) AS last_used_on 
FROM usage_counts 
WHERE usage_counts.kind = $2::VARCHAR AND usage_counts.day > $3::DATE AND usage_counts.name = $4::VARCHAR GROUP BY usage_counts.client, usage_counts.version ORDER BY CAST(least(sum(usage_counts.count), $1::INTEGER) AS BIGINT) DESC, usage_counts.client, usage_counts.version 
 LIMIT $5::INTEGER;

commit;
