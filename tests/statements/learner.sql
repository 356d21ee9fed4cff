-- A learner in whose time zone it is about noon, so that no day ends while a test runs. Twenty words are new, fifty are
-- due since yesterday and ten are due within the next days. Parameters: $1, the subject, from
-- which all ids follow; $2, the present time.
WITH zone AS (
    SELECT 'Etc/GMT' || to_char(extract(hour FROM $2::timestamptz AT TIME ZONE 'UTC')::int - 12, 'SGFM99') AS name
), learner AS (
    INSERT INTO users (id, subject, email, display_name, role)
    VALUES (md5('user ' || $1)::uuid, $1, $1 || '@shinjp.example', 'Learner', 'learner')
    RETURNING id
), settings AS (
    INSERT INTO user_settings
        (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day, time_zone)
    SELECT learner.id, 'SM2', 0.9, 20, 200, zone.name FROM learner CROSS JOIN zone
), words AS (
    SELECT id, row_number() OVER (ORDER BY jlpt_level DESC, id DESC) - 1 AS n FROM vocabulary
    ORDER BY n LIMIT 80
), made AS (
    INSERT INTO cards (id, user_id, vocabulary_id, state, due_at, due_day, interval_days, ease_factor, repetitions, lapses,
        first_reviewed_at, last_reviewed_at, last_reviewed_day, last_entry_at, version, created_at)
    SELECT md5('card ' || $1 || '/' || n)::uuid, learner.id, words.id,
        CASE WHEN n < 60 THEN 'REVIEW' ELSE 'NEW' END,
        CASE WHEN n < 60 THEN (answered_on + 6 + interval '4 hours') AT TIME ZONE zone.name
            ELSE $2::timestamptz - interval '30 days' END,
        CASE WHEN n < 60 THEN answered_on + 6 END,
        CASE WHEN n < 60 THEN 6 ELSE 0 END, 2.5, CASE WHEN n < 60 THEN 2 ELSE 0 END, 0,
        CASE WHEN n < 60 THEN answered_at - interval '1 day' END, CASE WHEN n < 60 THEN answered_at END,
        CASE WHEN n < 60 THEN answered_on END, CASE WHEN n < 60 THEN answered_at END, CASE WHEN n < 60 THEN 3 ELSE 1 END, $2::timestamptz - interval '30 days'
    FROM words CROSS JOIN learner CROSS JOIN zone
    CROSS JOIN LATERAL (SELECT CASE WHEN n < 50 THEN $2::timestamptz - interval '7 days' - n * interval '1 minute'
        ELSE $2::timestamptz - (59 - n) * interval '6 hours' END AS answered_at) AS last
    CROSS JOIN LATERAL (SELECT (answered_at AT TIME ZONE zone.name - interval '4 hours')::date AS answered_on) AS day
    RETURNING id, user_id, last_reviewed_at, last_reviewed_day
), answers AS (
    INSERT INTO reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
        interval_days_after, duration_ms, day, due_day)
    SELECT md5('review ' || made.id || '/' || nth)::uuid, last_reviewed_at - (1 - nth) * interval '1 day', user_id, made.id,
        made.id || '-' || nth, 4, nth, CASE nth WHEN 0 THEN 1 ELSE 6 END, 60000, last_reviewed_day - (1 - nth)::int,
        last_reviewed_day - (1 - nth)::int + CASE nth WHEN 0 THEN 1 ELSE 6 END
    FROM made CROSS JOIN generate_series(0, 1) AS nth WHERE last_reviewed_at IS NOT NULL
    RETURNING *
), keys AS (
    INSERT INTO review_keys (user_id, idempotency_key, review_id, reviewed_at)
    SELECT user_id, idempotency_key, id, reviewed_at FROM answers
), days AS (
    INSERT INTO review_days (user_id, day, reviews, recalled, new_cards, duration_ms)
    SELECT user_id, day, count(*), count(*), count(*) FILTER (WHERE interval_days_before = 0), sum(duration_ms)
    FROM answers GROUP BY 1, 2
)
INSERT INTO reading_progress (id, user_id, book_id, current_page, started_at, last_read_at)
SELECT md5('progress ' || $1 || '/' || n)::uuid, learner.id, books.id, 1, $2::timestamptz - interval '9 days', $2::timestamptz - n * interval '1 day'
FROM (SELECT id, row_number() OVER (ORDER BY created_at DESC, id DESC) AS n FROM books WHERE page_count > 1 ORDER BY n LIMIT 3) AS books
CROSS JOIN learner
