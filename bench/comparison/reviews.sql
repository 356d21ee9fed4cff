-- SM-2 in one UPDATE, for the servers that are compared with this one: no log, no idempotency, and days of UTC.
update cards set
    repetitions = case when quality < 3 then 0 else repetitions + 1 end,
    lapses = lapses + (quality < 3)::int,
    ease_factor = case when quality < 3 then ease_factor
        else greatest(1.3, ease_factor - 0.8 + 0.28 * quality - 0.02 * quality * quality) end,
    interval_days = days,
    due_at = current_date + days * interval '1 day',
    due_day = current_date + days,
    state = case when quality < 3 then 'RELEARNING' else 'REVIEW' end,
    last_reviewed_at = now(),
    version = version + 1
from (
    select cards.id as card_id, quality, least(36500, case
        when quality < 3 or repetitions = 0 then 1
        when repetitions = 1 then 6
        else ceil(interval_days * ease_factor) end)::int as days
    from unnest($2::uuid[], $3::int[]) as answers (card_id, quality) join cards on cards.id = card_id
    where user_id = $1 and deleted_at is null
) as reviewed
where id = card_id and user_id = $1
returning id, state, due_at
