"""The viewer's entries of the audit log, for the export of their data."""

from db.migrations.statements import run

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    run(
        """
        -- The owner's view: the policies of the log show it to administrators only. Without the actor, who may be one.
        CREATE VIEW own_audit_entries WITH (security_barrier) AS
            SELECT id, at, actor_id IS NOT DISTINCT FROM viewer_id() AS by_viewer, action, entity, entity_id, changes,
                request_id
            FROM audit_log WHERE actor_id = viewer_id() OR (entity = 'User' AND entity_id = viewer_id());
        GRANT SELECT ON own_audit_entries TO shinjp_app;
        """
    )


def downgrade() -> None:
    run("DROP VIEW own_audit_entries")
