begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Index Scan using pk_users on users
SELECT users.id, users.display_name, users.email, users.role, users.locale, users.created_at, users.last_active_at, users.clients, users.deleted_at, users.blocked_at, users.blocked_until, users.blocked_reason, users.version 
FROM users 
WHERE users.id = ANY ($1::UUID[]);

commit;

begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Index Scan using ix_cards_user_id_id on cards
-- Index Scan using ix_review_days_user_id_updated_at on review_days
-- Index Scan using pk_users on users
with own_cards as NOT MATERIALIZED (
    select user_id, count(*)::int as number from cards where user_id = any($1::UUID[]) and deleted_at is null group by user_id
),
own_reviews as NOT MATERIALIZED (
    select user_id, sum(reviews)::int as number from review_days where user_id = any($1::UUID[]) group by user_id
)
select users.id, textbooks.number as textbooks, coalesce(own_cards.number, 0) as cards,
    coalesce(own_reviews.number, 0) as reviews
from users
join count_textbooks($1::UUID[]) as textbooks on textbooks.owner_id = users.id
left join own_cards on own_cards.user_id = users.id
left join own_reviews on own_reviews.user_id = users.id
where users.id = any($1::UUID[]);

commit;

begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Index Scan using audit_log_<month>_entity_id_at_id_idx on audit_log_<month>
-- Index Scan using ix_textbooks_owner_id_id on textbooks
-- Index Scan using pk_chapters on chapters
-- Seq Scan on audit_log_<month>
-- Seq Scan on audit_log_default
SELECT anon_1.parent_id, anon_2.id, anon_2.at, anon_2.actor_id, anon_2.action, anon_2.entity, anon_2.entity_id, anon_2.changes, anon_2.request_id 
FROM unnest($1::UUID[]) AS anon_1(parent_id) JOIN LATERAL (SELECT audit_log.id AS id, audit_log.at AS at, audit_log.actor_id AS actor_id, audit_log.action AS action, audit_log.entity AS entity, audit_log.entity_id AS entity_id, audit_log.changes AS changes, audit_log.request_id AS request_id 
FROM audit_log 
WHERE audit_log.entity_id = anon_1.parent_id ORDER BY audit_log.at DESC, audit_log.id DESC 
 LIMIT $2::INTEGER) AS anon_2 ON true ORDER BY anon_2.at DESC, anon_2.id DESC;

commit;
