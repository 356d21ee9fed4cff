-- Changes of personal rows that processes are not notified of yet. `pg_notify` in the transaction of the write would make
-- PostgreSQL commit these transactions one after another. Unlogged: after a crash, listeners have lost their connections
-- and drop everything that a change could have invalidated.
--
-- `user_ids` and `job_ids`: owners of the changed rows; no `user_ids`: too many to be listed.
CREATE UNLOGGED TABLE change_outbox (
    written_in xid8 DEFAULT pg_current_xact_id() NOT NULL,
    table_name TEXT NOT NULL,
    user_ids UUID[],
    job_ids UUID[]
) WITH (
    -- Rows live for milliseconds. Truncating the table would lock out writers.
    autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0,
    vacuum_truncate = off
);
CREATE INDEX ix_change_outbox_written_in ON change_outbox (written_in);

-- Requests for an acknowledgement of every process. `missing`: the backends that have not acknowledged.
CREATE UNLOGGED TABLE change_acknowledgements (
    request TEXT NOT NULL CONSTRAINT pk_change_acknowledgements PRIMARY KEY,
    missing INTEGER[] NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL
);

-- Notifies of the committed changes in the outbox, and deletes them. Returns the transaction from which the caller has to
-- read next: all earlier ones have ended, and their changes are sent. So dead rows, which a long-running query keeps from
-- being vacuumed, are not read again, and neither is a change missed that is committed after later ones.
--
-- Like those of triggers, a notification has at most a hundred values; a table with more than a thousand is sent without.
-- Security definer: a learner's transaction writes the outbox by triggers only.
CREATE FUNCTION send_changes(since xid8) RETURNS xid8 LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' SET enable_seqscan = off AS $$
DECLARE
    next_since xid8;
    count integer;
BEGIN
    -- What another process is sending is sent when this function returns.
    PERFORM pg_advisory_xact_lock(7465015);
    next_since := pg_snapshot_xmin(pg_current_snapshot());
    WITH sent AS (
        DELETE FROM public.change_outbox WHERE written_in >= since RETURNING table_name, user_ids, job_ids
    ), keys AS (
        SELECT DISTINCT table_name, 'user_id' AS column_name, unnest(user_ids) AS value FROM sent
        UNION ALL SELECT DISTINCT table_name, 'job_id', unnest(job_ids) FROM sent
    ), bulky AS (
        SELECT table_name FROM sent WHERE user_ids IS NULL
        UNION SELECT table_name FROM keys GROUP BY 1 HAVING count(*) > 1000
    ), numbered AS (
        SELECT *, (row_number() OVER (PARTITION BY table_name) - 1) / 100 AS batch FROM keys
        WHERE table_name NOT IN (SELECT table_name FROM bulky)
    ), batches AS (
        SELECT table_name, batch, column_name, json_agg(value) AS listed FROM numbered GROUP BY 1, 2, 3
    ), messages AS (
        SELECT json_build_object('table', table_name, 'keys', json_object_agg(column_name, listed)) AS message
        FROM batches GROUP BY table_name, batch
        UNION ALL SELECT json_build_object('table', table_name, 'keys', 'many') FROM bulky
    )
    SELECT count(pg_notify('changes', message::text)) INTO count FROM messages;
    RETURN next_since;
END $$;

-- Asks all listening processes to acknowledge the changes that were committed until now.
-- Security definer: clients have no rights on the table.
CREATE FUNCTION request_acknowledgements(asked text, listener text, since xid8) RETURNS xid8 LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    next_since xid8 := public.send_changes(since);
BEGIN
    -- Of processes that stopped while they waited.
    DELETE FROM public.change_acknowledgements WHERE requested_at < now() - interval '1 minute';
    INSERT INTO public.change_acknowledgements (request, missing)
        SELECT asked, array_agg(pid) FROM pg_stat_activity WHERE application_name = listener AND datname = current_database();
    PERFORM pg_notify('changes', json_build_object('ask', asked)::text);
    RETURN next_since;
END $$;

-- Acknowledges for this session. The last one of all notifies the process that has asked: each process receives two
-- notifications, whatever the number of processes.
CREATE FUNCTION acknowledge_changes(asked text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
DECLARE
    left_over integer[];
BEGIN
    UPDATE public.change_acknowledgements SET missing = array_remove(missing, pg_backend_pid())
        WHERE request = asked AND pg_backend_pid() = ANY (missing) RETURNING missing INTO left_over;
    IF left_over = '{}' THEN
        DELETE FROM public.change_acknowledgements WHERE request = asked;
        PERFORM pg_notify('changes', json_build_object('acknowledged', asked)::text);
    END IF;
END $$;

REVOKE EXECUTE ON FUNCTION send_changes, request_acknowledgements, acknowledge_changes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION send_changes, request_acknowledgements, acknowledge_changes TO shinjp_app;
