-- Index Scan using ix_review_days_day_user_id on review_days
-- Index Scan using pk_review_days on review_days
-- Index Scan using pk_user_settings on user_settings
-- Index Scan using reviews_<month>_user_id_reviewed_at_id_idx on reviews_<month>
-- Seq Scan on limit_extensions
-- Seq Scan on reviews_<month>
-- Seq Scan on reviews_default
SELECT answer.* FROM (
with 
    learner as (
        select time_zone, turn, today, least((today + 1 + turn) at time zone time_zone, ((today + 1 + turn) - interval '1 microsecond') at time zone time_zone + interval '1 microsecond') as day_ends_at
        from user_settings
            cross join lateral (select make_interval(hours => day_starts_at_hour) as turn) as turns
            cross join lateral (select (($1::TIMESTAMP WITH TIME ZONE at time zone time_zone) - turn)::date as today) as days
        where user_id = $2::UUID
    )
,
extension as (
    select coalesce(sum(new_cards), 0)::int as new_cards, coalesce(sum(reviews), 0)::int as reviews
    from limit_extensions, learner where user_id = $2::UUID and day = today
),
done as (
    select
        coalesce((select new_cards from review_days, learner where user_id = $2::UUID and day = today), 0)
            as new_cards,
        (
            select count(distinct card_id)::int from reviews, learner
            where user_id = $2::UUID and reviewed_at > $1::TIMESTAMP WITH TIME ZONE - interval '3 days' and day = today and not undone
                and rescheduled and interval_days_before >= 1
        ) as reviews
),
-- The start of the day after a vacation, on which nothing is to be done.
vacation as (
    select least((max(day) + 1 + min(turn)) at time zone min(time_zone), ((max(day) + 1 + min(turn)) - interval '1 microsecond') at time zone min(time_zone) + interval '1 microsecond') as vacation_ends_at
    from review_days, learner where user_id = $2::UUID and day >= today and freeze_reason = 'VACATION'
    having min(day) = min(today)
),
allowed as (
    select case when vacation_ends_at is null then new_cards_per_day else 0 end + extension.new_cards as new_cards,
        case when vacation_ends_at is null then reviews_per_day else 0 end + extension.reviews as reviews,
        vacation_ends_at
    from user_settings cross join extension left join vacation on true where user_id = $2::UUID
)
select scheduler, new_card_mix, new_card_order, bury_siblings, new_cards_per_day, reviews_per_day,
    allowed.new_cards, allowed.reviews,
    greatest(allowed.new_cards - done.new_cards, 0) as new_left,
    greatest(allowed.reviews - done.reviews, 0) as reviews_left,
    today, least((today + turn) at time zone learner.time_zone, ((today + turn) - interval '1 microsecond') at time zone learner.time_zone + interval '1 microsecond') as day_starts_at, day_ends_at, vacation_ends_at
from learner cross join allowed cross join done cross join user_settings where user_id = $2::UUID
 OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Index Only Scan using ix_cards_study on cards
-- Index Scan using ix_cards_due on cards
-- Index Scan using ix_cards_new on cards
-- Index Scan using ix_cards_siblings on cards
-- Index Scan using ix_cards_user_id_id on cards
-- Index Scan using reviews_<month>_user_id_reviewed_at_id_idx on reviews_<month>
-- Seq Scan on reviews_<month>
-- Seq Scan on reviews_default
SELECT answer.* FROM (WITH review_siblings AS 
(SELECT coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) AS subject 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'REVIEW' AND cards.due_at <= $4::TIMESTAMP WITH TIME ZONE AND (EXISTS (SELECT * 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND cards.kind != 'RECOGNITION'))), 
studied AS 
(SELECT coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) AS subject, cards.id AS id 
FROM cards JOIN (SELECT DISTINCT reviews.card_id AS card_id 
FROM reviews 
WHERE reviews.user_id = $3::UUID AND reviews.reviewed_at > $4::TIMESTAMP WITH TIME ZONE - interval '3 days' AND reviews.day = $5::DATE AND NOT reviews.undone AND reviews.rescheduled) AS answered ON answered.card_id = cards.id 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND (EXISTS (SELECT * 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND cards.kind != 'RECOGNITION'))), 
learning_siblings AS 
(SELECT coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) AS subject 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'LEARNING' AND cards.due_at < $1::TIMESTAMP WITH TIME ZONE AND (EXISTS (SELECT * 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND cards.kind != 'RECOGNITION'))), 
new_siblings AS 
(SELECT coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) AS subject 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'NEW' AND cards.due_at <= $4::TIMESTAMP WITH TIME ZONE AND (EXISTS (SELECT * 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND cards.kind != 'RECOGNITION'))), 
sizes AS materialized 
(SELECT CAST(least((SELECT count(*) AS count_1 
FROM (SELECT DISTINCT candidates.subject AS subject 
FROM (SELECT coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) AS subject 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'NEW' AND cards.due_at <= $4::TIMESTAMP WITH TIME ZONE AND NOT ((coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT studied.subject 
FROM studied)) IS true AND (cards.id NOT IN (SELECT (array_agg(studied.id))[$9::INTEGER] AS anon_3 
FROM studied GROUP BY studied.subject 
HAVING count(*) = 1)) OR (coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT learning_siblings.subject 
FROM learning_siblings)) IS true OR (coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT review_siblings.subject 
FROM review_siblings)) IS true) 
 LIMIT $7::INTEGER * 3) AS candidates) AS subjects), $7::INTEGER) AS INTEGER) AS "new", (SELECT CAST(count(*) AS INTEGER) AS count_2 
FROM (SELECT cards.id AS id 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'LEARNING' AND cards.due_at <= $10::TIMESTAMP WITH TIME ZONE) AS anon_4) AS learning, CAST(least((SELECT count(*) AS count_3 
FROM (SELECT DISTINCT candidates.subject AS subject 
FROM (SELECT coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) AS subject 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'REVIEW' AND cards.due_at <= $4::TIMESTAMP WITH TIME ZONE AND NOT ((coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT studied.subject 
FROM studied)) IS true AND (cards.id NOT IN (SELECT (array_agg(studied.id))[$11::INTEGER] AS anon_5 
FROM studied GROUP BY studied.subject 
HAVING count(*) = 1)) OR (coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT learning_siblings.subject 
FROM learning_siblings)) IS true) 
 LIMIT $2::INTEGER * 3) AS candidates) AS subjects), $2::INTEGER) AS INTEGER) AS reviews, (SELECT cards.due_at 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.due_at > $4::TIMESTAMP WITH TIME ZONE AND (cards.due_at > $10::TIMESTAMP WITH TIME ZONE OR cards.queue != 'LEARNING') ORDER BY cards.due_at 
 LIMIT $12::INTEGER) AS next_due_at)
 SELECT sizes."new", sizes.learning, sizes.reviews, sizes.next_due_at, CASE WHEN (sizes.next_due_at <= $1::TIMESTAMP WITH TIME ZONE) THEN false WHEN (sizes.reviews >= $2::INTEGER) THEN true ELSE (EXISTS (SELECT review_siblings.subject 
FROM review_siblings GROUP BY review_siblings.subject 
HAVING count(*) > 1)) OR (EXISTS (SELECT cards.id 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'REVIEW' AND cards.due_at <= $4::TIMESTAMP WITH TIME ZONE AND (EXISTS (SELECT * 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND cards.kind != 'RECOGNITION')) AND ((coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT studied.subject 
FROM studied)) IS true AND (cards.id NOT IN (SELECT (array_agg(studied.id))[$6::INTEGER] AS anon_1 
FROM studied GROUP BY studied.subject 
HAVING count(*) = 1)) OR (coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT learning_siblings.subject 
FROM learning_siblings)) IS true))) END AS reviews_wait, CASE WHEN (sizes.next_due_at <= $1::TIMESTAMP WITH TIME ZONE) THEN false WHEN (sizes."new" >= $7::INTEGER) THEN true ELSE (EXISTS (SELECT new_siblings.subject 
FROM new_siblings GROUP BY new_siblings.subject 
HAVING count(*) > 1)) OR (EXISTS (SELECT cards.id 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'NEW' AND cards.due_at <= $4::TIMESTAMP WITH TIME ZONE AND (EXISTS (SELECT * 
FROM cards 
WHERE cards.user_id = $3::UUID AND cards.deleted_at IS NULL AND cards.kind != 'RECOGNITION')) AND ((coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT studied.subject 
FROM studied)) IS true AND (cards.id NOT IN (SELECT (array_agg(studied.id))[$8::INTEGER] AS anon_2 
FROM studied GROUP BY studied.subject 
HAVING count(*) = 1)) OR (coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT learning_siblings.subject 
FROM learning_siblings)) IS true OR (coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT review_siblings.subject 
FROM review_siblings)) IS true))) END AS new_waits 
FROM sizes OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $13, true) || set_config('app.role', $14, true)) IS NOT NULL;

