-- Index Scan using ix_cards_due on cards
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
    select greatest(coalesce(due_day, ((due_at at time zone time_zone) - turn)::date), today) as day,
        count(*) filter (where maturity < 2) as learning, count(*) filter (where maturity = 2) as young,
        count(*) filter (where maturity = 3) as mature
    from cards cross join learner cross join lateral (select (case when interval_days >= 21 then 3 when interval_days >= 1 then 2 when interval_days > 0 then 1 else 0 end) as maturity) as known
    where user_id = $2::UUID and deleted_at is null and not suspended and queue <> 'NEW'
        and due_at < (select least((today + $3::INTEGER + turn) at time zone time_zone, ((today + $3::INTEGER + turn) - interval '1 microsecond') at time zone time_zone + interval '1 microsecond') from learner) and (
    (
        cast($4::TEXT[] as text[]) is null
        or vocabulary_id in (select id from vocabulary where jlpt_level = any($4::TEXT[]))
        or kanji_id in (select id from kanji where jlpt_level = any($4::TEXT[]))
    ) and (cast($5::TEXT[] as text[]) is null or kind = any($5::TEXT[]))
)
    group by 1
)
select today + day_number as date, coalesce(learning, 0)::int as learning, coalesce(young, 0)::int as young,
    coalesce(mature, 0)::int as mature
from learner cross join generate_series(0, $3::INTEGER - 1) as day_number left join due on due.day = today + day_number
order by 1
 OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $6, true) || set_config('app.role', $7, true)) IS NOT NULL;

-- Index Only Scan using ix_cards_lapsed on cards
-- Index Scan using reviews_<month>_card_id_reviewed_at_idempotency_key_idx on reviews_<month>
-- Index Scan using reviews_<month>_user_id_reviewed_at_id_idx on reviews_<month>
-- Seq Scan on reviews_<month>
-- Seq Scan on reviews_default
SELECT answer.* FROM (
with hardest as materialized (
    select id, lapses from cards
    where user_id = $1::UUID and deleted_at is null and lapses > 0 and (
    (
        cast($2::TEXT[] as text[]) is null
        or vocabulary_id in (select id from vocabulary where jlpt_level = any($2::TEXT[]))
        or kanji_id in (select id from kanji where jlpt_level = any($2::TEXT[]))
    ) and (cast($3::TEXT[] as text[]) is null or kind = any($3::TEXT[]))
)
    order by lapses desc, id limit $4::INTEGER
)
select hardest.id as card_id, count(reviews.id)::int as reviews,
    count(reviews.id) filter (where quality >= 3)::int as recalled
from hardest left join lateral (
    select id, quality from reviews where card_id = hardest.id and user_id = $1::UUID and not undone
        and rescheduled offset 0
) as reviews on true
group by hardest.id, lapses
order by lapses desc, hardest.id
 OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $5, true) || set_config('app.role', $6, true)) IS NOT NULL;

