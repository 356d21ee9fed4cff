"""What administrators see and request of periodic tasks."""

from db.migrations.statements import run

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    run(
        """
        ALTER TABLE periodic_work
            ADD COLUMN interval_seconds INTEGER,
            ADD COLUMN started_at TIMESTAMP WITH TIME ZONE,
            ADD COLUMN duration_ms INTEGER,
            ADD COLUMN failed_at TIMESTAMP WITH TIME ZONE,
            ADD COLUMN error TEXT,
            ADD COLUMN requested_at TIMESTAMP WITH TIME ZONE;
        ALTER TABLE periodic_work ENABLE ROW LEVEL SECURITY;
        CREATE POLICY administrators_read ON periodic_work FOR SELECT USING (viewer_is_admin());
        CREATE POLICY administrators_request ON periodic_work FOR UPDATE USING (viewer_is_admin());
        GRANT SELECT, UPDATE (requested_at) ON periodic_work TO shinjp_app;
        """
    )


def downgrade() -> None:
    run(
        """
        REVOKE ALL ON periodic_work FROM shinjp_app;
        DROP POLICY administrators_request ON periodic_work;
        DROP POLICY administrators_read ON periodic_work;
        ALTER TABLE periodic_work DISABLE ROW LEVEL SECURITY;
        ALTER TABLE periodic_work DROP interval_seconds, DROP started_at, DROP duration_ms, DROP failed_at, DROP error,
            DROP requested_at;
        """
    )
