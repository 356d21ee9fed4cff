"""Revisions of shared content for editors, and an index for the search of users."""

from db.migrations.statements import run

revision = "0066"
down_revision = "0065"


def upgrade() -> None:
    run(
        """
        -- What editors did with shared content. Entries about accounts and reports stay hidden from them.
        CREATE POLICY editors_read ON audit_log FOR SELECT USING (viewer_is_editor() AND CASE entity
            WHEN 'Book' THEN true
            WHEN 'Correction' THEN true
            WHEN 'Textbook' THEN EXISTS (SELECT FROM textbooks WHERE textbooks.id = entity_id AND is_public)
            WHEN 'Chapter' THEN EXISTS (
                SELECT FROM chapters JOIN textbooks ON textbooks.id = textbook_id
                WHERE chapters.id = entity_id AND is_public
            )
            ELSE false
        END);

        CREATE INDEX ix_users_search ON users USING gin (lower(display_name || chr(10) || email) gin_trgm_ops);
        -- Security definer, because a policy keeps PostgreSQL from using the index: the operator may leak hidden rows.
        CREATE FUNCTION matching_users(part text) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
            SET search_path = public ROWS 50 AS $$
            SELECT id FROM users
            WHERE lower(display_name || chr(10) || email) LIKE '%' || part || '%' AND viewer_is_admin()
        $$;
        REVOKE EXECUTE ON FUNCTION matching_users FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION matching_users TO shinjp_app;
        """
    )


def downgrade() -> None:
    run(
        """
        DROP FUNCTION matching_users;
        DROP INDEX ix_users_search;
        DROP POLICY editors_read ON audit_log;
        """
    )
