"""Changes of personal rows in an outbox, from which processes are notified in batches; acknowledgements in a table."""

from importlib import import_module

from db.migrations.statements import run, run_file

revision = "0077"
down_revision = "0076"

_changes = import_module("db.migrations.versions.0009_changes")

_COLUMNS = {
    "cards": ("user_id",),
    "review_days": ("user_id",),
    "user_settings": ("user_id",),
    "reading_progress": ("user_id",),
    "limit_extensions": ("user_id",),
    "notifications": ("user_id",),
    "job_events": ("job_id", "user_id"),
}
_ROWS = {
    "INSERT": "SELECT DISTINCT {0} FROM new_rows WHERE {0} IS NOT NULL",
    "UPDATE": "SELECT {0} FROM old_rows WHERE {0} IS NOT NULL UNION SELECT {0} FROM new_rows WHERE {0} IS NOT NULL",
    "DELETE": "SELECT DISTINCT {0} FROM old_rows WHERE {0} IS NOT NULL",
}


def upgrade() -> None:
    run_file("0077_change_outbox.sql")
    for table, columns in _COLUMNS.items():
        run(_function(table, columns))


def downgrade() -> None:
    for table, columns in _COLUMNS.items():
        run(_changes._function(table, columns).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    run(
        """
        DROP FUNCTION acknowledge_changes, request_acknowledgements, send_changes;
        DROP TABLE change_acknowledgements, change_outbox;
        """
    )


def _function(table: str, columns: tuple[str, ...]) -> str:
    """Return the trigger function of a table.

    Expressions without a table are assigned, because PERFORM would execute a plan. Security definer: learners have no
    rights on the outbox.
    """
    # One value more than a notification lists. Only constant names are interpolated.
    branches = "\n".join(
        f"WHEN '{operation}' THEN "
        + " ".join(f"{column}s := ARRAY({rows.format(column)} LIMIT 101);" for column in columns)
        for operation, rows in _ROWS.items()
    )
    keys = ",".join(f""""{column}":' || array_to_json({column}s) || '""" for column in columns)
    return f"""
        CREATE OR REPLACE FUNCTION tell_change_of_{table}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = '' AS $$
        DECLARE
            user_ids uuid[];
            job_ids uuid[];
            change text;
            changes text := coalesce(current_setting('app.changes', true), '');
        BEGIN
            CASE TG_OP
                {branches}
                ELSE NULL;
            END CASE;
            IF {columns[0]}s = '{{}}' THEN
                RETURN NULL;
            END IF;
            IF greatest(cardinality(user_ids), cardinality(job_ids)) > 100 THEN
                user_ids := NULL;
                job_ids := NULL;
            END IF;
            change := '{{"table":"{table}","keys":' || coalesce('{{{keys}}}', '"many"') || E'}}\n';
            -- An earlier statement of the transaction has recorded the same.
            IF strpos(changes, change) > 0 THEN
                RETURN NULL;
            END IF;
            INSERT INTO public.change_outbox (table_name, user_ids, job_ids) VALUES ('{table}', user_ids, job_ids);
            IF length(changes) < 50000 THEN
                changes := set_config('app.changes', changes || change, true);
            END IF;
            RETURN NULL;
        END $$
    """  # noqa: S608  # names