-- Index Only Scan using ix_cards_changed on cards
-- Index Scan using ix_cards_user_id_id on cards
-- Index Scan using pk_kanji on kanji
-- Index Scan using pk_review_days on review_days
-- Index Scan using pk_user_settings on user_settings
-- Index Scan using pk_vocabulary on vocabulary
-- Index Scan using reviews_<month>_user_id_reviewed_at_id_idx on reviews_<month>
-- Seq Scan on card_count_changes
-- Seq Scan on card_counts
-- Seq Scan on card_statistics
-- Seq Scan on counted_cards
-- Seq Scan on review_statistics
-- Seq Scan on reviews_<month>
-- Seq Scan on reviews_default
-- Seq Scan on statistics_days
-- Seq Scan on tombstones
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
    days as materialized (
        select review_days.day, date_trunc('month', review_days.day::timestamp)::date as month,
            counted_at is distinct from updated_at as is_changed
        from review_days left join statistics_days using (user_id, day)
        where user_id = $2::UUID and review_days.day between '-infinity'::date and $3::DATE
    ),
    counted_days as materialized (select day from days where is_changed),
    months as materialized (
        select month, (next_month <= $4::DATE or ($5::VARCHAR = 'MONTH' and month >= $4::DATE and next_month <= $3::DATE + 1)) and not has_changed as is_used
        from (
            select month, (month + interval '1 month')::date as next_month, bool_or(is_changed) as has_changed
            from days group by month
        ) as of_range
    ),
    spans as materialized (
        select 'MONTH' as unit, month as starts_on from months where is_used
        union all
        select 'DAY', day from days join months using (month) where not is_used and not is_changed
    ),
    counted as materialized (
        select starts_on, reviews, recalled, duration_ms, new_cards, learning_change, young_change, mature_change from spans join review_statistics using (unit, starts_on)
        where user_id = $2::UUID and (
        (cast($6::TEXT[] as text[]) is null or jlpt_level = any($6::TEXT[]))
        and (cast($7::TEXT[] as text[]) is null or kind = any($7::TEXT[]))
    )
    )
    , 
    logged as materialized (
        select reviews.day,
            coalesce(
    (select jlpt_level from vocabulary where vocabulary.id = vocabulary_id),
    (select jlpt_level from kanji where kanji.id = kanji_id),
    ''
) as jlpt_level, kind,
            (quality >= 3)::int as recalled, duration_ms, retrievability, interval_days_before,
            (case when interval_days_before >= 21 then 3 when interval_days_before >= 1 then 2 when interval_days_before > 0 then 1 else 0 end) as maturity_before,
            (case when interval_days_after >= 21 then 3 when interval_days_after >= 1 then 2 when interval_days_after > 0 then 1 else 0 end) as maturity_after,
            coalesce(hour, extract(hour from reviewed_at at time zone time_zone))::int as hour,
            reviewed_at = cards.first_reviewed_at and 1 = row_number() over (
                partition by card_id, reviewed_at order by idempotency_key collate "C"
            ) as is_first
        from counted_days
            cross join lateral (
                select * from reviews
                where reviews.user_id = $2::UUID and not undone and rescheduled and reviews.day = counted_days.day
                    and reviewed_at >= counted_days.day::timestamp at time zone 'UTC' - interval '25 hours'
                    and reviewed_at <= counted_days.day::timestamp at time zone 'UTC' + interval '73 hours'
                offset 0
            ) as reviews
            cross join lateral (
                select vocabulary_id, kanji_id, kind, first_reviewed_at from cards
                where cards.user_id = $2::UUID and cards.id = card_id offset 0
            ) as cards join user_settings on user_settings.user_id = $2::UUID
    )
    , 
    logged_totals as (
        select day, jlpt_level, kind, count(*)::int as reviews, sum(recalled)::int as recalled,
            count(*) filter (where is_first)::int as new_cards, coalesce(sum(duration_ms), 0)::bigint as duration_ms,
            count(duration_ms)::int as timed_reviews,
            (count(*) filter (where maturity_after = 1) - count(*) filter (where maturity_before = 1))::int
                as learning_change,
            (count(*) filter (where maturity_after = 2) - count(*) filter (where maturity_before = 2))::int
                as young_change,
            (count(*) filter (where maturity_after = 3) - count(*) filter (where maturity_before = 3))::int
                as mature_change
        from logged group by day, jlpt_level, kind
    )
