-- A learner in whose time zone it is about noon, so that no day ends while a test runs. Twenty words are new, fifty are
-- due since yesterday and ten are due within the next days. Parameters: $1, the subject, from
-- which all ids follow; $2, the present time.
WITH learner AS (
    INSERT INTO users (id, subject, email, display_name, role)
    VALUES (md5('user ' || $1)::uuid, $1, $1 || '@shinjp.example', 'Learner', 'learner')
    RETURNING id
), settings AS (
    INSERT INTO user_settings
        (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day, time_zone)
    SELECT id, 'SM2', 0.9, 20, 200, 'Etc/GMT' || to_char(extract(hour FROM $2::timestamptz AT TIME ZONE 'UTC')::int - 12, 'SGFM99')
    FROM learner
), words AS (
    SELECT id, row_number() OVER (ORDER BY jlpt_level DESC, id DESC) - 1 AS n FROM vocabulary
    ORDER BY n LIMIT 80
), made AS (
    INSERT INTO cards (id, user_id, vocabulary_id, state, due_at, interval_days, ease_factor, repetitions, lapses,
        last_reviewed_at, version, created_at)
    SELECT md5('card ' || $1 || '/' || n)::uuid, learner.id, words.id,
        CASE WHEN n < 60 THEN 'REVIEW' ELSE 'NEW' END,
        CASE WHEN n < 60 THEN answered_at + interval '6 days' ELSE $2::timestamptz - interval '30 days' END,
        CASE WHEN n < 60 THEN 6 ELSE 0 END, 2.5, CASE WHEN n < 60 THEN 2 ELSE 0 END, 0,
        CASE WHEN n < 60 THEN answered_at END, CASE WHEN n < 60 THEN 3 ELSE 1 END, $2::timestamptz - interval '30 days'
    FROM words CROSS JOIN learner
    CROSS JOIN LATERAL (SELECT CASE WHEN n < 50 THEN $2::timestamptz - interval '7 days' - n * interval '1 minute'
        ELSE $2::timestamptz - (59 - n) * interval '6 hours' END AS answered_at) AS last
    RETURNING id, user_id, last_reviewed_at
), answers AS (
    INSERT INTO reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
        interval_days_after, duration_ms)
    SELECT md5('review ' || made.id || '/' || nth)::uuid, last_reviewed_at - (1 - nth) * interval '1 day', user_id, made.id,
        made.id || '-' || nth, 4, nth, CASE nth WHEN 0 THEN 1 ELSE 6 END, 60000
    FROM made CROSS JOIN generate_series(0, 1) AS nth WHERE last_reviewed_at IS NOT NULL
    RETURNING *
), keys AS (
    INSERT INTO review_keys (user_id, idempotency_key, review_id, reviewed_at)
    SELECT user_id, idempotency_key, id, reviewed_at FROM answers
), days AS (
    INSERT INTO review_days (user_id, day, reviews, recalled, new_cards, duration_ms)
    SELECT answers.user_id, (reviewed_at AT TIME ZONE time_zone - interval '4 hours')::date, count(*), count(*),
        count(*) FILTER (WHERE interval_days_before = 0), sum(duration_ms)
    FROM answers CROSS JOIN (
        SELECT 'Etc/GMT' || to_char(extract(hour FROM $2::timestamptz AT TIME ZONE 'UTC')::int - 12, 'SGFM99') AS time_zone
    ) AS zone GROUP BY 1, 2
)
INSERT INTO reading_progress (id, user_id, book_id, current_page, started_at, last_read_at)
SELECT md5('progress ' || $1 || '/' || n)::uuid, learner.id, books.id, 1, $2::timestamptz - interval '9 days', $2::timestamptz - n * interval '1 day'
FROM (SELECT id, row_number() OVER (ORDER BY created_at DESC, id DESC) AS n FROM books WHERE page_count > 1 ORDER BY n LIMIT 3) AS books
CROSS JOIN learner
