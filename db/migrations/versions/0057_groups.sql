CREATE TABLE groups (
    id UUID NOT NULL,
    name TEXT NOT NULL CONSTRAINT ck_groups_name_length CHECK (length(name) between 1 and 200),
    description TEXT NOT NULL CONSTRAINT ck_groups_description_length CHECK (length(description) <= 2000),
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_groups PRIMARY KEY (id)
);
CREATE TABLE group_members (
    id UUID NOT NULL,
    group_id UUID NOT NULL,
    user_id UUID NOT NULL,
    role TEXT NOT NULL CONSTRAINT ck_group_members_role_known CHECK (role in ('TEACHER', 'LEARNER')),
    shares_progress BOOLEAN DEFAULT false NOT NULL,
    consent_changed_at TIMESTAMP WITH TIME ZONE,
    joined_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_group_members PRIMARY KEY (id),
    CONSTRAINT fk_group_members_group_id_groups FOREIGN KEY(group_id) REFERENCES groups (id) ON DELETE CASCADE,
    CONSTRAINT fk_group_members_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT uq_group_members_group_id_user_id UNIQUE (group_id, user_id)
);
CREATE INDEX ix_group_members_user_id_group_id ON group_members (user_id, group_id);
CREATE TABLE group_invitations (
    id UUID NOT NULL,
    group_id UUID NOT NULL,
    role TEXT NOT NULL CONSTRAINT ck_group_invitations_role_known CHECK (role in ('TEACHER', 'LEARNER')),
    code_hash TEXT NOT NULL,
    max_uses INTEGER NOT NULL,
    uses INTEGER DEFAULT 0 NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_group_invitations PRIMARY KEY (id),
    CONSTRAINT fk_group_invitations_group_id_groups FOREIGN KEY(group_id) REFERENCES groups (id) ON DELETE CASCADE,
    CONSTRAINT uq_group_invitations_code_hash UNIQUE (code_hash),
    CONSTRAINT ck_group_invitations_uses_range CHECK (uses between 0 and max_uses)
);
CREATE INDEX ix_group_invitations_group_id_id ON group_invitations (group_id, id);
CREATE TABLE assignments (
    id UUID NOT NULL,
    group_id UUID NOT NULL,
    textbook_id UUID,
    chapter_id UUID,
    book_id UUID,
    note TEXT NOT NULL CONSTRAINT ck_assignments_note_length CHECK (length(note) <= 1000),
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_assignments PRIMARY KEY (id),
    CONSTRAINT ck_assignments_one_content CHECK (num_nonnulls(textbook_id, chapter_id, book_id) = 1),
    CONSTRAINT fk_assignments_group_id_groups FOREIGN KEY(group_id) REFERENCES groups (id) ON DELETE CASCADE,
    CONSTRAINT fk_assignments_textbook_id_textbooks
        FOREIGN KEY(textbook_id) REFERENCES textbooks (id) ON DELETE CASCADE,
    CONSTRAINT fk_assignments_chapter_id_chapters FOREIGN KEY(chapter_id) REFERENCES chapters (id) ON DELETE CASCADE,
    CONSTRAINT fk_assignments_book_id_books FOREIGN KEY(book_id) REFERENCES books (id) ON DELETE CASCADE
);
CREATE INDEX ix_assignments_group_id_due_at_id ON assignments (group_id, due_at, id);
CREATE INDEX ix_assignments_textbook_id ON assignments (textbook_id);
CREATE INDEX ix_assignments_chapter_id ON assignments (chapter_id);
CREATE INDEX ix_assignments_book_id ON assignments (book_id);
ALTER TABLE notifications ADD COLUMN assignment_id UUID;
ALTER TABLE events
    DROP CONSTRAINT ck_events_kind_known,
    ADD CONSTRAINT ck_events_kind_known CHECK (kind in (
        'BOOK_FIRST_PUBLISHED', 'LEARNER_FIRST_SIGNED_IN', 'REPORT_RESOLVED', 'ASSIGNMENT_CREATED'
    ));

