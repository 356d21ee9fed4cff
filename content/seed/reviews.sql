-- Each card is reviewed at equal intervals over a year; every second one is forgotten at the fourth review.
CREATE TEMPORARY TABLE seeded_reviews AS
    SELECT pg_temp.seeded_id('review', (learner::bigint * 100000 + word) * 1000 + nth, at) AS id, at AS reviewed_at,
        pg_temp.learner_id(learner) AS user_id, pg_temp.card_id(learner, word) AS card_id,
        'seed-' || word || '-' || nth AS idempotency_key,
        CASE WHEN nth = 3 AND word % 2 = 0 AND reviews > 4 THEN 2 ELSE 4 END AS quality,
        CASE WHEN nth = 0 THEN 0 ELSE pg_temp.gap_days() END AS interval_days_before,
        pg_temp.gap_days() AS interval_days_after, 2000 + (word * 31 + nth * 17) % 8000 AS duration_ms, nth
    FROM generate_series(pg_temp.number('first'), pg_temp.number('last')) AS learner
    CROSS JOIN generate_series(0, pg_temp.number('cards_each') - 1) AS word
    CROSS JOIN LATERAL (SELECT pg_temp.number('reviews_each') AS reviews) AS each
    CROSS JOIN generate_series(0, reviews - 1) AS nth
    CROSS JOIN LATERAL (SELECT pg_temp.reviewed_at(learner, word, nth) AS at) AS moment;
INSERT INTO reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
        interval_days_after, duration_ms, day, due_day)
    SELECT id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before, interval_days_after,
        duration_ms, pg_temp.day_of(reviewed_at), pg_temp.day_of(reviewed_at + pg_temp.gap_days() * interval '1 day')
    FROM seeded_reviews ORDER BY reviewed_at ON CONFLICT DO NOTHING;
INSERT INTO review_keys (user_id, idempotency_key, review_id, reviewed_at)
    SELECT user_id, idempotency_key, id, reviewed_at FROM seeded_reviews ORDER BY 1, 2 ON CONFLICT DO NOTHING;
INSERT INTO review_days (user_id, day, reviews, recalled, new_cards, duration_ms)
    SELECT user_id, pg_temp.day_of(reviewed_at), count(*),
        count(*) FILTER (WHERE quality >= 3), count(*) FILTER (WHERE nth = 0), sum(duration_ms)
    FROM seeded_reviews GROUP BY 1, 2 ON CONFLICT DO NOTHING;
DROP TABLE seeded_reviews;
