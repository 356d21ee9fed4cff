-- Objects of distributed deployments, which `shinjp distribute` creates.
--
-- Functions: what triggers do for tables that are not distributed, for statements of the viewer.

-- Inserts changes of learners' rows of a table into the outbox, and adds them to those of the transaction, `app.changes`.
CREATE OR REPLACE FUNCTION record_changes(changed_table text, owner_ids uuid[]) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    listed uuid[] := CASE WHEN pg_catalog.cardinality(owner_ids) <= 100 THEN owner_ids END;
    change text := '{"table":"' || changed_table || '","keys":'
        || coalesce('{"user_id":' || pg_catalog.array_to_json(listed) || '}', '"many"') || E'}\n';
    changes text := coalesce(pg_catalog.current_setting('app.changes', true), '');
BEGIN
    IF coalesce(pg_catalog.cardinality(owner_ids), 0) = 0 OR pg_catalog.strpos(changes, change) > 0 THEN
        RETURN;
    END IF;
    INSERT INTO public.change_outbox (table_name, user_ids) VALUES (changed_table, listed);
    IF pg_catalog.length(changes) < 50000 THEN
        PERFORM pg_catalog.set_config('app.changes', changes || change, true);
    END IF;
END $$;

-- Records the viewer's changes of these tables. Returns all changes of the transaction. Security definer: learners have no
-- rights on the outbox.
CREATE OR REPLACE FUNCTION record_personal_changes(tables text[]) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
DECLARE
    changed_table text;
BEGIN
    FOREACH changed_table IN ARRAY tables LOOP
        PERFORM public.record_changes(changed_table, ARRAY[public.viewer_id()]);
    END LOOP;
    RETURN pg_catalog.current_setting('app.changes', true);
END $$;

-- Inserts tombstones of several learners, who have not deleted their accounts, for triggers of content.
CREATE OR REPLACE FUNCTION record_tombstones(user_ids uuid[], object_ids uuid[], of_type text) RETURNS void
    LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    owner_id uuid;
    deleted_id uuid;
BEGIN
    FOR number IN 1 .. coalesce(pg_catalog.cardinality(user_ids), 0) LOOP
        owner_id := user_ids[number];
        deleted_id := object_ids[number];
        CONTINUE WHEN NOT EXISTS (SELECT FROM public.users WHERE users.id = owner_id AND users.deleted_at IS NULL);
        INSERT INTO public.tombstones (user_id, object_id, type) VALUES (owner_id, deleted_id, of_type)
            ON CONFLICT DO NOTHING;
    END LOOP;
END $$;

-- Content that is deleted takes the progress of learners with it, as by foreign keys. Transition tables cannot be read by
-- statements of distributed tables.
CREATE OR REPLACE FUNCTION delete_progress() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    content_ids uuid[] := ARRAY(SELECT id FROM old_rows);
    owner_ids uuid[];
    deleted uuid[];
BEGIN
    IF TG_TABLE_NAME = 'books' THEN
        WITH gone AS (
            DELETE FROM public.reading_progress WHERE book_id = ANY (content_ids) RETURNING user_id, id
        )
        SELECT pg_catalog.array_agg(user_id), pg_catalog.array_agg(id) INTO owner_ids, deleted FROM gone;
        PERFORM public.record_tombstones(owner_ids, deleted, 'READING_PROGRESS');
        PERFORM public.record_changes('reading_progress', owner_ids);
    ELSIF TG_TABLE_NAME = 'chapters' THEN
        WITH gone AS (
            DELETE FROM public.chapter_progress WHERE chapter_id = ANY (content_ids) RETURNING user_id, chapter_id
        )
        SELECT pg_catalog.array_agg(user_id), pg_catalog.array_agg(chapter_id) INTO owner_ids, deleted FROM gone;
        PERFORM public.record_tombstones(owner_ids, deleted, 'CHAPTER_PROGRESS');
    ELSE
        WITH gone AS (
            DELETE FROM public.exercise_attempts WHERE exercise_id = ANY (content_ids) RETURNING user_id, id
        )
        SELECT pg_catalog.array_agg(user_id), pg_catalog.array_agg(id) INTO owner_ids, deleted FROM gone;
        PERFORM public.record_tombstones(owner_ids, deleted, 'EXERCISE_ATTEMPT');
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER delete_progress AFTER DELETE ON books
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION delete_progress();
CREATE OR REPLACE TRIGGER delete_progress AFTER DELETE ON chapters
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION delete_progress();
CREATE OR REPLACE TRIGGER delete_progress AFTER DELETE ON exercises
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION delete_progress();

