-- Objects of distributed deployments, which `shinjp distribute` creates.
--
-- Functions: what triggers do for tables that are not distributed, for statements of the viewer.

-- Inserts the viewer's changes of these tables into the outbox. Returns all changes of the transaction, as `app.changes`
-- has them. Security definer: learners have no rights on the outbox.
CREATE OR REPLACE FUNCTION record_personal_changes(tables text[]) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
DECLARE
    changed_table text;
    change text;
    changes text := coalesce(pg_catalog.current_setting('app.changes', true), '');
    user_ids uuid[] := ARRAY[public.viewer_id()];
BEGIN
    FOREACH changed_table IN ARRAY tables LOOP
        change := '{"table":"' || changed_table || '","keys":{"user_id":' || array_to_json(user_ids) || E'}}\n';
        CONTINUE WHEN pg_catalog.strpos(changes, change) > 0;
        INSERT INTO public.change_outbox (table_name, user_ids) VALUES (changed_table, user_ids);
        changes := changes || change;
    END LOOP;
    RETURN pg_catalog.set_config('app.changes', changes, true);
END $$;

-- Inserts tombstones of several learners for triggers of tables that are not distributed: a statement for each, because one
-- that reads their transition tables would be executed elsewhere.
CREATE OR REPLACE FUNCTION record_tombstones(user_ids uuid[], object_ids uuid[], of_type text) RETURNS void
    LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    owner_id uuid;
    deleted_id uuid;
BEGIN
    FOR number IN 1 .. coalesce(pg_catalog.cardinality(user_ids), 0) LOOP
        owner_id := user_ids[number];
        deleted_id := object_ids[number];
        INSERT INTO public.tombstones (user_id, object_id, type) VALUES (owner_id, deleted_id, of_type)
            ON CONFLICT DO NOTHING;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION record_deletions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM public.record_tombstones(pg_catalog.array_agg(user_id), pg_catalog.array_agg(id), TG_ARGV[0]) FROM old_rows
        WHERE EXISTS (SELECT FROM public.users WHERE users.id = old_rows.user_id AND users.deleted_at IS NULL);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION record_deleted_progress() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
BEGIN
    PERFORM public.record_tombstones(
        pg_catalog.array_agg(user_id), pg_catalog.array_agg(chapter_id), 'CHAPTER_PROGRESS'
    ) FROM old_rows WHERE EXISTS (SELECT FROM public.users WHERE users.id = old_rows.user_id);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION record_visibility_of_progress() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
BEGIN
    IF NEW.deleted_at IS NULL AND NEW.published_at IS NOT NULL THEN
        UPDATE public.reading_progress SET book_id = book_id WHERE book_id = NEW.id;
    ELSE
        PERFORM public.record_tombstones(pg_catalog.array_agg(user_id), pg_catalog.array_agg(id), 'READING_PROGRESS')
            FROM public.reading_progress WHERE book_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION record_visibility_of_chapters() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
DECLARE
    hidden_from uuid[];
    hidden uuid[];
BEGIN
    WITH progress AS (
        SELECT chapter_progress.user_id, chapter_progress.chapter_id,
            chapters.deleted_at IS NULL AND (
                textbooks.owner_id IS NOT DISTINCT FROM chapter_progress.user_id
                OR (textbooks.is_public AND (textbooks.deleted_at IS NULL OR users.role IN ('editor', 'admin')))
            ) AS is_visible
        FROM public.chapters
            JOIN public.textbooks ON textbooks.id = textbook_id
            JOIN public.chapter_progress ON chapter_progress.chapter_id = chapters.id
            JOIN public.users ON users.id = chapter_progress.user_id
        WHERE CASE TG_TABLE_NAME WHEN 'chapters' THEN chapters.id ELSE textbooks.id END = NEW.id
    ),
    changed AS (
        UPDATE public.chapter_progress SET changed_in = DEFAULT
            FROM progress
            WHERE is_visible AND progress.user_id = chapter_progress.user_id
                AND progress.chapter_id = chapter_progress.chapter_id
    )
    SELECT pg_catalog.array_agg(user_id), pg_catalog.array_agg(chapter_id) INTO hidden_from, hidden
        FROM progress WHERE NOT is_visible;
    PERFORM public.record_tombstones(hidden_from, hidden, 'CHAPTER_PROGRESS');
    RETURN NULL;
END $$;

-- The functions by which teachers and administrators read the progress of learners, as the migrations 0057 and 0068 have
-- them, except that SET LOCAL sets the learner: Citus sends it to the server with the learner, and not what `set_config`
-- sets inside of a statement.
CREATE OR REPLACE FUNCTION read_as_members(
    wanted_groups uuid[], wanted_members uuid[], entries uuid[], statement text, at timestamptz, ids uuid[],
    request_id text
) RETURNS TABLE (group_id uuid, user_id uuid, answer jsonb) LANGUAGE plpgsql AS $$
DECLARE
    viewer text := current_setting('app.user_id', true);
    viewer_role text := current_setting('app.role', true);
    allowed_groups uuid[];
    allowed_members uuid[];
    member_number int;
