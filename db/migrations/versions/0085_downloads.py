"""A function by which downloads, which have no token, know whether the owner of the file is still admitted."""

from db.migrations.statements import run

revision = "0085"
down_revision = "0084"


def upgrade() -> None:
    run(
        """
        -- The role with which the user may download files by links: null for one who is blocked or unknown. Users whose
        -- accounts are deleted may download their own data only. Security definer, because a link has no viewer, and
        -- policies show a job to its owner only.
        CREATE FUNCTION role_of_download(job uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
            SET search_path = ''
            BEGIN ATOMIC
                SELECT CASE WHEN users.deleted_at IS NULL THEN users.role ELSE 'learner' END
                FROM public.jobs JOIN public.users ON users.id = jobs.user_id
                WHERE jobs.id = job AND jobs.kind = 'EXPORT' AND (
                    users.blocked_at IS NULL OR users.blocked_until <= now()
                );
            END;
        REVOKE EXECUTE ON FUNCTION role_of_download FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION role_of_download TO shinjp_app;
        """
    )


def downgrade() -> None:
    run("DROP FUNCTION role_of_download")
