-- Everyone reads books, editors write them, whatever a statement's conditions are.
ALTER TABLE books ENABLE ROW LEVEL SECURITY;
CREATE POLICY anybody_reads ON books FOR SELECT USING (true);
CREATE POLICY editors_add ON books FOR INSERT WITH CHECK (viewer_is_editor());
CREATE POLICY editors_change ON books FOR UPDATE USING (viewer_is_editor());

CREATE TABLE events (
    id UUID NOT NULL,
    kind TEXT NOT NULL CONSTRAINT ck_events_kind_known CHECK (kind in ('BOOK_FIRST_PUBLISHED', 'LEARNER_FIRST_SIGNED_IN')),
    entity_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    handled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_events PRIMARY KEY (id),
    CONSTRAINT uq_events_kind_entity_id UNIQUE (kind, entity_id)
);
CREATE INDEX ix_events_unhandled ON events (at, id) WHERE handled_at IS NULL;

-- The application inserts events. Only the worker, which owns the table, reads and handles them.
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
CREATE POLICY anybody_tells ON events FOR INSERT WITH CHECK (true);
GRANT INSERT ON events TO shinjp_app;

-- Notifies of changed rows once per statement. Notifications are limited to 8,000 bytes, so many rows become "many".
CREATE FUNCTION notify_change() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    ids json;
BEGIN
    SELECT CASE WHEN pg_catalog.count(*) <= 100 THEN pg_catalog.json_agg(changed.id) ELSE '"many"' END INTO ids
        FROM changed;
    PERFORM pg_catalog.pg_notify('changes', pg_catalog.json_build_object(
        'table', TG_TABLE_NAME, 'operation', pg_catalog.lower(TG_OP), 'ids', ids
    )::text);
    RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON events
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_change();
