-- Index Scan using ix_cards_siblings on cards
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
            where user_id = $2::UUID and reviewed_at > $3::TIMESTAMP WITH TIME ZONE and day = today and not undone
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
    today, least((today + turn) at time zone learner.time_zone, ((today + turn) - interval '1 microsecond') at time zone learner.time_zone + interval '1 microsecond') as day_starts_at, day_ends_at, vacation_ends_at,
    exists (
        select from cards where cards.user_id = $2::UUID and deleted_at is null and kind <> 'RECOGNITION'
    ) as may_have_siblings
from learner cross join allowed cross join done cross join user_settings where user_id = $2::UUID
 OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $4, true) || set_config('app.role', $5, true)) IS NOT NULL;

-- Index Scan using ix_cards_siblings on cards
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
            where user_id = $2::UUID and reviewed_at > $3::TIMESTAMP WITH TIME ZONE and day = today and not undone
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
    today, least((today + turn) at time zone learner.time_zone, ((today + turn) - interval '1 microsecond') at time zone learner.time_zone + interval '1 microsecond') as day_starts_at, day_ends_at, vacation_ends_at,
    exists (
        select from cards where cards.user_id = $2::UUID and deleted_at is null and kind <> 'RECOGNITION'
    ) as may_have_siblings
from learner cross join allowed cross join done cross join user_settings where user_id = $2::UUID
 OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $4, true) || set_config('app.role', $5, true)) IS NOT NULL;

-- Index Only Scan using ix_cards_due on cards
-- Index Scan using ix_review_days_user_id_updated_at on review_days
-- Index Scan using learner_statistics_user_id_idx on learner_statistics
-- Index Scan using pk_review_days on review_days
-- Index Scan using pk_user_settings on user_settings
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

    earlier as (
        select longest_streak_days, tail_starts_on from learner_statistics
        where user_id = $2::UUID and not exists (
            select 1 from review_days
            where user_id = $2::UUID and updated_at > refreshed_at - interval '1 minute' and day < tail_starts_on
        )
    ),
    runs as (
        select (count(*) filter (where reviews > 0))::int as days, max(day) filter (where reviews > 0) as studied_on
        from (
            select reviews, day, day - (row_number() over (order by day))::int as run
            from review_days
            where user_id = $2::UUID and (reviews > 0 or freeze_reason is not null)
                and day >= coalesce((select tail_starts_on from earlier), '-infinity')
        ) as numbered
        group by run
    ),
    last_run as (select days, studied_on from runs where days > 0 order by studied_on desc limit 1),
    used as (
        select date_trunc('month', day) as month, count(*)::int as days from review_days
        where user_id = $2::UUID and freeze_reason = 'MISSED'
            and day >= date_trunc('month', (select least(today, studied_on) from learner left join last_run on true))
        group by 1
    ),
    missed_days as (
        select day
        from (
            -- No vacation and no allowance covers more days.
            select studied_on + number as day
            from last_run, learner, generate_series(1, least(today - studied_on - 1, 800)) as number
        ) as since
        where not exists (
            select from review_days as frozen
            where frozen.user_id = $2::UUID and frozen.day = since.day and freeze_reason is not null
        )
    ),
    missed as (select date_trunc('month', day) as month, count(*)::int as days from missed_days group by 1),
    streak as (
        select days as streak_days from last_run, user_settings
        where user_id = $2::UUID and not exists (
            select from missed left join used using (month)
            where missed.days + coalesce(used.days, 0) > streak_freezes_per_month
        ) and not exists (
            select from missed_days where day >= streak_ended_from and day < streak_ended_until
        )
    ),
    freezes as (
        select coalesce((select days from used where month = date_trunc('month', today)), 0) + coalesce(
            (select missed.days from missed, streak where month = date_trunc('month', today)), 0
        ) as used
        from learner
    )
,
recent as (
    select
        coalesce(sum(reviews) filter (where day = today), 0)::int as reviews_today,
        coalesce(sum(new_cards) filter (where day = today), 0)::int as new_today,
        sum(recalled)::float8 / nullif(sum(reviews - crammed), 0) as retention30d,
        coalesce(sum(duration_ms) filter (where day > today - 7), 0)::float8 / 60000 as study_minutes7d
    from review_days, learner
    where user_id = $2::UUID and day > today - 30 and day <= today
)
select
    coalesce((select streak_days from streak), 0) as streak_days,
    greatest(
        coalesce((select max(days) from runs), 0), coalesce((select longest_streak_days from earlier), 0)
    ) as longest_streak_days,
    used as streak_freezes_used,
    greatest(
        (select streak_freezes_per_month from user_settings where user_id = $2::UUID) - used, 0
    ) as streak_freezes_left,
    (select count(*)::int from cards where user_id = $2::UUID and deleted_at is null and not suspended and due_at <= $1::TIMESTAMP WITH TIME ZONE) as due_now,
    recent.*,
    least(
        day_ends_at,
        (select min(due_at) from cards where user_id = $2::UUID and deleted_at is null and not suspended and due_at > $1::TIMESTAMP WITH TIME ZONE)
    ) as changes_at
