"""The streak of a learner, as a part of statements."""

# Follows `LEARNER`. If a day before the newest run changed after the refresh, the view is stale and all days are
# counted. The minute covers transactions that started before the refresh and committed after it.
#
# A streak does not end as long as the days missed since the last review have freezes left: in each month as many as the
# setting allows. They are frozen when the next review is saved, except those that ended a streak before the setting
# changed.
STREAK = """
    earlier as (
        select longest_streak_days, tail_starts_on from learner_statistics
        where user_id = :viewer_id and not exists (
            select 1 from review_days
            where user_id = :viewer_id and updated_at > refreshed_at - interval '1 minute' and day < tail_starts_on
        )
    ),
    runs as (
        select (count(*) filter (where reviews > 0))::int as days, max(day) filter (where reviews > 0) as studied_on
        from (
            select reviews, day, day - (row_number() over (order by day))::int as run
            from review_days
            where user_id = :viewer_id and (reviews > 0 or freeze_reason is not null)
                and day >= coalesce((select tail_starts_on from earlier), '-infinity')
        ) as numbered
        group by run
    ),
    last_run as (select days, studied_on from runs where days > 0 order by studied_on desc limit 1),
    used as (
        select date_trunc('month', day) as month, count(*)::int as days from review_days
        where user_id = :viewer_id and freeze_reason = 'MISSED'
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
            where frozen.user_id = :viewer_id and frozen.day = since.day and freeze_reason is not null
        )
    ),
    missed as (select date_trunc('month', day) as month, count(*)::int as days from missed_days group by 1),
    streak as (
        select days as streak_days from last_run, user_settings
        where user_id = :viewer_id and not exists (
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
"""
