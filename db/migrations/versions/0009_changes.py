"""Uniform change notifications for all tables that caches and streams read."""

from db.migrations.statements import run

revision = "0009"
down_revision = "0008"

# By table, the columns whose values identify written rows.
_COLUMNS = {
    "books": ("id", "jlpt_level"),
    "book_vocabulary": ("book_id",),
    "textbooks": ("id", "jlpt_level"),
    "chapters": ("id", "textbook_id"),
    "chapter_vocabulary": ("chapter_id",),
    "vocabulary": ("id", "jlpt_level"),
    "example_sentences": ("vocabulary_id",),
    "vocabulary_kanji": ("vocabulary_id", "kanji_id"),
    "kanji": ("id",),
    "cards": ("user_id",),
    "review_days": ("user_id",),
    "user_settings": ("user_id",),
    "job_events": ("user_id",),
    "events": ("id",),
}
_TRANSITIONS = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
    "truncate": "",
}
_ROWS = {
    "insert": "SELECT * FROM new_rows",
    "update": "SELECT * FROM old_rows UNION ALL SELECT * FROM new_rows",
    "delete": "SELECT * FROM old_rows",
}

# One notification per statement that wrote rows. Notifications are limited to 8,000 bytes: more than a hundred values
# become "many". The transaction finds all of its changes in `app.changes`, one per line, up to a maximum length.
_TELL = """
    CREATE FUNCTION tell_change(told_table text, operation text, keys json) RETURNS void
        LANGUAGE plpgsql SET search_path = '' AS $$
    DECLARE
        told text := json_build_object('table', told_table, 'operation', lower(operation), 'keys', keys);
        before text := coalesce(current_setting('app.changes', true), '');
    BEGIN
        PERFORM pg_notify('changes', told);
        IF length(before) < 50000 THEN
            PERFORM set_config('app.changes', before || told || E'\\n', true);
        END IF;
    END $$;
"""


def upgrade() -> None:
    run(
        """
        DROP TRIGGER tell ON events;
        DROP TRIGGER tell_owners ON job_events;
        DROP TRIGGER tell_owners_of_new ON review_days;
        DROP TRIGGER tell_owners ON review_days;
        DROP FUNCTION notify_change;
        DROP FUNCTION notify_owners;
        """
    )
    run(_TELL)
    for table, columns in _COLUMNS.items():
        run(_function(table, columns))
        for operation, transitions in _TRANSITIONS.items():
            run(
                f"CREATE TRIGGER tell_{operation} AFTER {operation} ON {table} {transitions}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_{table}()"
            )


def downgrade() -> None:
    for table in _COLUMNS:
        for operation in _TRANSITIONS:
            run(f"DROP TRIGGER tell_{operation} ON {table}")
        run(f"DROP FUNCTION tell_change_of_{table}")
    run("DROP FUNCTION tell_change")
    run(_EARLIER)


def _function(table: str, columns: tuple[str, ...]) -> str:
    """Return one function per table, so that PostgreSQL caches the plans of its statements."""
    keys = ", ".join(f"'{column}', {_values_of(column)}" for column in columns)
    # Only constant names are interpolated, never values.
    branches = "\n".join(
        f"WHEN '{operation.upper()}' THEN WITH written AS ({rows}) SELECT json_build_object({keys}) INTO keys;"
        for operation, rows in _ROWS.items()
    )
    return f"""
        CREATE FUNCTION tell_change_of_{table}() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
        DECLARE
            keys json;
        BEGIN
            CASE TG_OP
                {branches}
                ELSE NULL;
            END CASE;
            IF keys ->> '{columns[0]}' = '[]' THEN
                RETURN NULL;
            END IF;
            IF keys IS NULL OR EXISTS (SELECT FROM json_each_text(keys) WHERE value IS NULL) THEN
                keys := '"many"';
            END IF;
            PERFORM public.tell_change(TG_TABLE_NAME, TG_OP, keys);
            RETURN NULL;
        END $$
    """


def _values_of(column: str) -> str:
    """Return SQL for a list of values, null if there are too many. Rows with a null value are skipped."""
    named = f"SELECT DISTINCT {column} AS value FROM written WHERE {column} IS NOT NULL LIMIT 101"  # noqa: S608  # a name
    return f"(SELECT CASE WHEN count(*) <= 100 THEN coalesce(json_agg(value), '[]') END FROM ({named}) AS named)"  # noqa: S608


# The state after 0006 and 0007.
_EARLIER = """
    CREATE FUNCTION notify_change() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
    DECLARE
        ids json;
    BEGIN
        SELECT CASE WHEN count(*) <= 100 THEN json_agg(changed.id) ELSE '"many"' END INTO ids FROM changed;
        PERFORM pg_notify('changes', json_build_object(
            'table', TG_TABLE_NAME, 'operation', lower(TG_OP), 'ids', ids
        )::text);
        RETURN NULL;
    END $$;
    CREATE FUNCTION notify_owners() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
    DECLARE
        owners json;
    BEGIN
        SELECT CASE WHEN count(*) <= 100 THEN json_agg(user_id) ELSE '"many"' END INTO owners
            FROM (SELECT DISTINCT user_id FROM changed WHERE user_id IS NOT NULL LIMIT 101) AS learners;
        IF owners IS NOT NULL THEN
            PERFORM pg_notify('changes', json_build_object('table', TG_TABLE_NAME, 'owners', owners)::text);
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER tell AFTER INSERT ON events
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_change();
    CREATE TRIGGER tell_owners AFTER INSERT ON job_events
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_owners();
    CREATE TRIGGER tell_owners_of_new AFTER INSERT ON review_days
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_owners();
    CREATE TRIGGER tell_owners AFTER UPDATE ON review_days
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION notify_owners();
"""
