"""Roles and row-level security."""

from db.migrations.statements import run, run_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_file("0002_row_level_security.sql")


def downgrade() -> None:
    # The role is kept: roles belong to the cluster, and other databases may use it.
    run(
        """
        DROP VIEW public_profiles;
        DO $$
        DECLARE
            policy record;
        BEGIN
            FOR policy IN SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' LOOP
                EXECUTE format('DROP POLICY %I ON public.%I', policy.policyname, policy.tablename);
                EXECUTE format('ALTER TABLE public.%I DISABLE ROW LEVEL SECURITY', policy.tablename);
            END LOOP;
        END $$;
        DROP FUNCTION viewer_id, viewer_is_editor, viewer_is_admin, viewer_subject;
        REVOKE ALL ON ALL TABLES IN SCHEMA public FROM shinjp_app;
        REVOKE ALL ON SCHEMA public FROM shinjp_app;
        """
    )
