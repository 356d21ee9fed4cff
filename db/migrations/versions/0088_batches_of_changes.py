"""The change outbox is sent in batches. A long one took more time than the heartbeat of a listener."""

from pathlib import Path

from db.migrations.statements import run

revision = "0088"
down_revision = "0087"

# As in 0077, but for `batch`, which takes a tenth of a second. The caller reads next what is behind the batch, or the
# batch's last transaction again, of which it may have a part.
_SEND = """
    CREATE OR REPLACE FUNCTION send_changes(since xid8) RETURNS xid8 LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = '' SET enable_seqscan = off AS $$
    DECLARE
        next_since xid8;
        last xid8;
        count integer;
    BEGIN
        -- What another process is sending is sent when this function returns.
        PERFORM pg_advisory_xact_lock(7465015);
        next_since := pg_snapshot_xmin(pg_current_snapshot());
        WITH batch AS MATERIALIZED (
            SELECT ctid AS place, written_in FROM public.change_outbox WHERE written_in >= since
                ORDER BY written_in LIMIT 10000
        ), sent AS (
            DELETE FROM public.change_outbox WHERE ctid = ANY (ARRAY(SELECT place FROM batch))
                RETURNING table_name, user_ids, job_ids
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
        SELECT count(pg_notify('changes', message::text)),
            (SELECT written_in FROM batch ORDER BY written_in OFFSET 9999)
            INTO count, last FROM messages;
        RETURN least(next_since, last);
    END $$;
"""
_REQUEST = """
    CREATE OR REPLACE FUNCTION request_acknowledgements(asked text, listener text, since xid8) RETURNS xid8
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
    DECLARE
        next_since xid8 := public.send_changes(since);
    BEGIN
        WHILE EXISTS (SELECT FROM public.change_outbox WHERE written_in >= next_since) LOOP
            next_since := public.send_changes(next_since);
        END LOOP;
        -- Of processes that stopped while they waited.
        DELETE FROM public.change_acknowledgements WHERE requested_at < now() - interval '1 minute';
        INSERT INTO public.change_acknowledgements (request, missing)
            SELECT asked, array_agg(pid) FROM pg_stat_activity
            WHERE application_name = listener AND datname = current_database();
        PERFORM pg_notify('changes', json_build_object('ask', asked)::text);
        RETURN next_since;
    END $$;
"""


def upgrade() -> None:
    run(_SEND + _REQUEST)


def downgrade() -> None:
    script = Path(__file__).with_name("0077_change_outbox.sql").read_text()
    for name in ("send_changes", "request_acknowledgements"):
        start = script.index(f"CREATE FUNCTION {name}")
        run(script[start : script.index("END $$;", start)].replace("CREATE", "CREATE OR REPLACE", 1) + "END $$;")
