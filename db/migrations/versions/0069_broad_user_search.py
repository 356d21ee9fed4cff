"""The users that a search finds, up to a limit; pages of more are read in their order."""

from db.migrations.statements import run

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    run(
        """
        -- Up to a limit. Security definer, like `matching_users`, which processes of the former version use.
        CREATE FUNCTION find_users(part text, most int) RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER
            SET search_path = public AS $$
            SELECT coalesce(array_agg(id), '{}') FROM (
                SELECT id FROM users
                WHERE lower(display_name || chr(10) || email) LIKE '%' || part || '%' AND viewer_is_admin() LIMIT most
            ) AS found
        $$;
        REVOKE EXECUTE ON FUNCTION find_users FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION find_users TO shinjp_app;
        """
    )


def downgrade() -> None:
    run("DROP FUNCTION find_users")
