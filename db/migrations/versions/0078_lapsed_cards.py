"""An index of the hardest cards."""

from db.migrations.statements import run

revision = "0078"
down_revision = "0077"


def upgrade() -> None:
    run(
        """
        CREATE INDEX ix_cards_lapsed ON cards (user_id, lapses DESC, id) WHERE lapses > 0 AND deleted_at IS NULL;
        """
    )


def downgrade() -> None:
    run("DROP INDEX ix_cards_lapsed")
