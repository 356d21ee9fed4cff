begin; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'learner', true);

-- Index Only Scan using pk_review_keys on review_keys
-- Index Scan using ix_cards_user_id_id on cards
-- Index Scan using pk_user_settings on user_settings
-- LockRows
WITH settings AS materialized 
(SELECT CAST(json_build_object('scheduler', user_settings.scheduler, 'desired_retention', user_settings.desired_retention, 'time_zone', user_settings.time_zone, 'day_starts_at_hour', user_settings.day_starts_at_hour, 'learning_steps', user_settings.learning_steps, 'relearning_steps', user_settings.relearning_steps, 'max_interval_days', user_settings.max_interval_days, 'fsrs_parameters', user_settings.fsrs_parameters, 'easy_days', user_settings.easy_days, 'streak_freezes_per_month', user_settings.streak_freezes_per_month, 'leech_threshold', user_settings.leech_threshold, 'leech_action', user_settings.leech_action) AS TEXT) AS settings, user_settings.vacation_at AS vacation_at 
FROM user_settings 
WHERE user_settings.user_id = $1::UUID FOR SHARE)
 SELECT cards.id, cards.vocabulary_id, cards.kanji_id, cards.kind, cards.state, cards.due_at, cards.due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.flag, cards.last_reviewed_at, cards.last_reviewed_day, cards.created_at, cards.version, cards.first_reviewed_at, cards.last_entry_at, cards.deleted_at, settings.settings, settings.vacation_at, EXISTS (SELECT * 
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
(SELECT anon_2.id AS id, anon_2.reviewed_at AS reviewed_at, anon_2.card_id AS card_id, anon_2.idempotency_key AS idempotency_key, anon_2.quality AS quality, anon_2.interval_days_before AS interval_days_before, anon_2.interval_days_after AS interval_days_after, anon_2.duration_ms AS duration_ms, anon_2.day AS day, anon_2.due_day AS due_day, anon_2.retrievability AS retrievability, anon_2.rescheduled AS rescheduled 
FROM json_to_recordset($2::JSON) AS anon_2(id UUID, reviewed_at TIMESTAMP WITH TIME ZONE, card_id UUID, idempotency_key TEXT, quality SMALLINT, interval_days_before DOUBLE PRECISION, interval_days_after DOUBLE PRECISION, duration_ms INTEGER, day DATE, due_day DATE, retrievability SMALLINT, rescheduled BOOLEAN)), 
keys AS 
(INSERT INTO review_keys (user_id, idempotency_key, review_id, reviewed_at) SELECT $1::UUID AS anon_1, saved.idempotency_key AS idempotency_key, saved.id AS id, saved.reviewed_at AS reviewed_at 
FROM saved ORDER BY saved.idempotency_key), 
log AS 
(INSERT INTO reviews (id, reviewed_at, card_id, idempotency_key, quality, interval_days_before, interval_days_after, duration_ms, day, due_day, retrievability, rescheduled, user_id, created_at, hour) SELECT saved.id AS id, saved.reviewed_at AS reviewed_at, saved.card_id AS card_id, saved.idempotency_key AS idempotency_key, saved.quality AS quality, saved.interval_days_before AS interval_days_before, saved.interval_days_after AS interval_days_after, saved.duration_ms AS duration_ms, saved.day AS day, saved.due_day AS due_day, saved.retrievability AS retrievability, saved.rescheduled AS rescheduled, $1::UUID AS anon_1, $3::TIMESTAMP WITH TIME ZONE AS anon_3, CAST(EXTRACT(hour FROM saved.reviewed_at at time zone (SELECT user_settings.time_zone 
FROM user_settings 
WHERE user_settings.user_id = $1::UUID)) AS SMALLINT) AS anon_4 
FROM saved), 
moved AS 
(UPDATE cards SET state=anon_5.state, due_at=anon_5.due_at, due_day=anon_5.due_day, interval_days=anon_5.interval_days, ease_factor=anon_5.ease_factor, stability=anon_5.stability, difficulty=anon_5.difficulty, learning_step=anon_5.learning_step, repetitions=anon_5.repetitions, lapses=anon_5.lapses, first_reviewed_at=anon_5.first_reviewed_at, last_reviewed_at=anon_5.last_reviewed_at, last_reviewed_day=anon_5.last_reviewed_day, last_entry_at=anon_5.last_entry_at, version=(cards.version + $4::INTEGER), updated_at=now() FROM json_to_recordset($5::JSON) AS anon_5(id UUID, state TEXT, due_at TIMESTAMP WITH TIME ZONE, due_day DATE, interval_days DOUBLE PRECISION, ease_factor DOUBLE PRECISION, stability DOUBLE PRECISION, difficulty DOUBLE PRECISION, learning_step SMALLINT, repetitions INTEGER, lapses INTEGER, first_reviewed_at TIMESTAMP WITH TIME ZONE, last_reviewed_at TIMESTAMP WITH TIME ZONE, last_reviewed_day DATE, last_entry_at TIMESTAMP WITH TIME ZONE) WHERE cards.id = anon_5.id AND cards.user_id = $1::UUID)
 INSERT INTO review_days (user_id, day, reviews, recalled, new_cards, duration_ms, crammed) SELECT $1::UUID AS anon_1, anon_6.day, anon_6.reviews, anon_6.recalled, anon_6.new_cards, anon_6.duration_ms, anon_6.crammed 
FROM json_to_recordset($6::JSON) AS anon_6(day DATE, reviews INTEGER, recalled INTEGER, new_cards INTEGER, duration_ms BIGINT, crammed INTEGER) ORDER BY anon_6.day ON CONFLICT (user_id, day) DO UPDATE SET reviews = (review_days.reviews + excluded.reviews), crammed = (review_days.crammed + excluded.crammed), recalled = (review_days.recalled + excluded.recalled), new_cards = (review_days.new_cards + excluded.new_cards), duration_ms = (review_days.duration_ms + excluded.duration_ms), updated_at = greatest(now(), review_days.updated_at + interval '1 microsecond'), freeze_reason = nullif(review_days.freeze_reason, CASE WHEN (review_days.reviews + excluded.reviews > 0) THEN 'MISSED' END) RETURNING review_days.day, review_days.reviews;

select current_setting('app.changes', true);

commit;