-- The functions of triggers of content that change the progress of learners, as the migrations 0032 and 0055 have them.
CREATE OR REPLACE FUNCTION record_visibility_of_progress() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
DECLARE
    this_transaction xid8 := pg_catalog.pg_current_xact_id();
    owner_ids uuid[];
    hidden uuid[];
BEGIN
    IF NEW.deleted_at IS NULL AND NEW.published_at IS NOT NULL THEN
        WITH changed AS (
            UPDATE public.reading_progress SET changed_in = this_transaction WHERE book_id = NEW.id RETURNING user_id
        )
        SELECT pg_catalog.array_agg(user_id) INTO owner_ids FROM changed;
        PERFORM public.record_changes('reading_progress', owner_ids);
    ELSE
        SELECT pg_catalog.array_agg(user_id), pg_catalog.array_agg(id) INTO owner_ids, hidden
            FROM public.reading_progress WHERE book_id = NEW.id;
        PERFORM public.record_tombstones(owner_ids, hidden, 'READING_PROGRESS');
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION record_exercises_of_chapters() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
DECLARE
    this_transaction xid8 := pg_catalog.pg_current_xact_id();
    changed uuid[] := ARRAY(SELECT DISTINCT chapter_id FROM changed_rows WHERE chapter_id IS NOT NULL);
BEGIN
    UPDATE public.chapter_progress SET changed_in = this_transaction WHERE chapter_id = ANY (changed);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION record_visibility_of_chapters() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
DECLARE
    this_transaction xid8 := pg_catalog.pg_current_xact_id();
    chapter_ids uuid[];
    owner_ids uuid[];
    owned uuid[];
    hidden_from uuid[];
    hidden uuid[];
    visible_to uuid[];
    visible uuid[];
BEGIN
    IF TG_TABLE_NAME = 'chapters' THEN
        chapter_ids := ARRAY[NEW.id];
    ELSE
        chapter_ids := ARRAY(SELECT chapters.id FROM public.chapters WHERE textbook_id = NEW.id);
    END IF;
    SELECT pg_catalog.array_agg(user_id), pg_catalog.array_agg(chapter_id) INTO owner_ids, owned
        FROM public.chapter_progress WHERE chapter_id = ANY (chapter_ids);
    SELECT pg_catalog.array_agg(user_id) FILTER (WHERE is_visible),
        pg_catalog.array_agg(chapter_id) FILTER (WHERE is_visible),
        pg_catalog.array_agg(user_id) FILTER (WHERE NOT is_visible),
        pg_catalog.array_agg(chapter_id) FILTER (WHERE NOT is_visible)
        INTO visible_to, visible, hidden_from, hidden
        FROM (
            SELECT progress.user_id, progress.chapter_id, chapters.deleted_at IS NULL AND (
                textbooks.owner_id IS NOT DISTINCT FROM progress.user_id
                OR (textbooks.is_public AND (textbooks.deleted_at IS NULL OR users.role IN ('editor', 'admin')))
            ) AS is_visible
            FROM ROWS FROM (pg_catalog.unnest(owner_ids), pg_catalog.unnest(owned)) AS progress (user_id, chapter_id)
                JOIN public.chapters ON chapters.id = progress.chapter_id
                JOIN public.textbooks ON textbooks.id = textbook_id
                JOIN public.users ON users.id = progress.user_id
        ) AS found;
    -- A textbook is visible to a learner with all of its chapters that are not deleted.
    UPDATE public.chapter_progress SET changed_in = this_transaction
        WHERE chapter_id = ANY (visible) AND user_id = ANY (visible_to);
    PERFORM public.record_tombstones(hidden_from, hidden, 'CHAPTER_PROGRESS');
    RETURN NULL;
END $$;

-- Row-level security of solutions, which are on the coordinator. In PL/pgSQL, so that a value names the learner: Citus looks
-- for the rows of `viewer_id()` on all servers.
CREATE OR REPLACE FUNCTION viewer_has_attempted(attempted_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE
    SET search_path = '' AS $$
DECLARE
    viewer uuid := public.viewer_id();
BEGIN
    RETURN EXISTS (
        SELECT FROM public.exercise_attempts WHERE user_id = viewer AND exercise_id = attempted_id
    );
END $$;
DROP POLICY after_attempt_read ON exercise_solutions;
CREATE POLICY after_attempt_read ON exercise_solutions FOR SELECT USING (viewer_has_attempted(exercise_id));

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

REVOKE EXECUTE ON FUNCTION record_changes, record_personal_changes, record_tombstones FROM PUBLIC;
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