,

    card_count as materialized (
        select counted_in from card_counts join user_settings using (user_id)
        where user_id = $2::UUID and (
    card_counts.database = database_identity() and card_counts.time_zone = user_settings.time_zone
    and card_counts.day_starts_at_hour = user_settings.day_starts_at_hour
)
    ),
    changed_cards as materialized (
        select id from cards where user_id = $2::UUID and changed_in >= (select counted_in from card_count)
        union
        select object_id from tombstones
        where user_id = $2::UUID and type = 'CARD' and changed_in >= (select counted_in from card_count)
    ),
    
    quarters as (
        select date_bin('15 minutes', created_at, (select day_ends_at from learner)) as added_at,
            date_bin('15 minutes', first_reviewed_at, (select day_ends_at from learner)) as started_at,
            (case when interval_days >= 21 then 3 when interval_days >= 1 then 2 when interval_days > 0 then 1 else 0 end) as maturity, count(*)::int as number
        from (select created_at, first_reviewed_at, interval_days from changed_cards join cards using (id) where user_id = $2::UUID and deleted_at is null and (
    (
        cast($6::TEXT[] as text[]) is null
        or vocabulary_id in (select id from vocabulary where jlpt_level = any($6::TEXT[]))
        or kanji_id in (select id from kanji where jlpt_level = any($6::TEXT[]))
    ) and (cast($7::TEXT[] as text[]) is null or kind = any($7::TEXT[]))
)
            union all select created_at, first_reviewed_at, interval_days from cards where user_id = $2::UUID and deleted_at is null and (
    (
        cast($6::TEXT[] as text[]) is null
        or vocabulary_id in (select id from vocabulary where jlpt_level = any($6::TEXT[]))
        or kanji_id in (select id from kanji where jlpt_level = any($6::TEXT[]))
    ) and (cast($7::TEXT[] as text[]) is null or kind = any($7::TEXT[]))
) and not exists (select from card_count)) as found group by 1, 2, 3
    ),
    present as (
        select ((added_at at time zone time_zone) - turn)::date as added_on,
            ((started_at at time zone time_zone) - turn)::date as started_on, maturity, number
        from quarters cross join learner
    )
    ,
    own_cards as materialized (
        select added_on, started_on, maturity, number from present
        union all
        select added_on, started_on, maturity, -1
        from changed_cards join counted_cards on card_id = changed_cards.id
        where user_id = $2::UUID and (
        (cast($6::TEXT[] as text[]) is null or jlpt_level = any($6::TEXT[]))
        and (cast($7::TEXT[] as text[]) is null or kind = any($7::TEXT[]))
    )
    ),
    card_months as materialized (
        select month::date as month, next_month,
            next_month <= $4::DATE
                or ($5::VARCHAR = 'MONTH' and month >= $4::DATE and next_month <= $3::DATE + 1) as is_whole
        from generate_series(
            (select min(starts_on) from card_statistics where user_id = $2::UUID and unit = 'MONTH')::timestamp,
            cast($3::DATE as timestamp), '1 month'
        ) as month cross join lateral (select (month + interval '1 month')::date as next_month) as next_months
        where exists (select from card_count)
    ),
    card_spans as materialized (
        select 'MONTH' as unit, month as starts_on from card_months where is_whole
        union all
        select 'DAY', month + number
        from card_months cross join lateral generate_series(0, least(next_month - 1, $3::DATE) - month) as number
        where not is_whole
    ),
    
    card_days as (
        select added_on as day, number as added, 0 as started from own_cards
        union all
        select started_on, 0, number from own_cards where started_on is not null
        union all
        select starts_on, added, started
        from card_spans cross join lateral (
            select added, started from card_statistics
            where user_id = $2::UUID and unit = card_spans.unit and starts_on = card_spans.starts_on and (
        (cast($6::TEXT[] as text[]) is null or jlpt_level = any($6::TEXT[]))
        and (cast($7::TEXT[] as text[]) is null or kind = any($7::TEXT[]))
    )
            offset 0
        ) as counted
    ),
    present_cards as (
        select coalesce(sum(number) filter (where maturity = 0), 0) as new,
            coalesce(sum(number) filter (where maturity = 1), 0) as learning,
            coalesce(sum(number) filter (where maturity = 2), 0) as young,
            coalesce(sum(number) filter (where maturity = 3), 0) as mature
        from (select maturity, number from own_cards union all
            select counts.maturity, counts.number
            from (
                select sum(added) as added, sum(learning) as learning, sum(young) as young, sum(mature) as mature
                from card_statistics
                where user_id = $2::UUID and unit = 'MONTH' and (
        (cast($6::TEXT[] as text[]) is null or jlpt_level = any($6::TEXT[]))
        and (cast($7::TEXT[] as text[]) is null or kind = any($7::TEXT[]))
    ) and exists (select from card_count)
            ) as sums cross join lateral (
                values (0, added - learning - young - mature), (1, learning), (2, young), (3, mature)
            ) as counts (maturity, number)) as every
    )
    
