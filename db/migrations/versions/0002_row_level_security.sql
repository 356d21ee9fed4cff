-- Grants and row-level security. The server runs as shinjp_app, which owns nothing and bypasses nothing.

-- Roles belong to the cluster: a migration of another database may create this one, even concurrently. For an owner that
-- may not create roles, deploy/postgres/application-login.sql creates it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shinjp_app') THEN
        CREATE ROLE shinjp_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role shinjp_app does not exist, and % may not create roles', current_user
            USING ERRCODE = 'insufficient_privilege',
                HINT = 'An administrator of the database server runs deploy/postgres/application-login.sql once.';
END $$;
-- Lets the login that migrates also serve; other logins need membership. Since PostgreSQL 16, creating a role does not
-- include the right to SET ROLE to it.
DO $$
DECLARE
    required text := CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END;
BEGIN
    IF NOT pg_has_role(current_user, 'shinjp_app', required) THEN
        EXECUTE format('GRANT shinjp_app TO %I', current_user);
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role % is no member of shinjp_app, and may not become one by itself', current_user
            USING ERRCODE = 'insufficient_privilege',
                HINT = format('An administrator of the database server runs: GRANT shinjp_app TO %I', current_user);
END $$;

-- The server sets them at the start of a transaction; empty for anonymous requests.
CREATE FUNCTION viewer_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.user_id', true), '')::uuid;
CREATE FUNCTION viewer_is_editor() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('app.role', true) IN ('editor', 'admin'), false);
CREATE FUNCTION viewer_is_admin() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_setting('app.role', true) = 'admin', false);
CREATE FUNCTION viewer_subject() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.subject', true), '');

GRANT USAGE ON SCHEMA public TO shinjp_app;

-- Public content.
GRANT SELECT ON books, book_vocabulary, vocabulary, example_sentences, kanji, vocabulary_kanji TO shinjp_app;
GRANT INSERT, UPDATE ON books TO shinjp_app;

-- User-owned rows. Administrators can read but not change them.
GRANT SELECT, INSERT, UPDATE ON
    user_settings, reading_progress, cards, reviews, review_keys, review_days, jobs, job_events TO shinjp_app;
-- The application cannot change roles of users.
GRANT SELECT, INSERT, UPDATE (email, display_name, updated_at, deleted_at) ON users TO shinjp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON textbooks, chapters, chapter_vocabulary TO shinjp_app;
GRANT DELETE ON review_keys, review_days TO shinjp_app;
GRANT SELECT, INSERT ON audit_log TO shinjp_app;
GRANT SELECT, INSERT, UPDATE ON deprecated_usage TO shinjp_app;

DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY[
        'user_settings', 'reading_progress', 'cards', 'reviews', 'review_keys', 'review_days', 'jobs', 'job_events'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format('CREATE POLICY own ON %I USING (user_id = viewer_id())', owned);
        EXECUTE format('CREATE POLICY administrators_read ON %I FOR SELECT USING (viewer_is_admin())', owned);
    END LOOP;
END $$;

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_read ON users FOR SELECT USING (id = viewer_id());
CREATE POLICY own_update ON users FOR UPDATE USING (id = viewer_id());
CREATE POLICY administrators_read ON users FOR SELECT USING (viewer_is_admin());
-- Sign-in knows the subject of a token before the user, and creates the user at first sign-in.
CREATE POLICY own_subject ON users FOR SELECT USING (subject = viewer_subject());
CREATE POLICY sign_up ON users FOR INSERT WITH CHECK (subject = viewer_subject() AND role = 'learner');
CREATE POLICY sign_up ON user_settings FOR INSERT
    WITH CHECK (EXISTS (SELECT 1 FROM users WHERE users.id = user_id AND users.subject = viewer_subject()));

ALTER TABLE textbooks ENABLE ROW LEVEL SECURITY;
CREATE POLICY public_read ON textbooks FOR SELECT USING (is_public);
CREATE POLICY own ON textbooks USING (owner_id = viewer_id());
CREATE POLICY editors ON textbooks USING (viewer_is_editor() AND is_public);

-- Chapters and their words are visible with their textbook, by the policies above; its owner and editors write them.
ALTER TABLE chapters ENABLE ROW LEVEL SECURITY;
CREATE POLICY with_textbook_read ON chapters FOR SELECT
    USING (EXISTS (SELECT 1 FROM textbooks WHERE textbooks.id = textbook_id));
CREATE POLICY with_textbook_write ON chapters USING (EXISTS (
    SELECT 1 FROM textbooks WHERE textbooks.id = textbook_id AND (owner_id = viewer_id() OR viewer_is_editor())
));
ALTER TABLE chapter_vocabulary ENABLE ROW LEVEL SECURITY;
CREATE POLICY with_chapter_read ON chapter_vocabulary FOR SELECT
    USING (EXISTS (SELECT 1 FROM chapters WHERE chapters.id = chapter_id));
CREATE POLICY with_chapter_write ON chapter_vocabulary USING (EXISTS (
    SELECT 1 FROM chapters JOIN textbooks ON textbooks.id = textbook_id
    WHERE chapters.id = chapter_id AND (owner_id = viewer_id() OR viewer_is_editor())
));

ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY administrators_read ON audit_log FOR SELECT USING (viewer_is_admin());
CREATE POLICY own_actions ON audit_log FOR INSERT WITH CHECK (actor_id = viewer_id());

-- Names of clients and counts, no user data. An upsert needs SELECT, too.
ALTER TABLE deprecated_usage ENABLE ROW LEVEL SECURITY;
CREATE POLICY count_any ON deprecated_usage FOR INSERT WITH CHECK (true);
CREATE POLICY raise_any ON deprecated_usage FOR UPDATE USING (true);
CREATE POLICY any_read ON deprecated_usage FOR SELECT USING (true);

-- Public profiles: the names of users whose textbooks the viewer can see.
CREATE VIEW public_profiles WITH (security_barrier) AS
    SELECT id, display_name FROM users
    WHERE deleted_at IS NULL AND (
        id = viewer_id() OR viewer_is_admin()
        OR EXISTS (SELECT 1 FROM textbooks WHERE owner_id = users.id AND is_public AND deleted_at IS NULL)
    );
GRANT SELECT ON public_profiles TO shinjp_app;
