"""Removes from the audit log what was written in private textbooks, and names and addresses in cursors."""

from db.migrations.statements import run

revision = "0084"
down_revision = "0083"


def upgrade() -> None:
    run(
        """
        UPDATE audit_log SET changes = '{}'
        WHERE changes <> '{}' AND action NOT IN ('delete', 'restore') AND (
            entity = 'Textbook' AND entity_id IN (SELECT id FROM textbooks WHERE owner_id IS NOT NULL AND NOT is_public)
            OR entity = 'Chapter' AND entity_id IN (
                SELECT chapters.id FROM chapters JOIN textbooks ON textbooks.id = textbook_id
                WHERE owner_id IS NOT NULL AND NOT is_public
            )
        );
        UPDATE audit_log SET changes = changes - 'after' WHERE action = 'viewList' AND changes ? 'after';
        """
    )


def downgrade() -> None:
    """What was removed is gone; the former version reads the entries."""
