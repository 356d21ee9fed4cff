"""When users were last active, by which clients, and the indexes of the administrators' list of users."""

from db.migrations.statements import run

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    run(
        """
        ALTER TABLE users
            ADD COLUMN last_active_at timestamptz DEFAULT now() NOT NULL,
            ADD COLUMN clients jsonb DEFAULT '{}' NOT NULL;
        -- Until now, only reviews were known.
        UPDATE users SET last_active_at = greatest(
            created_at, (SELECT max(day)::timestamptz FROM review_days WHERE user_id = users.id)
        );
        GRANT UPDATE (last_active_at, clients) ON users TO shinjp_app;
        CREATE INDEX ix_users_created_at_id ON users (created_at, id);
        CREATE INDEX ix_users_last_active_at_id ON users (last_active_at, id);
        CREATE INDEX ix_users_display_name_id ON users (display_name, id);
        CREATE INDEX ix_users_email_id ON users (email, id);
        CREATE INDEX ix_users_role_created_at_id ON users (role, created_at, id);
        CREATE INDEX ix_users_blocked ON users (created_at, id) WHERE blocked_at IS NOT NULL;
        CREATE INDEX ix_users_deleted ON users (created_at, id) WHERE deleted_at IS NOT NULL;

        -- Security definer: administrators may know how many textbooks a user has, but not read private ones.
        CREATE FUNCTION count_textbooks(owners uuid[]) RETURNS TABLE (owner_id uuid, number int)
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
            BEGIN ATOMIC
                SELECT owner.id, (
                    SELECT count(*)::int FROM public.textbooks
                    WHERE textbooks.owner_id = owner.id AND textbooks.deleted_at IS NULL
                ) FROM unnest(owners) AS owner (id) WHERE public.viewer_is_admin();
            END;
        REVOKE EXECUTE ON FUNCTION count_textbooks FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION count_textbooks TO shinjp_app;
        """
    )


def downgrade() -> None:
    run(
        """
        DROP FUNCTION count_textbooks;
        DROP INDEX ix_users_created_at_id, ix_users_display_name_id, ix_users_email_id, ix_users_role_created_at_id,
            ix_users_blocked, ix_users_deleted;
        ALTER TABLE users DROP last_active_at, DROP clients;
        """
    )
