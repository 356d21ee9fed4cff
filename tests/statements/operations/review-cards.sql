-- Index Only Scan using pk_review_keys on review_keys
-- Index Scan using ix_cards_user_id_id on cards
-- Index Scan using pk_user_settings on user_settings
SELECT answer.* FROM (WITH settings AS materialized 
(SELECT CAST(json_build_object('scheduler', user_settings.scheduler, 'desired_retention', user_settings.desired_retention, 'time_zone', user_settings.time_zone, 'day_starts_at_hour', user_settings.day_starts_at_hour, 'learning_steps', user_settings.learning_steps, 'relearning_steps', user_settings.relearning_steps, 'max_interval_days', user_settings.max_interval_days, 'fsrs_parameters', user_settings.fsrs_parameters, 'easy_days', user_settings.easy_days, 'earlier_days', user_settings.earlier_days, 'streak_freezes_per_month', user_settings.streak_freezes_per_month, 'leech_threshold', user_settings.leech_threshold, 'leech_action', user_settings.leech_action) AS TEXT) AS settings, user_settings.vacation_at AS vacation_at, user_settings.xmin AS settings_xmin 
FROM user_settings 
WHERE user_settings.user_id = $1::UUID)
 SELECT cards.state, to_json(cards.due_at) #>> '{}' AS due_at, to_json(cards.due_day) #>> '{}' AS due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, to_json(cards.first_reviewed_at) #>> '{}' AS first_reviewed_at, to_json(cards.last_reviewed_at) #>> '{}' AS last_reviewed_at, to_json(cards.last_reviewed_day) #>> '{}' AS last_reviewed_day, to_json(cards.last_entry_at) #>> '{}' AS last_entry_at, cards.id, cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id, cards.kind, cards.suspended, cards.flag, to_json(cards.created_at) #>> '{}' AS created_at, cards.version, to_json(cards.deleted_at) #>> '{}' AS deleted_at, settings.settings, to_json(settings.vacation_at) #>> '{}' AS vacation_at, settings.settings_xmin, EXISTS (SELECT * 
FROM review_keys 
WHERE review_keys.user_id = $1::UUID AND review_keys.idempotency_key = ANY (array((SELECT json_array_elements_text($2::JSON) AS json_array_elements_text_1)))) AS has_used_keys, cards.xmin AS card_xmin 
FROM cards, settings 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.id = ANY (CAST($3::VARCHAR AS UUID[])) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $4, true) || set_config('app.role', $5, true)) IS NOT NULL;

SELECT save_newest_reviews($1::UUID, $2::VARCHAR, $3::TIMESTAMP WITH TIME ZONE, $4::VARCHAR, $5::BOOLEAN, $6::JSON, $7::JSON) AS changes;