BEGIN
    WITH allowed AS (
        SELECT members.group_id, members.user_id, wanted.entry
        FROM unnest(wanted_groups, wanted_members, entries) AS wanted (group_id, user_id, entry)
        JOIN group_members AS members USING (group_id, user_id)
        WHERE members.role = 'LEARNER' AND members.shares_progress AND viewer_group_role(members.group_id) = 'TEACHER'
    ), logged AS (
        INSERT INTO audit_log (id, at, actor_id, action, entity, entity_id, changes, request_id)
            SELECT entry, read_as_members.at, viewer_id(), 'viewProgress', 'User', allowed.user_id,
                jsonb_build_object('group', jsonb_build_object('before', NULL, 'after', allowed.group_id)),
                read_as_members.request_id
            FROM allowed
    )
    SELECT array_agg(allowed.group_id), array_agg(allowed.user_id) INTO allowed_groups, allowed_members FROM allowed;
    -- Also an administrator reads as the member.
    SET LOCAL app.role = 'learner';
    FOR member_number IN 1 .. coalesce(cardinality(allowed_members), 0) LOOP
        EXECUTE format('SET LOCAL app.user_id = %L', allowed_members[member_number]);
        RETURN QUERY EXECUTE
            'SELECT $4::uuid, $1::uuid, to_jsonb(answer) FROM (' || statement || ') AS answer'
            USING allowed_members[member_number], at, ids, allowed_groups[member_number];
    END LOOP;
    EXECUTE format('SET LOCAL app.user_id = %L', viewer);
    EXECUTE format('SET LOCAL app.role = %L', viewer_role);
END $$;

CREATE OR REPLACE FUNCTION read_as_users(wanted uuid[], entries uuid[], statement text, at timestamptz, request_id text)
    RETURNS TABLE (user_id uuid, answer jsonb) LANGUAGE plpgsql AS $$
DECLARE
    viewer text := current_setting('app.user_id', true);
    viewer_role text := current_setting('app.role', true);
    reader uuid;
BEGIN
    IF NOT viewer_is_admin() THEN
        RAISE insufficient_privilege;
    END IF;
    INSERT INTO audit_log (id, at, actor_id, action, entity, entity_id, changes, request_id)
        SELECT entry, read_as_users.at, viewer_id(), 'viewProgress', 'User', users.id, '{}', read_as_users.request_id
        FROM unnest(wanted, entries) AS looks (id, entry) JOIN users USING (id)
        WHERE users.id <> viewer_id();
    SET LOCAL app.role = 'learner';
    FOREACH reader IN ARRAY wanted LOOP
        EXECUTE format('SET LOCAL app.user_id = %L', reader);
        RETURN QUERY EXECUTE 'SELECT $1::uuid, to_jsonb(answer) FROM (' || statement || ') AS answer' USING reader, at;
    END LOOP;
    EXECUTE format('SET LOCAL app.user_id = %L', viewer);
    EXECUTE format('SET LOCAL app.role = %L', viewer_role);
END $$;

-- Statements of learners write the tombstones of their own cards.
GRANT INSERT ON tombstones TO shinjp_app;
DROP POLICY IF EXISTS own_insert ON tombstones;
CREATE POLICY own_insert ON tombstones FOR INSERT WITH CHECK (user_id = viewer_id());

REVOKE EXECUTE ON FUNCTION record_personal_changes, record_tombstones FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record_personal_changes TO shinjp_app;

-- The identity of the coordinator, on every server. It is computed again whenever the database is distributed, so do that
-- after it was restored from a backup.
DO $$ BEGIN
    IF pg_catalog.to_regprocedure('public.coordinator_identity()') IS NULL THEN
        ALTER FUNCTION public.database_identity() RENAME TO coordinator_identity;
    END IF;
    EXECUTE pg_catalog.format(
        'CREATE OR REPLACE FUNCTION public.database_identity() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE RETURN %L::bigint',
        public.coordinator_identity()
    );
END $$;

-- Without rows: the materialized view is on the coordinator, and a statement that reads it would not be one task. Streaks are
-- counted from all days of the learner instead.
CREATE OR REPLACE VIEW learner_statistics WITH (security_barrier) AS
    SELECT NULL::uuid AS user_id, NULL::integer AS longest_streak_days, NULL::date AS tail_starts_on,
        NULL::timestamptz AS refreshed_at
    WHERE false;
