"""Versions of accounts and webhooks, so that administrators do not overwrite each other's changes."""

from db.migrations.statements import run

revision = "0087"
down_revision = "0086"

# As in 0083 and 0041.
_FUNCTIONS = """
    DROP FUNCTION lock_accounts;
    CREATE FUNCTION lock_accounts(ids uuid[])
        RETURNS TABLE (
            id uuid, role text, blocked_at timestamptz, blocked_until timestamptz, blocked_reason text,
            deleted_at timestamptz{type}
        )
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        IF NOT public.viewer_is_admin() THEN
            RAISE insufficient_privilege;
        END IF;
        PERFORM pg_catalog.pg_advisory_xact_lock(7465013);
        RETURN QUERY
            SELECT users.id, users.role, users.blocked_at, users.blocked_until, users.blocked_reason,
                users.deleted_at{column}
            FROM public.users
            WHERE users.id = ANY (ids) OR (users.deleted_at IS NULL AND users.role = 'admin')
            ORDER BY users.id FOR NO KEY UPDATE;
    END $$;
    REVOKE EXECUTE ON FUNCTION lock_accounts FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION lock_accounts TO shinjp_app;

    CREATE OR REPLACE FUNCTION write_account(
        account uuid, new_role text, new_blocked_at timestamptz, new_blocked_until timestamptz, new_blocked_reason text
    ) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        IF NOT public.viewer_is_admin() THEN
            RAISE insufficient_privilege;
        END IF;
        UPDATE public.users SET role = new_role, blocked_at = new_blocked_at, blocked_until = new_blocked_until,
            blocked_reason = new_blocked_reason, updated_at = pg_catalog.now(){update}
        WHERE users.id = account;
    END $$;
"""


def upgrade() -> None:
    run(
        """
        ALTER TABLE users ADD version integer NOT NULL DEFAULT 1;
        ALTER TABLE webhooks ADD version integer NOT NULL DEFAULT 1;
        GRANT SELECT (version), UPDATE (version) ON webhooks TO shinjp_app;
        """
    )
    run(_FUNCTIONS.format(type=", version integer", column=", users.version", update=", version = version + 1"))


def downgrade() -> None:
    run(_FUNCTIONS.format(type="", column="", update=""))
    run("ALTER TABLE webhooks DROP version; ALTER TABLE users DROP version;")
