begin; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'learner', true);

-- Index Scan using pk_cards on cards
-- Index Scan using pk_user_settings on user_settings
-- Index Scan using reviews_<month>_user_id_reviewed_at_id_idx on reviews_<month>
-- LockRows
-- Seq Scan on reviews_<month>
-- Seq Scan on reviews_default
WITH settings AS materialized 
(SELECT CAST(json_build_object('scheduler', user_settings.scheduler, 'desired_retention', user_settings.desired_retention, 'time_zone', user_settings.time_zone, 'day_starts_at_hour', user_settings.day_starts_at_hour, 'learning_steps', user_settings.learning_steps, 'relearning_steps', user_settings.relearning_steps, 'max_interval_days', user_settings.max_interval_days, 'fsrs_parameters', user_settings.fsrs_parameters, 'easy_days', user_settings.easy_days, 'earlier_days', user_settings.earlier_days, 'streak_freezes_per_month', user_settings.streak_freezes_per_month, 'leech_threshold', user_settings.leech_threshold, 'leech_action', user_settings.leech_action) AS TEXT) AS settings, user_settings.vacation_at AS vacation_at 
FROM user_settings 
WHERE user_settings.user_id = $1::UUID FOR SHARE)
 SELECT cards.state, to_json(cards.due_at) #>> '{}' AS due_at, to_json(cards.due_day) #>> '{}' AS due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, to_json(cards.first_reviewed_at) #>> '{}' AS first_reviewed_at, to_json(cards.last_reviewed_at) #>> '{}' AS last_reviewed_at, to_json(cards.last_reviewed_day) #>> '{}' AS last_reviewed_day, to_json(cards.last_entry_at) #>> '{}' AS last_entry_at, cards.id, cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id, cards.kind, cards.suspended, cards.flag, to_json(cards.created_at) #>> '{}' AS created_at, cards.version, to_json(cards.deleted_at) #>> '{}' AS deleted_at, settings.settings, to_json(settings.vacation_at) #>> '{}' AS vacation_at 
FROM cards, settings 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.id IN (SELECT reviews.card_id 
FROM reviews 
WHERE reviews.id = ANY ($2::UUID[]) AND reviews.user_id = $1::UUID) ORDER BY cards.id FOR NO KEY UPDATE OF cards;

-- Index Scan using reviews_<month>_user_id_reviewed_at_id_idx on reviews_<month>
-- Seq Scan on reviews_<month>
-- Seq Scan on reviews_default
SELECT reviews.id, reviews.card_id, reviews.quality, reviews.reviewed_at, reviews.interval_days_before, reviews.interval_days_after, reviews.duration_ms, reviews.undone, reviews.rescheduled, reviews.idempotency_key, reviews.day, reviews.due_day, reviews.created_at 
FROM reviews 
WHERE reviews.user_id = $1::UUID AND reviews.card_id = ANY ($2::UUID[]);

-- Seq Scan on schedule_changes
SELECT schedule_changes.card_id, schedule_changes.kind, schedule_changes.changed_at, schedule_changes.idempotency_key, schedule_changes.day, schedule_changes.due_day, schedule_changes.days, schedule_changes.details 
FROM schedule_changes 
WHERE schedule_changes.user_id = $1::UUID AND NOT schedule_changes.undone AND schedule_changes.kind != $2::VARCHAR AND (schedule_changes.card_id = ANY ($3::UUID[]) OR schedule_changes.card_id IS NULL);

-- Index Scan using reviews_<month>_user_id_reviewed_at_id_idx on reviews_<month>
-- Seq Scan on reviews_<month>
-- Seq Scan on reviews_default
-- Update on reviews
UPDATE reviews SET undone=true, changed_in=pg_current_xact_id() FROM unnest($1::UUID[], $2::TIMESTAMP WITH TIME ZONE[]) AS anon_1(id, reviewed_at) WHERE reviews.id = anon_1.id AND reviews.reviewed_at = anon_1.reviewed_at AND reviews.user_id = $3::UUID;

-- Index Scan using ix_cards_user_id_id on cards
-- Update on cards
WITH of_viewer AS materialized 
(SELECT $2::UUID AS user_id, anon_1.id AS id, anon_1.state AS state, anon_1.due_at AS due_at, anon_1.due_day AS due_day, anon_1.interval_days AS interval_days, anon_1.ease_factor AS ease_factor, anon_1.stability AS stability, anon_1.difficulty AS difficulty, anon_1.learning_step AS learning_step, anon_1.repetitions AS repetitions, anon_1.lapses AS lapses, anon_1.first_reviewed_at AS first_reviewed_at, anon_1.last_reviewed_at AS last_reviewed_at, anon_1.last_reviewed_day AS last_reviewed_day, anon_1.last_entry_at AS last_entry_at 
FROM json_to_recordset($3::JSON) AS anon_1(id UUID, state TEXT, due_at TIMESTAMP WITH TIME ZONE, due_day DATE, interval_days DOUBLE PRECISION, ease_factor DOUBLE PRECISION, stability DOUBLE PRECISION, difficulty DOUBLE PRECISION, learning_step SMALLINT, repetitions INTEGER, lapses INTEGER, first_reviewed_at TIMESTAMP WITH TIME ZONE, last_reviewed_at TIMESTAMP WITH TIME ZONE, last_reviewed_day DATE, last_entry_at TIMESTAMP WITH TIME ZONE))
 UPDATE cards SET state=of_viewer.state, due_at=of_viewer.due_at, due_day=of_viewer.due_day, interval_days=of_viewer.interval_days, ease_factor=of_viewer.ease_factor, stability=of_viewer.stability, difficulty=of_viewer.difficulty, learning_step=of_viewer.learning_step, repetitions=of_viewer.repetitions, lapses=of_viewer.lapses, first_reviewed_at=of_viewer.first_reviewed_at, last_reviewed_at=of_viewer.last_reviewed_at, last_reviewed_day=of_viewer.last_reviewed_day, last_entry_at=of_viewer.last_entry_at, version=(cards.version + $1::INTEGER), updated_at=now(), changed_in=pg_current_xact_id() FROM of_viewer WHERE cards.id = of_viewer.id AND cards.user_id = of_viewer.user_id;

-- Insert on review_days
INSERT INTO review_days (user_id, day, reviews, recalled, new_cards, duration_ms, crammed) SELECT $1::UUID AS anon_1, anon_2.day, anon_2.reviews, anon_2.recalled, anon_2.new_cards, anon_2.duration_ms, anon_2.crammed 
FROM json_to_recordset($2::JSON) AS anon_2(day DATE, reviews INTEGER, recalled INTEGER, new_cards INTEGER, duration_ms BIGINT, crammed INTEGER) ORDER BY anon_2.day ON CONFLICT (user_id, day) DO UPDATE SET reviews = (review_days.reviews + excluded.reviews), crammed = (review_days.crammed + excluded.crammed), recalled = (review_days.recalled + excluded.recalled), new_cards = (review_days.new_cards + excluded.new_cards), duration_ms = (review_days.duration_ms + excluded.duration_ms), updated_at = greatest(excluded.updated_at, ((review_days.updated_at) at time zone 'UTC' + interval '1 microsecond') at time zone 'UTC'), freeze_reason = nullif(review_days.freeze_reason, CASE WHEN (review_days.reviews + excluded.reviews > 0) THEN 'MISSED' END) RETURNING review_days.day, review_days.reviews;

select current_setting('app.changes', true);

commit;

-- Index Scan using pk_vocabulary on vocabulary
SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = ANY ($1::UUID[]);
