"""Reviews that are logged without moving the card's schedule."""

from db.migrations.statements import run

revision = "0045"
down_revision = "0044"

# Defined as in 0003, except for the given parts.
_VIEWS = """
    DROP VIEW daily_activity, vocabulary_difficulty;
    DROP MATERIALIZED VIEW private.daily_activity, private.vocabulary_difficulty;

    CREATE MATERIALIZED VIEW private.daily_activity AS
        SELECT day, count(*) AS active_learners, sum(reviews)::bigint AS reviews{crammed},
            sum(recalled)::bigint AS recalled
        FROM review_days WHERE reviews > 0 GROUP BY day;
    CREATE UNIQUE INDEX ON private.daily_activity (day);
    CREATE MATERIALIZED VIEW private.vocabulary_difficulty AS
        SELECT (reviewed_at AT TIME ZONE 'UTC')::date AS day, vocabulary_id, count(*) AS reviews,
            count(*) FILTER (WHERE quality < 3) AS lapses
        FROM reviews JOIN cards ON cards.id = card_id
        WHERE NOT undone{condition}
        GROUP BY 1, 2;
    CREATE UNIQUE INDEX ON private.vocabulary_difficulty (day, vocabulary_id);

    CREATE VIEW daily_activity WITH (security_barrier) AS
        SELECT * FROM private.daily_activity WHERE viewer_is_admin();
    CREATE VIEW vocabulary_difficulty WITH (security_barrier) AS
        SELECT * FROM private.vocabulary_difficulty WHERE viewer_is_admin();
    GRANT SELECT ON daily_activity, vocabulary_difficulty TO shinjp_app;
"""


def upgrade() -> None:
    run(
        """
        ALTER TABLE reviews ADD COLUMN rescheduled BOOLEAN DEFAULT true NOT NULL;
        ALTER TABLE review_days ADD COLUMN crammed INTEGER DEFAULT 0 NOT NULL;
        """
    )
    run(_VIEWS.format(crammed=", sum(crammed)::bigint AS crammed", condition=" AND rescheduled"))


def downgrade() -> None:
    run(_VIEWS.format(crammed="", condition=""))
    run(
        """
        ALTER TABLE review_days DROP crammed;
        ALTER TABLE reviews DROP rescheduled;
        """
    )
