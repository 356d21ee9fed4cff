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

-- Index Scan using pk_vocabulary on vocabulary
SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = ANY ($1::UUID[]);

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
