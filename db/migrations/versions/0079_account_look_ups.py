"""Functions that read and update the accounts of many subjects, one statement each."""

from db.migrations.statements import run

revision = "0079"
down_revision = "0078"


def upgrade() -> None:
    run(
        """
        -- Security definer, all three: policies show and change the row of one subject or user in each transaction, and
        -- these are for many. Like a transaction that names a subject, a call gets the accounts that it names only.

        -- The accounts of these subjects that exist. `used_by`: the client of each subject. `LIMIT` makes it look each
        -- of them up by the index, whatever the number of users is estimated to be.
        CREATE FUNCTION find_accounts(subjects text[], used_by text[], most_clients int)
            RETURNS TABLE (
                subject text, id uuid, role text, email text, email_verified boolean, display_name text,
                has_chosen_name boolean, claims_issued_at timestamptz, deleted_at timestamptz, blocked_reason text,
                blocked_until timestamptz, is_use_due boolean
            )
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
            BEGIN ATOMIC
                SELECT account.* FROM unnest(subjects, used_by) AS named (subject, client) CROSS JOIN LATERAL (
                    SELECT users.subject, users.id, users.role, users.email, users.email_verified, users.display_name,
                        users.has_chosen_name, users.claims_issued_at, users.deleted_at,
                        CASE WHEN blocked_at IS NOT NULL
                            AND (users.blocked_until IS NULL OR users.blocked_until > now())
                            THEN users.blocked_reason END,
                        users.blocked_until,
                        last_active_at < now() - interval '1 hour'
                            OR (clients ->> client)::timestamptz < now() - interval '1 hour'
                            OR NOT clients ? client
                                AND (SELECT count(*) FROM jsonb_object_keys(clients)) < most_clients
                    FROM public.users WHERE users.subject = named.subject LIMIT 1
                ) AS account;
            END;

        -- Notes that clients used accounts. Skips rows that other transactions have locked, which would hold up all
        -- others; their use is noted next time.
        CREATE FUNCTION note_use(user_ids uuid[], used_by text[], most_clients int) RETURNS void
            LANGUAGE sql SECURITY DEFINER SET search_path = ''
            BEGIN ATOMIC
                WITH locked AS (
                    SELECT users.id FROM public.users WHERE users.id = ANY (user_ids)
                    ORDER BY users.id FOR NO KEY UPDATE SKIP LOCKED
                )
                UPDATE public.users SET last_active_at = now(), clients = CASE
                    WHEN users.clients ? named.client
                        OR (SELECT count(*) FROM jsonb_object_keys(users.clients)) < most_clients
                        THEN users.clients || jsonb_build_object(named.client, now())
                    ELSE users.clients END
                FROM unnest(user_ids, used_by) AS named (id, client) JOIN locked ON locked.id = named.id
                WHERE users.id = named.id;
            END;

        -- Updates profiles from tokens, except those of rows that other transactions have locked. A still newer token
        -- of the same user may have been processed first, and the user may just have chosen a name.
        CREATE FUNCTION update_profiles(
            user_ids uuid[], emails text[], names text[], issued_at timestamptz[], are_verified boolean[]
        ) RETURNS void
            LANGUAGE sql SECURITY DEFINER SET search_path = ''
            BEGIN ATOMIC
                WITH locked AS (
                    SELECT users.id FROM public.users WHERE users.id = ANY (user_ids)
                    ORDER BY users.id FOR NO KEY UPDATE SKIP LOCKED
                )
                UPDATE public.users SET email = claims.email, claims_issued_at = claims.issued_at,
                    display_name = CASE WHEN users.has_chosen_name THEN users.display_name ELSE claims.name END,
                    email_verified = claims.is_verified, updated_at = now()
                FROM unnest(user_ids, emails, names, issued_at, are_verified)
                        AS claims (id, email, name, issued_at, is_verified)
                    JOIN locked ON locked.id = claims.id
                WHERE users.id = claims.id
                    AND (users.claims_issued_at IS NULL OR users.claims_issued_at < claims.issued_at);
            END;

        REVOKE EXECUTE ON FUNCTION find_accounts, note_use, update_profiles FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION find_accounts, note_use, update_profiles TO shinjp_app;
        """
    )


def downgrade() -> None:
    run("DROP FUNCTION find_accounts, note_use, update_profiles")
