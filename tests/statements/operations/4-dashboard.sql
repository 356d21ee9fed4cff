-- Index Only Scan using ix_cards_due on cards
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
due as (
    select greatest(((due_at at time zone time_zone) - turn)::date, today) as day, count(*)::int as due
    from learner, cards where user_id = $2::UUID and deleted_at is null and not suspended
        and due_at < (select least((today + $3::INTEGER + turn) at time zone time_zone, ((today + $3::INTEGER + turn) - interval '1 microsecond') at time zone time_zone + interval '1 microsecond') from learner)
    group by 1
)
select today + day_number as date, coalesce(due, 0) as due, day_ends_at as changes_at
from learner cross join generate_series(0, $3::INTEGER - 1) as day_number left join due on due.day = today + day_number
order by 1
 OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $4, true) || set_config('app.role', $5, true)) IS NOT NULL;

-- Index Scan using pk_vocabulary on vocabulary
-- Index Scan using uq_cards_user_id_vocabulary_id_kind on cards
-- Seq Scan on jlpt_content_stats
SELECT answer.* FROM (
select stats.jlpt_level, stats.vocabulary_count as total, coalesce(learning, 0)::int as learning,
    coalesce(mature, 0)::int as mature
from jlpt_content_stats as stats left join (
    select vocabulary.jlpt_level,
        count(*) filter (where state <> 'NEW' and interval_days < $1::INTEGER) as learning,
        count(*) filter (where interval_days >= $1::INTEGER) as mature
    from cards join vocabulary on vocabulary.id = vocabulary_id
    where user_id = $2::UUID and deleted_at is null and kind = 'RECOGNITION'
    group by 1
) as own using (jlpt_level)
order by stats.jlpt_level desc
 OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

-- Index Scan using ix_reading_progress_user_id_last_read_at_id on reading_progress
-- Index Scan using pk_books on books
SELECT answer.* FROM (WITH own_progress AS NOT MATERIALIZED 
(SELECT reading_progress.id AS id, reading_progress.book_id AS book_id, reading_progress.current_page AS current_page, reading_progress.started_at AS started_at, reading_progress.last_read_at AS last_read_at, reading_progress.finished_at AS finished_at 
FROM reading_progress 
WHERE reading_progress.user_id = $7::UUID)
 SELECT own_progress.id, own_progress.book_id, least(own_progress.current_page, books.page_count) AS current_page, CASE WHEN (coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END) IS NOT NULL) THEN CAST($1::FLOAT AS DOUBLE PRECISION) ELSE (CAST(own_progress.current_page AS DOUBLE PRECISION) * $2::INTEGER) / CAST(CAST(books.page_count AS DOUBLE PRECISION) AS DOUBLE PRECISION) END AS percent, CASE WHEN (coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END) IS NOT NULL) THEN $3::VARCHAR WHEN (own_progress.current_page > $4::INTEGER) THEN $5::VARCHAR ELSE $6::VARCHAR END AS status, own_progress.started_at, own_progress.last_read_at, coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END) AS finished_at 
FROM own_progress JOIN books ON books.id = own_progress.book_id 
WHERE books.deleted_at IS NULL AND books.published_at IS NOT NULL AND CASE WHEN (coalesce(own_progress.finished_at, CASE WHEN (own_progress.current_page >= books.page_count) THEN own_progress.last_read_at ELSE CAST(NULL AS TIMESTAMP WITH TIME ZONE) END) IS NOT NULL) THEN $3::VARCHAR WHEN (own_progress.current_page > $4::INTEGER) THEN $5::VARCHAR ELSE $6::VARCHAR END = $8::VARCHAR ORDER BY own_progress.last_read_at DESC, own_progress.id DESC 
 LIMIT $9::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $10, true) || set_config('app.role', $11, true)) IS NOT NULL;

-- Index Scan using ix_cards_due on cards
SELECT answer.* FROM (SELECT cards.id, cards.vocabulary_id, cards.kanji_id, cards.custom_vocabulary_id, cards.kind, cards.state, cards.due_at, cards.due_day, cards.interval_days, cards.ease_factor, cards.stability, cards.difficulty, cards.learning_step, cards.repetitions, cards.lapses, cards.suspended, cards.flag, cards.last_reviewed_at, cards.last_reviewed_day, cards.created_at, cards.version 
FROM cards 
WHERE cards.user_id = $1::UUID AND cards.deleted_at IS NULL AND NOT cards.suspended AND cards.due_at <= $2::TIMESTAMP WITH TIME ZONE ORDER BY cards.due_at ASC, cards.id ASC 
 LIMIT $3::INTEGER OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $4, true) || set_config('app.role', $5, true)) IS NOT NULL;

-- Index Scan using pk_users on users
SELECT answer.* FROM (SELECT users.id, users.display_name, users.email, users.locale, users.deleted_at 
FROM users 
WHERE users.id = $1::UUID AND users.id = ANY ($2::UUID[]) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;

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

-- Index Scan using pk_books on books
SELECT books.id, books.title, books.title_reading, books.author, books.jlpt_level, books.cover_url, books.page_count, books.has_text, books.original_year, books.published_at, books.publish_at, books.created_at, books.updated_at, books.version 
FROM books 
WHERE books.id = ANY ($1::UUID[]) AND books.deleted_at IS NULL AND books.published_at IS NOT NULL;

-- Index Scan using pk_vocabulary on vocabulary
SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = ANY ($1::UUID[]);

-- Index Scan using pk_user_settings on user_settings
SELECT answer.* FROM (SELECT user_settings.user_id, user_settings.scheduler, user_settings.desired_retention, user_settings.new_cards_per_day, user_settings.reviews_per_day, user_settings.time_zone, user_settings.day_starts_at_hour, user_settings.learning_steps, user_settings.relearning_steps, user_settings.max_interval_days, user_settings.new_card_mix, user_settings.new_card_order, user_settings.easy_days, user_settings.bury_siblings, user_settings.leech_threshold, user_settings.leech_action, user_settings.streak_freezes_per_month, user_settings.fsrs_parameters, user_settings.earlier_days, user_settings.created_at 
FROM user_settings 
WHERE user_settings.user_id = $1::UUID AND user_settings.user_id = ANY ($2::UUID[]) OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $3, true) || set_config('app.role', $4, true)) IS NOT NULL;
