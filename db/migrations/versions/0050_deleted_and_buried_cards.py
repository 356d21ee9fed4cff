"""Indexes of deleted and of buried cards, for their lists."""

from db.migrations.statements import run

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    run(
        """
        CREATE INDEX ix_cards_user_id_deleted_at_id ON cards (user_id, deleted_at, id) WHERE deleted_at IS NOT NULL;
        CREATE INDEX ix_schedule_changes_buried ON schedule_changes (user_id, due_day)
            WHERE kind = 'BURY' AND NOT undone;
        """
    )


def downgrade() -> None:
    run("DROP INDEX ix_cards_user_id_deleted_at_id, ix_schedule_changes_buried;")
