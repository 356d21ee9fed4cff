begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Index Scan using pk_analytics_days on analytics_days
select day as date, active_learners, weekly_active_learners, monthly_active_learners, new_learners, reviews,
    (recalled)::float / nullif((reviews - crammed), 0) as retention
from analytics_days where day between $1::DATE and $2::DATE and reviews > 0 order by day;

commit;

begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Index Only Scan using pk_vocabulary on vocabulary
-- Index Scan using pk_analytics_word_days on analytics_word_days
-- Index Scan using pk_analytics_word_months on analytics_word_months
with months as (
    select
        case when $1::DATE < $2::DATE then date_trunc('month', $1::DATE)
            else date_trunc('month', $1::DATE + interval '1 month' - interval '1 day') end::date as first,
        case when $3::DATE < $2::DATE then date_trunc('month', $3::DATE + interval '1 month')
            else date_trunc('month', $3::DATE + interval '1 day') end::date as after
),
counted as (
    select vocabulary_id, reviews, lapses from months join analytics_word_months on month >= first and month < after
    union all
    select vocabulary_id, reviews, lapses from months join analytics_word_days
        on day between $1::DATE and $3::DATE and (day < first or day >= after or after <= first)
)
select vocabulary_id, sum(reviews)::bigint as reviews, sum(lapses)::float / sum(reviews) as lapse_rate
from counted where exists (select from vocabulary where vocabulary.id = vocabulary_id)
group by vocabulary_id having sum(reviews) >= 5
order by lapse_rate desc, vocabulary_id limit $4::INTEGER;

commit;

begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Index Scan using pk_analytics_days on analytics_days
-- Seq Scan on analytics_cohorts
select cohort as week, learners, (
        select array_agg(coalesce(analytics_cohorts.learners, 0) order by number)
        from generate_series(0, least(52, ($1::DATE - cohort) / 7)) as number
        left join analytics_cohorts on analytics_cohorts.cohort = cohorts.cohort and week = number
    ) as active
from (
    select monday::date as cohort, (
            select coalesce(sum(new_learners), 0)::int from analytics_days
            where day between monday::date and monday::date + 6
        ) as learners
    from generate_series(date_trunc('week', $2::DATE), least($3::DATE, $1::DATE), interval '7 days') as monday
    offset 0
) as cohorts where learners > 0 order by cohort;

commit;

begin read only; select set_config('app.user_id', '<viewer>', true) || set_config('app.role', 'admin', true);

-- Index Scan using pk_analytics_days on analytics_days
-- Index Scan using pk_analytics_gaps on analytics_gaps
select coalesce((
        select sum(learners) from analytics_gaps where day between $1::DATE and $2::DATE and previous_day < $1::DATE
    ), 0)::int as active_learners,
    coalesce(sum(new_learners), 0)::int as new_learners, coalesce(sum(reviews), 0)::bigint as reviews,
    sum(recalled)::float / nullif(sum(reviews - crammed), 0) as retention, coalesce(sum(new_cards), 0)::bigint as new_cards,
    coalesce(sum(duration_ms), 0)::float / 60000 as study_minutes,
    coalesce(sum(textbooks_generated), 0)::int as textbooks_generated,
    coalesce(sum(chapters_read), 0)::int as chapters_read, coalesce(sum(books_started), 0)::int as books_started,
    coalesce(sum(books_finished), 0)::int as books_finished
from analytics_days where day between $1::DATE and $2::DATE;

commit;

-- Index Scan using pk_vocabulary on vocabulary
SELECT vocabulary.id, vocabulary.word, vocabulary.reading, vocabulary.romaji, vocabulary.meanings, vocabulary.jlpt_level, vocabulary.is_common, vocabulary.popularity 
FROM vocabulary 
WHERE vocabulary.id = ANY ($1::UUID[]);