from learner, recent, freezes
 OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Index Only Scan using ix_cards_study on cards
-- Index Scan using ix_cards_due on cards
-- Index Scan using ix_cards_new on cards
SELECT answer.* FROM (WITH sizes AS materialized 
(SELECT (SELECT CAST(count(*) AS INTEGER) AS count_1 
FROM (SELECT cards.id AS id 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'NEW' AND cards.due_at <= $2::TIMESTAMP WITH TIME ZONE 
 LIMIT $3::INTEGER) AS anon_1) AS "new", (SELECT CAST(count(*) AS INTEGER) AS count_2 
FROM (SELECT cards.id AS id 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'LEARNING' AND cards.due_at <= $4::TIMESTAMP WITH TIME ZONE) AS anon_2) AS learning, (SELECT CAST(count(*) AS INTEGER) AS count_3 
FROM (SELECT cards.id AS id 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'REVIEW' AND cards.due_at <= $2::TIMESTAMP WITH TIME ZONE 
 LIMIT $5::INTEGER) AS anon_3) AS reviews, (SELECT cards.due_at 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.due_at > $2::TIMESTAMP WITH TIME ZONE AND (cards.due_at > $4::TIMESTAMP WITH TIME ZONE OR cards.queue != 'LEARNING') ORDER BY cards.due_at 
 LIMIT $6::INTEGER) AS next_due_at)
 SELECT sizes."new", sizes.learning, sizes.reviews, sizes.next_due_at, false AS reviews_wait, false AS new_waits 
FROM sizes OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $7, true) || set_config('app.role', $8, true)) IS NOT NULL;

-- Index Only Scan using ix_cards_study on cards
-- Index Scan using ix_cards_due on cards
-- Index Scan using ix_cards_new on cards
-- Index Scan using ix_cards_user_id_id on cards
SELECT answer.* FROM (SELECT cards.id, cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id, cards.kind, cards.state, cards.due_at, cards.due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.flag, cards.last_reviewed_at, cards.last_reviewed_day, cards.created_at, cards.version, cards.queue 
FROM cards JOIN (SELECT anon_1.id AS id, anon_1.rank AS rank 
FROM (SELECT cards.id AS id, CAST(EXTRACT(epoch FROM cards.due_at) AS DOUBLE PRECISION) AS rank 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'LEARNING' AND cards.due_at <= $2::TIMESTAMP WITH TIME ZONE ORDER BY cards.due_at, cards.id 
 LIMIT $3::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.rank AS rank 
FROM (SELECT cards.id AS id, -(CAST($4::DATE - cards.due_day AS DOUBLE PRECISION) / CAST(greatest(coalesce(cards.interval_days, cards.interval_days), 0.001) AS DOUBLE PRECISION)) AS rank 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'REVIEW' AND cards.due_at <= $5::TIMESTAMP WITH TIME ZONE ORDER BY rank, cards.id 
 LIMIT $6::INTEGER) AS anon_2 UNION ALL SELECT anon_3.id AS id, anon_3.rank AS rank 
FROM (SELECT cards.id AS id, -CAST(cards.popularity AS DOUBLE PRECISION) AS rank 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.queue = 'NEW' AND cards.due_at <= $5::TIMESTAMP WITH TIME ZONE ORDER BY cards.popularity DESC, cards.id 
 LIMIT $7::INTEGER) AS anon_3) AS first ON first.id = cards.id 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL ORDER BY first.rank, first.id OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $8, true) || set_config('app.role', $9, true)) IS NOT NULL;

-- Seq Scan on card_contexts
SELECT answer.* FROM (SELECT card_contexts.card_id, card_contexts.text, card_contexts.book_id, card_contexts.page 
FROM card_contexts 
WHERE card_contexts.user_id = $1::UUID AND card_contexts.card_id = ANY ($2::UUID[]) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Index Scan using pk_user_settings on user_settings
SELECT answer.* FROM (SELECT user_settings.user_id, user_settings.scheduler, user_settings.desired_retention, user_settings.new_cards_per_day, user_settings.reviews_per_day, user_settings.time_zone, user_settings.day_starts_at_hour, user_settings.learning_steps, user_settings.relearning_steps, user_settings.max_interval_days, user_settings.new_card_mix, user_settings.new_card_order, user_settings.easy_days, user_settings.bury_siblings, user_settings.leech_threshold, user_settings.leech_action, user_settings.streak_freezes_per_month, user_settings.fsrs_parameters, user_settings.earlier_days, user_settings.created_at 
FROM user_settings 
WHERE user_settings.user_id = $1::UUID AND user_settings.user_id = ANY ($2::UUID[]) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Index Scan using pk_vocabulary on vocabulary
SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = ANY ($1::UUID[]);

-- Index Scan using pk_example_sentences on example_sentences
SELECT example_sentences.vocabulary_id, example_sentences.position, example_sentences.japanese, example_sentences.english 
FROM example_sentences 
WHERE example_sentences.vocabulary_id = ANY ($1::UUID[]) ORDER BY example_sentences.vocabulary_id, example_sentences.position;
