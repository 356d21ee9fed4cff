-- The transaction that changed the row last. A transaction below `pg_snapshot_xmin` has ended, and so have all before
-- it: unlike times and sequences, these ids have an order in which nothing is added later.
--
-- Rows of before stay null, which rewrites no table: a client without a token reads rows by their keys.
ALTER TABLE cards ADD COLUMN changed_in xid8;
ALTER TABLE reviews ADD COLUMN changed_in xid8;
ALTER TABLE reading_progress ADD COLUMN changed_in xid8;
ALTER TABLE user_settings ADD COLUMN changed_in xid8;
ALTER TABLE cards ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id();
ALTER TABLE reviews ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id();
ALTER TABLE reading_progress ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id();
ALTER TABLE user_settings ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id();

-- Empty when they are created.
CREATE INDEX ix_cards_changed ON cards (user_id, changed_in, id) WHERE changed_in IS NOT NULL;
CREATE INDEX ix_reviews_changed ON reviews (user_id, changed_in, id) WHERE changed_in IS NOT NULL;
CREATE INDEX ix_reading_progress_changed ON reading_progress (user_id, changed_in, id) WHERE changed_in IS NOT NULL;

-- Without a setting of `search_path`, which would take half of its time: the only name in it is qualified.
CREATE FUNCTION stamp_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_catalog.pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER stamp_change BEFORE UPDATE ON cards FOR EACH ROW EXECUTE FUNCTION stamp_change();
CREATE TRIGGER stamp_change BEFORE UPDATE ON reviews FOR EACH ROW EXECUTE FUNCTION stamp_change();
CREATE TRIGGER stamp_change BEFORE UPDATE ON reading_progress FOR EACH ROW EXECUTE FUNCTION stamp_change();
CREATE TRIGGER stamp_change BEFORE UPDATE ON user_settings FOR EACH ROW EXECUTE FUNCTION stamp_change();

-- Rows that are copied with their stamps. The default has stamped all others, for which the function is not called.
CREATE TRIGGER stamp_copy BEFORE INSERT ON cards FOR EACH ROW
    WHEN (NEW.changed_in IS DISTINCT FROM pg_current_xact_id()) EXECUTE FUNCTION stamp_change();
CREATE TRIGGER stamp_copy BEFORE INSERT ON reviews FOR EACH ROW
    WHEN (NEW.changed_in IS DISTINCT FROM pg_current_xact_id()) EXECUTE FUNCTION stamp_change();
CREATE TRIGGER stamp_copy BEFORE INSERT ON reading_progress FOR EACH ROW
    WHEN (NEW.changed_in IS DISTINCT FROM pg_current_xact_id()) EXECUTE FUNCTION stamp_change();
CREATE TRIGGER stamp_copy BEFORE INSERT ON user_settings FOR EACH ROW
    WHEN (NEW.changed_in IS DISTINCT FROM pg_current_xact_id()) EXECUTE FUNCTION stamp_change();

-- Deleted rows: a row per deletion.
CREATE TABLE tombstones (
    user_id UUID NOT NULL,
    changed_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
    object_id UUID NOT NULL,
    type TEXT NOT NULL CONSTRAINT ck_tombstones_type_known
        CHECK (type in ('CARD', 'REVIEW', 'READING_PROGRESS', 'SETTINGS')),
    deleted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_tombstones PRIMARY KEY (user_id, changed_in, object_id),
    CONSTRAINT fk_tombstones_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_tombstones_deleted_at ON tombstones (deleted_at);
ALTER TABLE tombstones ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON tombstones FOR SELECT USING (user_id = viewer_id());
-- Triggers write them.
GRANT SELECT ON tombstones TO shinjp_app;

-- Security definer: learners may delete their rows, but not write tombstones. The first argument is the type of the
-- objects. Rows of a user who is deleted as well have no client that could ask for them.
CREATE FUNCTION record_deletions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO public.tombstones (user_id, object_id, type)
        SELECT user_id, id, TG_ARGV[0] FROM old_rows
        WHERE EXISTS (SELECT FROM public.users WHERE users.id = old_rows.user_id)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER record_deletions AFTER DELETE ON cards
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION record_deletions('CARD');
CREATE TRIGGER record_deletions AFTER DELETE ON reviews
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION record_deletions('REVIEW');
CREATE TRIGGER record_deletions AFTER DELETE ON reading_progress
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION record_deletions('READING_PROGRESS');

-- The same for a row, for triggers on tables with soft deletes: AFTER UPDATE … FOR EACH ROW
-- WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL). A row that is restored is a change of the row.
CREATE FUNCTION record_soft_deletion() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO public.tombstones (user_id, object_id, type) VALUES (NEW.user_id, NEW.id, TG_ARGV[0])
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

-- Learners see the progress of published books only, at most up to the last page. Security definer: an editor changes
-- what other users see, but may not write their rows.
CREATE FUNCTION record_visibility_of_progress() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
BEGIN
    IF NEW.deleted_at IS NULL AND NEW.published_at IS NOT NULL THEN
        UPDATE public.reading_progress SET book_id = book_id WHERE book_id = NEW.id;
    ELSE
        INSERT INTO public.tombstones (user_id, object_id, type)
            SELECT user_id, id, 'READING_PROGRESS' FROM public.reading_progress WHERE book_id = NEW.id
            ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER record_visibility_of_progress AFTER UPDATE ON books FOR EACH ROW
    WHEN ((OLD.deleted_at IS NULL AND OLD.published_at IS NOT NULL)
        <> (NEW.deleted_at IS NULL AND NEW.published_at IS NOT NULL) OR OLD.page_count <> NEW.page_count)
    EXECUTE FUNCTION record_visibility_of_progress();

-- Differs after a restore, by which transactions were lost or their ids have another meaning: of a base backup and after
-- a failover by the timeline, of a dump by the object id of a table, of the database or by the cluster.
CREATE FUNCTION database_identity() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    RETURN hashtextextended(concat_ws('/',
        (SELECT system_identifier FROM pg_control_system()),
        left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),
        (SELECT oid FROM pg_database WHERE datname = current_database()),
        'public.tombstones'::regclass::oid
    ), 0);
