"""Totals of the reviews of words, counted from what changed, and no function for the former search of users."""

from db.migrations.statements import run

revision = "0072"
down_revision = "0071"

_TABLES = ("analytics_word_days", "analytics_word_months")


def upgrade() -> None:
    run(
        """
        CREATE TABLE analytics_word_days (
            day DATE NOT NULL,
            vocabulary_id UUID NOT NULL,
            reviews INTEGER NOT NULL,
            lapses INTEGER NOT NULL,
            CONSTRAINT pk_analytics_word_days PRIMARY KEY (day, vocabulary_id)
        );
        CREATE TABLE analytics_word_months (
            month DATE NOT NULL,
            vocabulary_id UUID NOT NULL,
            reviews INTEGER NOT NULL,
            lapses INTEGER NOT NULL,
            CONSTRAINT pk_analytics_word_months PRIMARY KEY (month, vocabulary_id)
        );
        -- The worker deletes what is no longer kept.
        INSERT INTO analytics_word_days
            SELECT day, vocabulary_id, reviews, lapses FROM private.vocabulary_difficulty
            WHERE vocabulary_id IS NOT NULL AND day >= date_trunc('month', now()) - interval '3 months';
        INSERT INTO analytics_word_months
            SELECT month, vocabulary_id, reviews, lapses FROM private.vocabulary_difficulty_months;
        DROP VIEW vocabulary_difficulty, vocabulary_difficulty_months;
        DROP MATERIALIZED VIEW private.vocabulary_difficulty_months;
        DROP MATERIALIZED VIEW private.vocabulary_difficulty;

        DROP FUNCTION matching_users;
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
        CREATE FUNCTION matching_users(part text) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
            SET search_path = public ROWS 50 AS $$
            SELECT id FROM users
            WHERE lower(display_name || chr(10) || email) LIKE '%' || part || '%' AND viewer_is_admin()
        $$;
        REVOKE EXECUTE ON FUNCTION matching_users FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION matching_users TO shinjp_app;

        CREATE MATERIALIZED VIEW private.vocabulary_difficulty AS
            SELECT (reviewed_at AT TIME ZONE 'UTC')::date AS day, vocabulary_id, count(*) AS reviews,
                count(*) FILTER (WHERE quality < 3) AS lapses
            FROM reviews JOIN cards ON cards.id = card_id
            WHERE NOT undone AND rescheduled
            GROUP BY 1, 2;
        CREATE UNIQUE INDEX ON private.vocabulary_difficulty (day, vocabulary_id);
        CREATE MATERIALIZED VIEW private.vocabulary_difficulty_months AS
            SELECT date_trunc('month', day)::date AS month, vocabulary_id, sum(reviews)::bigint AS reviews,
                sum(lapses)::bigint AS lapses
            FROM private.vocabulary_difficulty WHERE vocabulary_id IS NOT NULL GROUP BY 1, 2;
        CREATE UNIQUE INDEX ON private.vocabulary_difficulty_months (month, vocabulary_id);
        CREATE VIEW vocabulary_difficulty WITH (security_barrier) AS
            SELECT * FROM private.vocabulary_difficulty WHERE viewer_is_admin();
        CREATE VIEW vocabulary_difficulty_months WITH (security_barrier) AS
            SELECT * FROM private.vocabulary_difficulty_months WHERE viewer_is_admin();
        GRANT SELECT ON vocabulary_difficulty, vocabulary_difficulty_months TO shinjp_app;
        DROP TABLE analytics_word_days, analytics_word_months;
        """
    )
