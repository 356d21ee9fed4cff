"""Administrators change the roles and blocks of deleted accounts until these are erased."""

from db.migrations.statements import run

revision = "0083"
down_revision = "0082"

# Roles and blocks as in 0041.
_LOCK = """
    DROP FUNCTION lock_accounts;
    CREATE FUNCTION lock_accounts(ids uuid[])
        RETURNS TABLE ({columns})
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    BEGIN
        IF NOT public.viewer_is_admin() THEN
            RAISE insufficient_privilege;
        END IF;
        PERFORM pg_catalog.pg_advisory_xact_lock(7465013);
        RETURN QUERY
            SELECT {selected} FROM public.users
            WHERE {condition}
            ORDER BY users.id FOR NO KEY UPDATE;
    END $$;
    REVOKE EXECUTE ON FUNCTION lock_accounts FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION lock_accounts TO shinjp_app;
"""
_COLUMNS = {
    "id": "uuid",
    "role": "text",
    "blocked_at": "timestamptz",
    "blocked_until": "timestamptz",
    "blocked_reason": "text",
}


def upgrade() -> None:
    # Deleted accounts are named by their ids only: they do not count as administrators.
    _define(
        {**_COLUMNS, "deleted_at": "timestamptz"},
        "users.id = ANY (ids) OR (users.deleted_at IS NULL AND users.role = 'admin')",
    )


def downgrade() -> None:
    _define(_COLUMNS, "users.deleted_at IS NULL AND (users.id = ANY (ids) OR users.role = 'admin')")


def _define(columns: dict[str, str], condition: str) -> None:
    run(
        _LOCK.format(
            columns=", ".join(f"{name} {type_}" for name, type_ in columns.items()),
            selected=", ".join(f"users.{name}" for name in columns),
            condition=condition,
        )
    )
