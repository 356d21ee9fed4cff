INSERT INTO users (id, subject, email, display_name, role, created_at, last_active_at)
    SELECT pg_temp.learner_id(n), 'seed-' || n, 'seed-' || n || '@shinjp.example', 'Learner ' || n, 'learner',
        pg_temp.anchor() - n * interval '10 minutes',
        pg_temp.anchor() - least(n, n::bigint * 7919 % 10007) * interval '10 minutes'
    FROM generate_series(1, pg_temp.number('learners')) AS n
    ON CONFLICT DO NOTHING;
INSERT INTO user_settings (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day, time_zone)
    SELECT pg_temp.learner_id(n), 'SM2', 0.9, 20, 200, 'UTC' FROM generate_series(1, pg_temp.number('learners')) AS n
    ON CONFLICT DO NOTHING;