-- Index Only Scan using ix_cards_study on cards
-- Index Scan using ix_cards_due on cards
-- Index Scan using ix_cards_new on cards
-- Index Scan using ix_cards_siblings on cards
-- Index Scan using ix_cards_user_id_id on cards
-- Index Scan using reviews_<month>_user_id_reviewed_at_id_idx on reviews_<month>
-- Seq Scan on reviews_<month>
-- Seq Scan on reviews_default
SELECT answer.* FROM (WITH studied AS 
(SELECT coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) AS subject, cards.id AS id 
FROM cards JOIN (SELECT DISTINCT reviews.card_id AS card_id 
FROM reviews 
WHERE reviews.user_id = $1::UUID AND reviews.reviewed_at > $5::TIMESTAMP WITH TIME ZONE - interval '3 days' AND reviews.day = $4::DATE AND NOT reviews.undone AND reviews.rescheduled) AS answered ON answered.card_id = cards.id 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND (EXISTS (SELECT * 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.kind != 'RECOGNITION'))), 
learning_siblings AS 
(SELECT coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) AS subject 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'LEARNING' AND cards.due_at < $7::TIMESTAMP WITH TIME ZONE AND (EXISTS (SELECT * 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.kind != 'RECOGNITION'))), 
review_siblings AS 
(SELECT coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) AS subject 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'REVIEW' AND cards.due_at <= $5::TIMESTAMP WITH TIME ZONE AND (EXISTS (SELECT * 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND cards.kind != 'RECOGNITION')))
 SELECT cards.id, cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id, cards.kind, cards.state, cards.due_at, cards.due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.flag, cards.last_reviewed_at, cards.last_reviewed_day, cards.created_at, cards.version, cards.queue 
