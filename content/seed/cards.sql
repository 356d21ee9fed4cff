-- Learner n has the words from number n on. The state of a card is that after its last review: see reviews.sql.
INSERT INTO cards (id, user_id, vocabulary_id, state, due_at, due_day, interval_days, ease_factor, repetitions, lapses,
        first_reviewed_at, last_reviewed_at, last_reviewed_day, last_entry_at, version, created_at)
    SELECT pg_temp.card_id(learner, word), pg_temp.learner_id(learner), numbered_words.id,
        CASE WHEN reviews = 0 THEN 'NEW' ELSE 'REVIEW' END,
        CASE WHEN reviews = 0 THEN pg_temp.anchor() ELSE (due_day + interval '4 hours') AT TIME ZONE 'UTC' END,
        CASE WHEN reviews > 0 THEN due_day END,
        CASE WHEN reviews = 0 THEN 0 ELSE pg_temp.gap_days() END, 2.5,
        CASE WHEN reviews > 4 AND lapses = 1 THEN reviews - 4 ELSE reviews END, lapses,
        CASE WHEN reviews > 0 THEN pg_temp.reviewed_at(learner, word, 0) END,
        CASE WHEN reviews > 0 THEN last_at END, CASE WHEN reviews > 0 THEN pg_temp.day_of(last_at) END,
        CASE WHEN reviews > 0 THEN last_at END, reviews + 1, pg_temp.anchor() - interval '366 days'
    FROM generate_series(pg_temp.number('first'), pg_temp.number('last')) AS learner
    CROSS JOIN generate_series(0, pg_temp.number('cards_each') - 1) AS word
    CROSS JOIN LATERAL (SELECT pg_temp.number('reviews_each') AS reviews) AS each
    CROSS JOIN LATERAL (SELECT (reviews > 4 AND word % 2 = 0)::int AS lapses) AS forgotten
    CROSS JOIN LATERAL (SELECT pg_temp.reviewed_at(learner, word, reviews - 1) AS last_at) AS last
    CROSS JOIN LATERAL (SELECT pg_temp.day_of(last_at + pg_temp.gap_days() * interval '1 day') AS due_day) AS due
    JOIN numbered_words ON numbered_words.n = (learner + word) % (SELECT count(*) FROM numbered_words)
    ON CONFLICT DO NOTHING;
