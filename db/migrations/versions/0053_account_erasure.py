"""Rows of a deleted account leave no tombstones, as no client can ask for them."""

from db.migrations.statements import run

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    run(_record_deletions("users.id = old_rows.user_id AND users.deleted_at IS NULL"))


def downgrade() -> None:
    run(_record_deletions("users.id = old_rows.user_id"))


def _record_deletions(has_client: str) -> str:
    return f"""
        CREATE OR REPLACE FUNCTION record_deletions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = '' AS $$
        BEGIN
            INSERT INTO public.tombstones (user_id, object_id, type)
                SELECT user_id, id, TG_ARGV[0] FROM old_rows
                WHERE EXISTS (SELECT FROM public.users WHERE {has_client})
                ON CONFLICT DO NOTHING;
            RETURN NULL;
        END $$;
    """  # noqa: S608  # constants
