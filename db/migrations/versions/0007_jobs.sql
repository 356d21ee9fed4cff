ALTER TABLE jobs
    ADD COLUMN priority INTEGER DEFAULT 0 NOT NULL,
    ADD COLUMN entry_id UUID,
    ADD COLUMN attempt_id UUID,
    ADD COLUMN plan JSONB;

CREATE TABLE model_usage (
    id UUID NOT NULL,
    user_id UUID,
    job_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    model TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cost NUMERIC(12, 6) NOT NULL,
    CONSTRAINT pk_model_usage PRIMARY KEY (id),
    CONSTRAINT fk_model_usage_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX ix_model_usage_job_id ON model_usage (job_id);
CREATE INDEX ix_model_usage_user_id_at ON model_usage (user_id, at);
ALTER TABLE model_usage ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON model_usage USING (user_id = viewer_id());
CREATE POLICY administrators_read ON model_usage FOR SELECT USING (viewer_is_admin());
GRANT SELECT, INSERT ON model_usage TO shinjp_app;

-- The application can enqueue but not dequeue entries, which contain only ids of a job and its owner.
GRANT USAGE ON SCHEMA queue TO shinjp_app;
GRANT INSERT, SELECT (id, entrypoint, priority, dedupe_key) ON queue.entries TO shinjp_app;
GRANT INSERT ON queue.log TO shinjp_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA queue TO shinjp_app;

-- Notifies of the owners of changed rows once per statement that changed any.
CREATE FUNCTION notify_owners() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    owners json;
BEGIN
    SELECT CASE WHEN pg_catalog.count(*) <= 100 THEN pg_catalog.json_agg(user_id) ELSE '"many"' END INTO owners
        FROM (SELECT DISTINCT user_id FROM changed WHERE user_id IS NOT NULL LIMIT 101) AS learners;
    IF owners IS NOT NULL THEN
        PERFORM pg_catalog.pg_notify('changes', pg_catalog.json_build_object(
            'table', TG_TABLE_NAME, 'owners', owners
        )::text);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tell_owners AFTER INSERT ON job_events
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_owners();
-- Every batch of reviews and every undo changes the totals of a day.
CREATE TRIGGER tell_owners_of_new AFTER INSERT ON review_days
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_owners();
CREATE TRIGGER tell_owners AFTER UPDATE ON review_days
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_owners();
