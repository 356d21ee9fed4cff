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