FROM cards JOIN (SELECT anon_1.id AS id, anon_1.rank AS rank 
FROM (SELECT cards.id AS id, CAST(EXTRACT(epoch FROM cards.due_at) AS DOUBLE PRECISION) AS rank 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'LEARNING' AND cards.due_at <= $2::TIMESTAMP WITH TIME ZONE ORDER BY cards.due_at, cards.id 
 LIMIT $3::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.rank AS rank 
FROM (SELECT numbered.id AS id, numbered.rank AS rank 
FROM (SELECT candidates.id AS id, candidates.rank AS rank, row_number() OVER (PARTITION BY candidates.subject ORDER BY candidates.rank, candidates.id) AS place 
FROM (SELECT cards.id AS id, -(CAST($4::DATE - cards.due_day AS DOUBLE PRECISION) / CAST(greatest(coalesce(cards.interval_days, cards.interval_days), 0.001) AS DOUBLE PRECISION)) AS rank, coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) AS subject 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'REVIEW' AND cards.due_at <= $5::TIMESTAMP WITH TIME ZONE AND NOT ((coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT studied.subject 
FROM studied)) IS true AND (cards.id NOT IN (SELECT (array_agg(studied.id))[$6::INTEGER] AS anon_3 
FROM studied GROUP BY studied.subject 
HAVING count(*) = 1)) OR (coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT learning_siblings.subject 
FROM learning_siblings)) IS true) ORDER BY rank, cards.id 
 LIMIT $8::INTEGER * 3) AS candidates) AS numbered 
WHERE numbered.place = 1 ORDER BY numbered.rank, numbered.id 
 LIMIT $8::INTEGER) AS anon_2 UNION ALL SELECT anon_4.id AS id, anon_4.rank AS rank 
FROM (SELECT numbered.id AS id, numbered.rank AS rank 
FROM (SELECT candidates.id AS id, candidates.rank AS rank, row_number() OVER (PARTITION BY candidates.subject ORDER BY candidates.rank, candidates.id) AS place 
FROM (SELECT cards.id AS id, -CAST(cards.popularity AS DOUBLE PRECISION) AS rank, coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) AS subject 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'NEW' AND cards.due_at <= $5::TIMESTAMP WITH TIME ZONE AND NOT ((coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT studied.subject 
FROM studied)) IS true AND (cards.id NOT IN (SELECT (array_agg(studied.id))[$9::INTEGER] AS anon_5 
FROM studied GROUP BY studied.subject 
HAVING count(*) = 1)) OR (coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT learning_siblings.subject 
FROM learning_siblings)) IS true OR (coalesce(cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id) IN (SELECT review_siblings.subject 
FROM review_siblings)) IS true) ORDER BY cards.popularity DESC, cards.id 
 LIMIT $10::INTEGER * 3) AS candidates) AS numbered 
WHERE numbered.place = 1 ORDER BY numbered.rank, numbered.id 
 LIMIT $10::INTEGER) AS anon_4) AS first ON first.id = cards.id 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL ORDER BY first.rank, first.id OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $11, true) || set_config('app.role', $12, true)) IS NOT NULL;

-- Index Scan using pk_vocabulary on vocabulary
SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = ANY ($1::UUID[]);
