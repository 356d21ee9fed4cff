begin; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'learner', true);

-- Index Scan using pk_cards on cards
-- Index Scan using pk_user_settings on user_settings
-- Index Scan using reviews_<month>_user_id_reviewed_at_id_idx on reviews_<month>
-- LockRows
-- Seq Scan on reviews_<month>
-- Seq Scan on reviews_default
WITH settings AS materialized 
(SELECT user_settings.scheduler AS scheduler, user_settings.desired_retention AS desired_retention 
FROM user_settings 
WHERE user_settings.user_id = $1::UUID FOR SHARE)
 SELECT cards.id, cards.vocabulary_id, cards.state, cards.due_at, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.last_reviewed_at, cards.version, cards.created_at, settings.scheduler, settings.desired_retention 
FROM cards, settings 
WHERE cards.user_id = $1::UUID AND cards.id IN (SELECT reviews.card_id 
FROM reviews 
WHERE reviews.id = ANY ($2::UUID[]) AND reviews.user_id = $1::UUID) ORDER BY cards.id FOR NO KEY UPDATE OF cards;

-- Index Scan using reviews_<month>_user_id_reviewed_at_id_idx on reviews_<month>
-- Seq Scan on reviews_<month>
-- Seq Scan on reviews_default
SELECT reviews.id, reviews.card_id, reviews.quality, reviews.reviewed_at, reviews.interval_days_before, reviews.interval_days_after, reviews.duration_ms, reviews.undone, reviews.idempotency_key, reviews.created_at 
FROM reviews 
WHERE reviews.user_id = $1::UUID AND reviews.card_id = ANY ($2::UUID[]);

-- Index Scan using reviews_<month>_user_id_reviewed_at_id_idx on reviews_<month>
-- Seq Scan on reviews_<month>
-- Seq Scan on reviews_default
-- Update on reviews
UPDATE reviews SET undone=true FROM unnest($1::UUID[], $2::TIMESTAMP WITH TIME ZONE[]) AS anon_1(id, reviewed_at) WHERE reviews.id = anon_1.id AND reviews.reviewed_at = anon_1.reviewed_at AND reviews.user_id = $3::UUID;

-- Index Scan using ix_cards_user_id_id on cards
-- Update on cards
UPDATE cards SET state=anon_1.state, due_at=anon_1.due_at, interval_days=anon_1.interval_days, ease_factor=anon_1.ease_factor, stability=anon_1.stability, difficulty=anon_1.difficulty, learning_step=anon_1.learning_step, repetitions=anon_1.repetitions, lapses=anon_1.lapses, last_reviewed_at=anon_1.last_reviewed_at, version=(cards.version + $1::INTEGER), updated_at=now() FROM unnest($2::UUID[], $3::TEXT[], $4::TIMESTAMP WITH TIME ZONE[], $5::DOUBLE PRECISION[], $6::DOUBLE PRECISION[], $7::DOUBLE PRECISION[], $8::DOUBLE PRECISION[], $9::SMALLINT[], $10::INTEGER[], $11::INTEGER[], $12::TIMESTAMP WITH TIME ZONE[]) AS anon_1(id, state, due_at, interval_days, ease_factor, stability, difficulty, learning_step, repetitions, lapses, last_reviewed_at) WHERE cards.id = anon_1.id AND cards.user_id = $13::UUID RETURNING cards.id, cards.vocabulary_id, cards.state, cards.due_at, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.last_reviewed_at, cards.version;

-- Index Scan using pk_user_settings on user_settings
-- Insert on review_days
insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms)
select $1::UUID, ((moment at time zone time_zone) - make_interval(hours => day_starts_at_hour))::date, sum(reviews), sum(recalled), sum(new_cards), sum(duration_ms)
from unnest($2::TIMESTAMP WITH TIME ZONE[], $3::INTEGER[], $4::INTEGER[], $5::INTEGER[], $6::BIGINT[])
        as change (moment, reviews, recalled, new_cards, duration_ms), user_settings
where user_id = $1::UUID
group by 2 order by 2
on conflict (user_id, day) do update set
    reviews = review_days.reviews + excluded.reviews,
    recalled = review_days.recalled + excluded.recalled,
    new_cards = review_days.new_cards + excluded.new_cards,
    duration_ms = review_days.duration_ms + excluded.duration_ms,
    updated_at = now();

select current_setting('app.changes', true);

commit;

-- Index Scan using pk_vocabulary on vocabulary
SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = ANY ($1::UUID[]);
