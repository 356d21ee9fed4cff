-- Precomputed statistics. Materialized views do not support row-level security, so they are in a schema without grants
-- and are read through views that filter by the viewer.

CREATE SCHEMA private;

CREATE MATERIALIZED VIEW private.jlpt_content_stats AS
    SELECT
        level AS jlpt_level,
        (SELECT count(*)::int FROM books b
            WHERE b.jlpt_level = level AND b.published_at IS NOT NULL AND b.deleted_at IS NULL) AS book_count,
        (SELECT count(*)::int FROM textbooks t
            WHERE t.jlpt_level = level AND t.is_public AND t.status = 'READY' AND t.deleted_at IS NULL) AS textbook_count,
        (SELECT count(*)::int FROM vocabulary v WHERE v.jlpt_level = level) AS vocabulary_count,
        (SELECT count(*)::int FROM kanji k WHERE k.jlpt_level = level) AS kanji_count,
        now() AS refreshed_at
    FROM unnest(ARRAY['N5', 'N4', 'N3', 'N2', 'N1']) AS level;
CREATE UNIQUE INDEX ON private.jlpt_content_stats (jlpt_level);

-- The longest streak of each learner, except for the newest run of days: it may still grow, and queries count it from
-- the rows since tail_starts_on.
CREATE MATERIALIZED VIEW private.learner_statistics AS
    WITH runs AS (
        SELECT user_id, min(day) AS starts_on, max(day) AS ends_on, count(*)::int AS days
        FROM (
            SELECT user_id, day, day - (row_number() OVER (PARTITION BY user_id ORDER BY day))::int AS run
            FROM review_days WHERE reviews > 0
        ) AS numbered
        GROUP BY user_id, run
    )
    SELECT user_id, coalesce(max(days) FILTER (WHERE NOT newest), 0) AS longest_streak_days,
        max(starts_on) AS tail_starts_on, now() AS refreshed_at
    FROM (SELECT *, ends_on = max(ends_on) OVER (PARTITION BY user_id) AS newest FROM runs) AS marked
    GROUP BY user_id;
CREATE UNIQUE INDEX ON private.learner_statistics (user_id);

CREATE MATERIALIZED VIEW private.daily_activity AS
    SELECT day, count(*) AS active_learners, sum(reviews)::bigint AS reviews, sum(recalled)::bigint AS recalled
    FROM review_days WHERE reviews > 0 GROUP BY day;
CREATE UNIQUE INDEX ON private.daily_activity (day);

CREATE MATERIALIZED VIEW private.vocabulary_difficulty AS
    SELECT (reviewed_at AT TIME ZONE 'UTC')::date AS day, vocabulary_id, count(*) AS reviews,
        count(*) FILTER (WHERE quality < 3) AS lapses
    FROM reviews JOIN cards ON cards.id = card_id
    WHERE NOT undone
    GROUP BY 1, 2;
CREATE UNIQUE INDEX ON private.vocabulary_difficulty (day, vocabulary_id);

CREATE VIEW jlpt_content_stats AS SELECT * FROM private.jlpt_content_stats;
CREATE VIEW learner_statistics WITH (security_barrier) AS
    SELECT * FROM private.learner_statistics WHERE user_id = viewer_id();
CREATE VIEW daily_activity WITH (security_barrier) AS
    SELECT * FROM private.daily_activity WHERE viewer_is_admin();
CREATE VIEW vocabulary_difficulty WITH (security_barrier) AS
    SELECT * FROM private.vocabulary_difficulty WHERE viewer_is_admin();
GRANT SELECT ON jlpt_content_stats, learner_statistics, daily_activity, vocabulary_difficulty TO shinjp_app;
