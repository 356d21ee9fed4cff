ALTER TABLE users
    ADD COLUMN blocked_at timestamptz,
    -- Null if the block does not expire.
    ADD COLUMN blocked_until timestamptz,
    ADD COLUMN blocked_reason TEXT,
    ADD CONSTRAINT ck_users_block_complete CHECK ((blocked_at IS NULL) = (blocked_reason IS NULL)),
    ADD CONSTRAINT ck_users_block_period CHECK (blocked_until > blocked_at);

-- The accounts with these ids and those of all administrators, locked until the end of the transaction. One transaction
-- at a time: of two administrators who demote each other, the second finds that they are none any more.
-- Security definer, like `write_account`: a policy cannot restrict columns, so with privileges on `role` the application
-- could promote any account in that account's own context.
CREATE FUNCTION lock_accounts(ids uuid[])
    RETURNS TABLE (id uuid, role text, blocked_at timestamptz, blocked_until timestamptz, blocked_reason text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT public.viewer_is_admin() THEN
        RAISE insufficient_privilege;
    END IF;
    PERFORM pg_catalog.pg_advisory_xact_lock(7465013);
    RETURN QUERY
        SELECT users.id, users.role, users.blocked_at, users.blocked_until, users.blocked_reason FROM public.users
        WHERE users.deleted_at IS NULL AND (users.id = ANY (ids) OR users.role = 'admin')
        ORDER BY users.id FOR NO KEY UPDATE;
END $$;

CREATE FUNCTION write_account(
    account uuid, new_role text, new_blocked_at timestamptz, new_blocked_until timestamptz, new_blocked_reason text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT public.viewer_is_admin() THEN
        RAISE insufficient_privilege;
    END IF;
    UPDATE public.users SET role = new_role, blocked_at = new_blocked_at, blocked_until = new_blocked_until,
        blocked_reason = new_blocked_reason, updated_at = pg_catalog.now()
    WHERE users.id = account;
END $$;

REVOKE EXECUTE ON FUNCTION lock_accounts, write_account FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_accounts, write_account TO shinjp_app;
