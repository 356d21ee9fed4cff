"""Days without reviews that do not end a streak."""

from db.migrations.statements import run

revision = "0038"
down_revision = "0037"

_DROP_STATISTICS = """
    DROP VIEW learner_statistics;
    DROP MATERIALIZED VIEW private.learner_statistics;
"""
_CREATE_STATISTICS = """
    CREATE UNIQUE INDEX ON private.learner_statistics (user_id);
    CREATE VIEW learner_statistics WITH (security_barrier) AS
        SELECT * FROM private.learner_statistics WHERE user_id = viewer_id();
    GRANT SELECT ON learner_statistics TO shinjp_app;
"""


def upgrade() -> None:
    run(_DROP_STATISTICS)
    run(
        """
        ALTER TABLE user_settings
            ADD COLUMN streak_freezes_per_month SMALLINT DEFAULT 0 NOT NULL
                CONSTRAINT ck_user_settings_streak_freezes_per_month_range
                CHECK (streak_freezes_per_month between 0 and 10);
        ALTER TABLE review_days
            ADD COLUMN freeze_reason TEXT CONSTRAINT ck_review_days_freeze_reason_known
                CHECK (freeze_reason in ('MISSED', 'TRAVEL', 'VACATION'));

        -- Frozen days are in runs, but do not count. The newest run is the last one with reviews: days after it may
        -- still be frozen, and queries recount all days since tail_starts_on.
        CREATE MATERIALIZED VIEW private.learner_statistics AS
            WITH runs AS (
                SELECT user_id, min(day) AS starts_on, max(day) FILTER (WHERE reviews > 0) AS studied_on,
                    (count(*) FILTER (WHERE reviews > 0))::int AS days
                FROM (
                    SELECT user_id, day, reviews,
                        day - (row_number() OVER (PARTITION BY user_id ORDER BY day))::int AS run
                    FROM review_days WHERE reviews > 0 OR freeze_reason IS NOT NULL
                ) AS numbered
                GROUP BY user_id, run
            )
            SELECT user_id, coalesce(max(days) FILTER (WHERE NOT newest), 0) AS longest_streak_days,
                max(starts_on) FILTER (WHERE newest) AS tail_starts_on, now() AS refreshed_at
            FROM (
                SELECT *, studied_on = max(studied_on) OVER (PARTITION BY user_id) AS newest FROM runs
            ) AS marked
            GROUP BY user_id;
        """
    )
    run(_CREATE_STATISTICS)


def downgrade() -> None:
    run(_DROP_STATISTICS)
    run(
        """
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
        ALTER TABLE review_days DROP freeze_reason;
        ALTER TABLE user_settings DROP streak_freezes_per_month;
        """
    )
    run(_CREATE_STATISTICS)