,
changes as (
    select starts_on as day, reviews, recalled, duration_ms, 0 as added, new_cards as started, 0 as new_change,
        learning_change, young_change, mature_change
    from counted
    union all
    select day, reviews, recalled, duration_ms, 0, new_cards, 0, learning_change, young_change, mature_change
    from logged_totals where (
        (cast($6::TEXT[] as text[]) is null or jlpt_level = any($6::TEXT[]))
        and (cast($7::TEXT[] as text[]) is null or kind = any($7::TEXT[]))
    )
    union all
    select day, 0, 0, 0, 0, 0, new_change, learning_change, young_change, mature_change
    from card_count_changes where user_id = $2::UUID and (
        (cast($6::TEXT[] as text[]) is null or jlpt_level = any($6::TEXT[]))
        and (cast($7::TEXT[] as text[]) is null or kind = any($7::TEXT[]))
    )
    union all
    select day, 0, 0, 0, added, 0, added - started, 0, 0, 0 from card_days
),
-- All that is before the range starts at -infinity.
sums as (
    select case when day >= $4::DATE then date_trunc($5::VARCHAR, day::timestamp)::date else '-infinity' end as starts_on,
        sum(reviews) as reviews, sum(recalled) as recalled, sum(duration_ms) as duration_ms, sum(added) as added,
        sum(started) as started, sum(new_change) as new, sum(learning_change) as learning, sum(young_change) as young,
        sum(mature_change) as mature
    from changes where day <= $3::DATE group by 1
),
calendar as (
    select date_trunc($5::VARCHAR, dates.day)::date as starts_on, bool_or(dates.day::date = today) as is_present,
        count(freeze_reason)::int as frozen_days, case $5::VARCHAR when 'DAY' then max(freeze_reason) end as streak_freeze
    from learner
        cross join generate_series(cast($4::DATE as timestamp), least($3::DATE, today)::timestamp, '1 day')
            as dates (day)
        left join (
            select day, freeze_reason from review_days
            where user_id = $2::UUID and day between $4::DATE and $3::DATE and freeze_reason is not null
        ) as frozen on frozen.day = dates.day::date
    group by 1
),
series as (
    select starts_on, is_present, frozen_days, streak_freeze, coalesce(reviews, 0) as reviews,
        coalesce(recalled, 0) as recalled, coalesce(duration_ms, 0) as duration_ms, coalesce(added, 0) as added,
        coalesce(started, 0) as started,
        sum(new) over until_then as new, sum(learning) over until_then as learning, sum(young) over until_then as young,
        sum(mature) over until_then as mature
    from (select * from calendar union all select '-infinity', false, 0, null) as calendar
        left join sums using (starts_on)
    window until_then as (order by starts_on)
)
select starts_on, reviews::int, recalled::int, duration_ms::float8 / 60000 as study_minutes, added::int, started::int,
    frozen_days, streak_freeze,
    case when is_present then present.new else greatest(series.new, 0) end::int as new,
    case when is_present then present.learning else greatest(series.learning, 0) end::int as learning,
    case when is_present then present.young else greatest(series.young, 0) end::int as young,
    case when is_present then present.mature else greatest(series.mature, 0) end::int as mature
from series cross join present_cards as present
where isfinite(starts_on) order by starts_on
 OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $8, true) || set_config('app.role', $9, true)) IS NOT NULL;

