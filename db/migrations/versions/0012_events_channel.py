"""A separate channel for domain events, and the job id in notifications of job events."""

from importlib import import_module

from db.migrations.statements import run

revision = "0012"
down_revision = "0011"

_changes = import_module("db.migrations.versions.0009_changes")

# Other changes do not wake workers that wait for events, nor does marking an event as handled.
_EVENTS = """
    CREATE FUNCTION tell_events() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
    BEGIN
        IF EXISTS (SELECT FROM new_rows) THEN
            PERFORM pg_catalog.pg_notify('events', '');
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER tell AFTER INSERT ON events REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION tell_events();
"""


def upgrade() -> None:
    for operation in _changes._TRANSITIONS:
        run(f"DROP TRIGGER tell_{operation} ON events")
    run("DROP FUNCTION tell_change_of_events")
    run(_EVENTS)
    _replace_function("job_events", ("job_id", "user_id"))


def downgrade() -> None:
    _replace_function("job_events", _changes._COLUMNS["job_events"])
    run("DROP TRIGGER tell ON events; DROP FUNCTION tell_events;")
    run(_changes._function("events", _changes._COLUMNS["events"]))
    for operation, transitions in _changes._TRANSITIONS.items():
        run(
            f"CREATE TRIGGER tell_{operation} AFTER {operation} ON events {transitions}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_events()"
        )


def _replace_function(table: str, columns: tuple[str, ...]) -> None:
    run(_changes._function(table, columns).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
