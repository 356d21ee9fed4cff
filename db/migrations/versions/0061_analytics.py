"""Totals of days for analytics, whose cost does not depend on the number of learners."""

from db.migrations.statements import run

revision = "0061"
down_revision = "0060"

_TABLES = ("analytics_days", "analytics_gaps", "analytics_cohorts")


def upgrade() -> None:
    run(
        """
        CREATE TABLE analytics_days (
            day DATE NOT NULL CONSTRAINT pk_analytics_days PRIMARY KEY,
            active_learners INTEGER DEFAULT 0 NOT NULL,
            weekly_active_learners INTEGER DEFAULT 0 NOT NULL,
            monthly_active_learners INTEGER DEFAULT 0 NOT NULL,
            reviews BIGINT DEFAULT 0 NOT NULL,
            crammed BIGINT DEFAULT 0 NOT NULL,
            recalled BIGINT DEFAULT 0 NOT NULL,
            new_cards BIGINT DEFAULT 0 NOT NULL,
            duration_ms BIGINT DEFAULT 0 NOT NULL,
            new_learners INTEGER DEFAULT 0 NOT NULL,
            books_started INTEGER DEFAULT 0 NOT NULL,
            books_finished INTEGER DEFAULT 0 NOT NULL,
            textbooks_generated INTEGER DEFAULT 0 NOT NULL,
            chapters_read INTEGER DEFAULT 0 NOT NULL,
            counted_at TIMESTAMP WITH TIME ZONE
        );
        CREATE TABLE analytics_gaps (
            day DATE NOT NULL,
            previous_day DATE NOT NULL,
            learners INTEGER NOT NULL,
            CONSTRAINT pk_analytics_gaps PRIMARY KEY (day, previous_day)
        );
        CREATE TABLE analytics_cohorts (
            cohort DATE NOT NULL,
            week SMALLINT NOT NULL,
            learners INTEGER NOT NULL,
            CONSTRAINT pk_analytics_cohorts PRIMARY KEY (cohort, week)
        );
        DROP VIEW daily_activity;
        DROP MATERIALIZED VIEW private.daily_activity;

        CREATE MATERIALIZED VIEW private.vocabulary_difficulty_months AS
            SELECT date_trunc('month', day)::date AS month, vocabulary_id, sum(reviews)::bigint AS reviews,
                sum(lapses)::bigint AS lapses
            FROM private.vocabulary_difficulty WHERE vocabulary_id IS NOT NULL GROUP BY 1, 2;
        CREATE UNIQUE INDEX ON private.vocabulary_difficulty_months (month, vocabulary_id);
        CREATE VIEW vocabulary_difficulty_months WITH (security_barrier) AS
            SELECT * FROM private.vocabulary_difficulty_months WHERE viewer_is_admin();
        GRANT SELECT ON vocabulary_difficulty_months TO shinjp_app;
        """
    )
    for table in _TABLES:
        run(
            f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            CREATE POLICY administrators_read ON {table} FOR SELECT USING (viewer_is_admin());
            GRANT SELECT ON {table} TO shinjp_app;
            """
        )


def downgrade() -> None:
    run(
        """
        DROP VIEW vocabulary_difficulty_months;
        DROP MATERIALIZED VIEW private.vocabulary_difficulty_months;
        CREATE MATERIALIZED VIEW private.daily_activity AS
            SELECT day, count(*) AS active_learners, sum(reviews)::bigint AS reviews, sum(crammed)::bigint AS crammed,
                sum(recalled)::bigint AS recalled
            FROM review_days WHERE reviews > 0 GROUP BY day;
        CREATE UNIQUE INDEX ON private.daily_activity (day);
        CREATE VIEW daily_activity WITH (security_barrier) AS
            SELECT * FROM private.daily_activity WHERE viewer_is_admin();
        GRANT SELECT ON daily_activity TO shinjp_app;
        DROP TABLE analytics_days, analytics_gaps, analytics_cohorts;
        """
    )