-- Index Scan using ix_cards_user_id_id on cards
-- Index Scan using pk_kanji on kanji
-- Index Scan using pk_review_days on review_days
-- Index Scan using pk_user_settings on user_settings
-- Index Scan using pk_vocabulary on vocabulary
-- Index Scan using reviews_<month>_user_id_reviewed_at_id_idx on reviews_<month>
-- Seq Scan on review_statistics
-- Seq Scan on reviews_<month>
-- Seq Scan on reviews_default
-- Seq Scan on statistics_days
SELECT answer.* FROM (
with 
    days as materialized (
        select review_days.day, date_trunc('month', review_days.day::timestamp)::date as month,
            counted_at is distinct from updated_at as is_changed
        from review_days left join statistics_days using (user_id, day)
        where user_id = $1::UUID and review_days.day between $2::DATE and $3::DATE
    ),
    counted_days as materialized (select day from days where is_changed),
    months as materialized (
        select month, (month >= $2::DATE and next_month <= $3::DATE + 1) and not has_changed as is_used
        from (
            select month, (month + interval '1 month')::date as next_month, bool_or(is_changed) as has_changed
            from days group by month
        ) as of_range
    ),
    spans as materialized (
        select 'MONTH' as unit, month as starts_on from months where is_used
        union all
        select 'DAY', day from days join months using (month) where not is_used and not is_changed
    ),
    counted as materialized (
        select * from spans join review_statistics using (unit, starts_on)
        where user_id = $1::UUID and (
        (cast($4::TEXT[] as text[]) is null or jlpt_level = any($4::TEXT[]))
        and (cast($5::TEXT[] as text[]) is null or kind = any($5::TEXT[]))
    )
    )
    , 
    logged as materialized (
        select reviews.day,
            coalesce(
    (select jlpt_level from vocabulary where vocabulary.id = vocabulary_id),
    (select jlpt_level from kanji where kanji.id = kanji_id),
    ''
) as jlpt_level, kind,
            (quality >= 3)::int as recalled, duration_ms, retrievability, interval_days_before,
            (case when interval_days_before >= 21 then 3 when interval_days_before >= 1 then 2 when interval_days_before > 0 then 1 else 0 end) as maturity_before,
            (case when interval_days_after >= 21 then 3 when interval_days_after >= 1 then 2 when interval_days_after > 0 then 1 else 0 end) as maturity_after,
            coalesce(hour, extract(hour from reviewed_at at time zone time_zone))::int as hour,
            reviewed_at = cards.first_reviewed_at and 1 = row_number() over (
                partition by card_id, reviewed_at order by idempotency_key collate "C"
            ) as is_first
        from counted_days
            cross join lateral (
                select * from reviews
                where reviews.user_id = $1::UUID and not undone and rescheduled and reviews.day = counted_days.day
                    and reviewed_at >= counted_days.day::timestamp at time zone 'UTC' - interval '25 hours'
                    and reviewed_at <= counted_days.day::timestamp at time zone 'UTC' + interval '73 hours'
                offset 0
            ) as reviews
            cross join lateral (
                select vocabulary_id, kanji_id, kind, first_reviewed_at from cards
                where cards.user_id = $1::UUID and cards.id = card_id offset 0
            ) as cards join user_settings on user_settings.user_id = $1::UUID
    )
    , 
    logged_totals as (
        select day, jlpt_level, kind, count(*)::int as reviews, sum(recalled)::int as recalled,
            count(*) filter (where is_first)::int as new_cards, coalesce(sum(duration_ms), 0)::bigint as duration_ms,
            count(duration_ms)::int as timed_reviews,
            (count(*) filter (where maturity_after = 1) - count(*) filter (where maturity_before = 1))::int
                as learning_change,
            (count(*) filter (where maturity_after = 2) - count(*) filter (where maturity_before = 2))::int
                as young_change,
            (count(*) filter (where maturity_after = 3) - count(*) filter (where maturity_before = 3))::int
                as mature_change
        from logged group by day, jlpt_level, kind
    )
, 
    logged_cells as (
        select day, jlpt_level, kind, cell::smallint, count(*)::int as reviews, sum(recalled)::int as recalled,
            coalesce(sum(prediction), 0)::bigint as predictions
        from logged cross join lateral (values
            (0 + maturity_before, null),
            (case when interval_days_before >= 1 then
                9 + width_bucket(interval_days_before, array[1, 2, 4, 8, 16, 32, 64, 128, 256, 512]::float8[]) end, null),
            (case when interval_days_before >= 1 then 30 + hour end, null),
            (case when retrievability is not null then 60 + least(
                retrievability * 20 / 10000, 19
            ) end, retrievability)
        ) as cells (cell, prediction)
        where cell is not null
        group by day, jlpt_level, kind, cell
    )
,
every as (
    -- In the list of columns, because a function in the list of tables stores its rows.
    select jlpt_level, unnest(cells) as cell, unnest(cell_reviews) as reviews, unnest(cell_recalled) as recalled,
        unnest(cell_predictions) as predictions
    from counted
    union all
    select jlpt_level, cell, reviews, recalled, predictions from logged_cells where (
        (cast($4::TEXT[] as text[]) is null or jlpt_level = any($4::TEXT[]))
        and (cast($5::TEXT[] as text[]) is null or kind = any($5::TEXT[]))
    )
),
totals as (
    select jlpt_level, reviews, recalled, new_cards, duration_ms, timed_reviews from counted
    union all
    select jlpt_level, reviews, recalled, new_cards, duration_ms, timed_reviews from logged_totals
    where (
        (cast($4::TEXT[] as text[]) is null or jlpt_level = any($4::TEXT[]))
        and (cast($5::TEXT[] as text[]) is null or kind = any($5::TEXT[]))
    )
)
select nullif(jlpt_level, '') as jlpt_level, cell::int, sum(reviews)::bigint as reviews,
    sum(recalled)::bigint as recalled, sum(predictions)::bigint as predictions, 0::bigint as new_cards,
    0::bigint as duration_ms, 0::bigint as timed_reviews
from every group by jlpt_level, cell
union all
select nullif(jlpt_level, ''), -1, sum(reviews)::bigint, sum(recalled)::bigint, 0, sum(new_cards)::bigint,
    sum(duration_ms)::bigint, sum(timed_reviews)::bigint
from totals group by jlpt_level
 OFFSET 0) AS answer WHERE (SELECT set_config('app.user_id', $6, true) || set_config('app.role', $7, true)) IS NOT NULL;

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
