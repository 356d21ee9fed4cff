begin; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'learner', true);

-- Index Only Scan using pk_review_keys on review_keys
-- Index Scan using ix_cards_user_id_id on cards
-- Index Scan using pk_user_settings on user_settings
-- LockRows
WITH settings AS materialized 
(SELECT CAST(json_build_object('scheduler', user_settings.scheduler, 'desired_retention', user_settings.desired_retention, 'time_zone', user_settings.time_zone, 'day_starts_at_hour', user_settings.day_starts_at_hour, 'learning_steps', user_settings.learning_steps, 'relearning_steps', user_settings.relearning_steps, 'max_interval_days', user_settings.max_interval_days, 'fsrs_parameters', user_settings.fsrs_parameters, 'easy_days', user_settings.easy_days, 'streak_freezes_per_month', user_settings.streak_freezes_per_month, 'leech_threshold', user_settings.leech_threshold, 'leech_action', user_settings.leech_action) AS TEXT) AS settings, user_settings.vacation_at AS vacation_at 
FROM user_settings 
WHERE user_settings.user_id = $1::UUID FOR SHARE)
 SELECT cards.state, to_json(cards.due_at) #>> '{}' AS due_at, to_json(cards.due_day) #>> '{}' AS due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, to_json(cards.first_reviewed_at) #>> '{}' AS first_reviewed_at, to_json(cards.last_reviewed_at) #>> '{}' AS last_reviewed_at, to_json(cards.last_reviewed_day) #>> '{}' AS last_reviewed_day, to_json(cards.last_entry_at) #>> '{}' AS last_entry_at, cards.id, cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id, cards.kind, cards.suspended, cards.flag, to_json(cards.created_at) #>> '{}' AS created_at, cards.version, to_json(cards.deleted_at) #>> '{}' AS deleted_at, settings.settings, to_json(settings.vacation_at) #>> '{}' AS vacation_at, EXISTS (SELECT * 
FROM review_keys 
WHERE review_keys.user_id = $1::UUID AND review_keys.idempotency_key = ANY ($2::TEXT[])) AS has_used_keys 
FROM cards, settings 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.id = ANY (CAST($3::VARCHAR AS UUID[])) ORDER BY cards.id FOR NO KEY UPDATE OF cards;

-- Index Scan using ix_cards_user_id_id on cards
-- Index Scan using pk_user_settings on user_settings
-- Insert on review_days
-- Insert on review_keys
-- Insert on reviews
-- Update on cards
WITH saved AS materialized 
(SELECT $1::UUID AS user_id, anon_1.id AS id, anon_1.reviewed_at AS reviewed_at, anon_1.card_id AS card_id, anon_1.idempotency_key AS idempotency_key, anon_1.quality AS quality, anon_1.interval_days_before AS interval_days_before, anon_1.interval_days_after AS interval_days_after, anon_1.duration_ms AS duration_ms, anon_1.day AS day, anon_1.due_day AS due_day, anon_1.retrievability AS retrievability, anon_1.rescheduled AS rescheduled, anon_1.state AS state, anon_1.due_at AS due_at, anon_1.ease_factor AS ease_factor, anon_1.stability AS stability, anon_1.difficulty AS difficulty, anon_1.learning_step AS learning_step, anon_1.repetitions AS repetitions, anon_1.lapses AS lapses, anon_1.last_reviewed_day AS last_reviewed_day 
FROM json_to_recordset($2::JSON) AS anon_1(id UUID, reviewed_at TIMESTAMP WITH TIME ZONE, card_id UUID, idempotency_key TEXT, quality SMALLINT, interval_days_before DOUBLE PRECISION, interval_days_after DOUBLE PRECISION, duration_ms INTEGER, day DATE, due_day DATE, retrievability SMALLINT, rescheduled BOOLEAN, state TEXT, due_at TIMESTAMP WITH TIME ZONE, ease_factor DOUBLE PRECISION, stability DOUBLE PRECISION, difficulty DOUBLE PRECISION, learning_step SMALLINT, repetitions INTEGER, lapses INTEGER, last_reviewed_day DATE)), 
keys AS 
(INSERT INTO review_keys (user_id, idempotency_key, review_id, reviewed_at) SELECT saved.user_id AS user_id, saved.idempotency_key AS idempotency_key, saved.id AS id, saved.reviewed_at AS reviewed_at 
FROM saved ORDER BY saved.idempotency_key RETURNING review_keys.review_id), 
log AS 
(INSERT INTO reviews (id, reviewed_at, card_id, idempotency_key, quality, interval_days_before, interval_days_after, duration_ms, day, due_day, retrievability, rescheduled, user_id, created_at, hour) SELECT saved.id AS id, saved.reviewed_at AS reviewed_at, saved.card_id AS card_id, saved.idempotency_key AS idempotency_key, saved.quality AS quality, saved.interval_days_before AS interval_days_before, saved.interval_days_after AS interval_days_after, saved.duration_ms AS duration_ms, saved.day AS day, saved.due_day AS due_day, saved.retrievability AS retrievability, saved.rescheduled AS rescheduled, saved.user_id AS user_id, $3::TIMESTAMP WITH TIME ZONE AS anon_2, CAST(EXTRACT(hour FROM saved.reviewed_at at time zone (SELECT user_settings.time_zone 
FROM user_settings 
WHERE user_settings.user_id = $1::UUID)) AS SMALLINT) AS anon_3 
FROM saved RETURNING reviews.id), 
moved AS 
(UPDATE cards SET state=saved.state, due_at=saved.due_at, due_day=saved.due_day, interval_days=saved.interval_days_after, ease_factor=saved.ease_factor, stability=saved.stability, difficulty=saved.difficulty, learning_step=saved.learning_step, repetitions=saved.repetitions, lapses=saved.lapses, first_reviewed_at=coalesce(cards.first_reviewed_at, saved.reviewed_at), last_reviewed_at=saved.reviewed_at, last_reviewed_day=saved.last_reviewed_day, last_entry_at=saved.reviewed_at, version=(cards.version + $4::INTEGER), updated_at=now(), changed_in=pg_current_xact_id() FROM saved WHERE cards.id = saved.card_id AND cards.user_id = saved.user_id)
 INSERT INTO review_days (user_id, day, reviews, recalled, new_cards, duration_ms, crammed) SELECT $1::UUID AS anon_4, anon_5.day, anon_5.reviews, anon_5.recalled, anon_5.new_cards, anon_5.duration_ms, anon_5.crammed 
FROM json_to_recordset($5::JSON) AS anon_5(day DATE, reviews INTEGER, recalled INTEGER, new_cards INTEGER, duration_ms BIGINT, crammed INTEGER) ORDER BY anon_5.day ON CONFLICT (user_id, day) DO UPDATE SET reviews = (review_days.reviews + excluded.reviews), crammed = (review_days.crammed + excluded.crammed), recalled = (review_days.recalled + excluded.recalled), new_cards = (review_days.new_cards + excluded.new_cards), duration_ms = (review_days.duration_ms + excluded.duration_ms), updated_at = greatest(excluded.updated_at, ((review_days.updated_at) at time zone 'UTC' + interval '1 microsecond') at time zone 'UTC'), freeze_reason = nullif(review_days.freeze_reason, CASE WHEN (review_days.reviews + excluded.reviews > 0) THEN 'MISSED' END) RETURNING review_days.day, review_days.reviews;

select current_setting('app.changes', true);

commit;
