"""Answers to cards that were reset count as new cards of their day, and those to imported cards do not."""

from db.migrations.statements import run

revision = "0082"
down_revision = "0081"


def upgrade() -> None:
    run(
        """
        WITH learners AS MATERIALIZED (
            SELECT DISTINCT user_id FROM schedule_changes WHERE kind IN ('RESET', 'IMPORT')
        ), entries AS (
            SELECT 'REVIEW' AS kind, user_id, card_id, reviewed_at AS at, idempotency_key, day
            FROM reviews JOIN learners USING (user_id) WHERE NOT undone AND rescheduled
            UNION ALL
            SELECT kind, user_id, card_id, changed_at, idempotency_key, day
            FROM schedule_changes WHERE NOT undone AND kind IN ('RESET', 'IMPORT')
        ), ordered AS (
            SELECT *, lag(kind) OVER (
                PARTITION BY user_id, card_id ORDER BY at, idempotency_key COLLATE "C"
            ) AS previous
            FROM entries
        ), counted AS (
            SELECT user_id, day, count(*) FILTER (WHERE coalesce(previous, 'RESET') = 'RESET') AS new_cards
            FROM ordered WHERE kind = 'REVIEW' GROUP BY user_id, day
        )
        UPDATE review_days SET new_cards = counted.new_cards,
            updated_at = greatest(now(), review_days.updated_at + interval '1 microsecond')
        FROM counted
        WHERE review_days.user_id = counted.user_id AND review_days.day = counted.day
            AND review_days.new_cards <> counted.new_cards
        """
    )


def downgrade() -> None:
    """The counts are right for the code before, except for resets, which it did not count."""