-- The viewer's role in a group, null for others. Security definer: a policy of the members cannot query the members.
CREATE FUNCTION viewer_group_role(wanted uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT role FROM public.group_members WHERE group_id = wanted AND user_id = public.viewer_id()
$$;

ALTER TABLE groups ENABLE ROW LEVEL SECURITY;
CREATE POLICY members_read ON groups FOR SELECT USING (viewer_group_role(id) IS NOT NULL);
CREATE POLICY teachers_update ON groups FOR UPDATE USING (viewer_group_role(id) = 'TEACHER');
CREATE POLICY teachers_delete ON groups FOR DELETE USING (viewer_group_role(id) = 'TEACHER');
ALTER TABLE group_members ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_read ON group_members FOR SELECT
    USING (user_id = viewer_id() OR viewer_group_role(group_id) = 'TEACHER');
-- A teacher cannot give the consent of a learner.
CREATE POLICY own_update ON group_members FOR UPDATE USING (user_id = viewer_id());
CREATE POLICY own_delete ON group_members FOR DELETE
    USING (user_id = viewer_id() OR viewer_group_role(group_id) = 'TEACHER');
ALTER TABLE group_invitations ENABLE ROW LEVEL SECURITY;
CREATE POLICY teachers ON group_invitations USING (viewer_group_role(group_id) = 'TEACHER');
ALTER TABLE assignments ENABLE ROW LEVEL SECURITY;
CREATE POLICY members_read ON assignments FOR SELECT USING (viewer_group_role(group_id) IS NOT NULL);
CREATE POLICY teachers_insert ON assignments FOR INSERT WITH CHECK (viewer_group_role(group_id) = 'TEACHER');
CREATE POLICY teachers_delete ON assignments FOR DELETE USING (viewer_group_role(group_id) = 'TEACHER');
GRANT SELECT, UPDATE, DELETE ON groups TO shinjp_app;
GRANT SELECT, UPDATE (shares_progress, consent_changed_at), DELETE ON group_members TO shinjp_app;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON group_invitations TO shinjp_app;
GRANT SELECT, INSERT, DELETE ON assignments TO shinjp_app;

-- Members with their names: all of them for teachers, the teachers and themselves for learners.
CREATE VIEW group_profiles WITH (security_barrier) AS
    SELECT group_members.id, group_id, user_id, display_name, group_members.role, shares_progress, joined_at
    FROM group_members JOIN users ON users.id = user_id
    WHERE users.deleted_at IS NULL AND (
        user_id = viewer_id()
        OR viewer_group_role(group_id) = 'TEACHER'
        OR group_members.role = 'TEACHER' AND viewer_group_role(group_id) IS NOT NULL
    );
GRANT SELECT ON group_profiles TO shinjp_app;

-- Creates a group with the viewer as its teacher. False if the viewer has the maximum number of groups.
-- Security definer, like `join_group`: with a privilege to insert members, the application could join any group.
CREATE FUNCTION create_group(
    group_id uuid, member_id uuid, group_name text, group_description text, at timestamptz, max_groups int
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(
        pg_catalog.hashtext('groups'), pg_catalog.hashtext(public.viewer_id()::text)
    );
    IF (SELECT count(*) FROM public.group_members WHERE user_id = public.viewer_id()) >= max_groups THEN
        RETURN false;
    END IF;
    INSERT INTO public.groups (id, name, description, created_at, updated_at)
        VALUES (create_group.group_id, group_name, group_description, at, at);
    INSERT INTO public.group_members (id, group_id, user_id, role, joined_at)
        VALUES (member_id, create_group.group_id, public.viewer_id(), 'TEACHER', at);
    RETURN true;
END $$;

-- Makes the viewer a member by the hash of an invitation's code, and returns the group with the outcome: JOINED, MEMBER
-- if nothing changed, FULL or LIMIT; no row for a code that is unknown, revoked, expired or used up. An invitation for
-- teachers makes a learner a teacher.
CREATE FUNCTION join_group(
    hash text, member_id uuid, shares boolean, at timestamptz, max_members int, max_groups int
) RETURNS TABLE (group_id uuid, outcome text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    viewer uuid := public.viewer_id();
    invitation public.group_invitations;
    current_role_name text;
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('groups'), pg_catalog.hashtext(viewer::text));
    SELECT * INTO invitation FROM public.group_invitations AS found
        WHERE found.code_hash = hash AND found.revoked_at IS NULL AND found.expires_at > at;
    IF invitation.id IS NULL OR viewer IS NULL THEN
        RETURN;
    END IF;
    -- Members join one after the other, so that neither number is exceeded.
    PERFORM FROM public.groups WHERE groups.id = invitation.group_id FOR NO KEY UPDATE;
    SELECT * INTO invitation FROM public.group_invitations AS found WHERE found.id = invitation.id FOR UPDATE;
    SELECT role INTO current_role_name FROM public.group_members AS found
        WHERE found.group_id = invitation.group_id AND found.user_id = viewer;
    IF current_role_name = 'TEACHER' OR current_role_name = invitation.role THEN
        RETURN QUERY SELECT invitation.group_id, 'MEMBER';
        RETURN;
    END IF;
    IF invitation.id IS NULL OR invitation.revoked_at IS NOT NULL OR invitation.uses >= invitation.max_uses THEN
        RETURN;
    END IF;
    IF current_role_name IS NULL THEN
        IF (SELECT count(*) FROM public.group_members AS found WHERE found.group_id = invitation.group_id)
            >= max_members
        THEN
            RETURN QUERY SELECT invitation.group_id, 'FULL';
            RETURN;
        END IF;
        IF (SELECT count(*) FROM public.group_members AS found WHERE found.user_id = viewer) >= max_groups THEN
            RETURN QUERY SELECT invitation.group_id, 'LIMIT';
            RETURN;
        END IF;
        INSERT INTO public.group_members (
            id, group_id, user_id, role, shares_progress, consent_changed_at, joined_at
        ) VALUES (member_id, invitation.group_id, viewer, invitation.role, shares, at, at);
    ELSE
        UPDATE public.group_members AS found SET role = invitation.role
            WHERE found.group_id = invitation.group_id AND found.user_id = viewer;
    END IF;
    UPDATE public.group_invitations AS found SET uses = found.uses + 1 WHERE found.id = invitation.id;
    RETURN QUERY SELECT invitation.group_id, 'JOINED';
END $$;

-- The only way in which a teacher reads rows of a learner. Runs a statement once for each of the members who are learners
-- of a group that the viewer teaches, and who share their progress with it: in the member's own context, so that
-- row-level security shows the rows of that member, as it does to the member. $1 to $4 of the statement: the member, `at`,
-- `ids` and the group. Each member has an entry in the audit log, with an id of `entries`.
CREATE FUNCTION read_as_members(
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
    PERFORM set_config('app.role', 'learner', true);
    FOR member_number IN 1 .. coalesce(cardinality(allowed_members), 0) LOOP
        PERFORM set_config('app.user_id', allowed_members[member_number]::text, true);
        RETURN QUERY EXECUTE
            'SELECT $4::uuid, $1::uuid, to_jsonb(answer) FROM (' || statement || ') AS answer'
            USING allowed_members[member_number], at, ids, allowed_groups[member_number];
    END LOOP;
    PERFORM set_config('app.user_id', viewer, true), set_config('app.role', viewer_role, true);
END $$;

REVOKE EXECUTE ON FUNCTION viewer_group_role, create_group, join_group, read_as_members FROM PUBLIC;
GRANT EXECUTE ON FUNCTION viewer_group_role, create_group, join_group, read_as_members TO shinjp_app;
