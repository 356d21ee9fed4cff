"""All kanji with their strokes, components and readings in names, and indexes to list and search them."""

from importlib import import_module

from db.migrations.statements import run, run_file

revision = "0021"
down_revision = "0020"

_changes = import_module("db.migrations.versions.0009_changes")


def upgrade() -> None:
    run_file("0021_kanji.sql")
    run(_changes._function("kanji_strokes", ("kanji_id",)))
    for operation, transitions in _changes._TRANSITIONS.items():
        run(
            f"CREATE TRIGGER tell_{operation} AFTER {operation} ON kanji_strokes {transitions}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_kanji_strokes()"
        )
    # Lists by level depend on the levels of what changes.
    _replace_function(("id", "jlpt_level"))


def downgrade() -> None:
    _replace_function(("id",))
    run("""
        DROP TABLE kanji_strokes;
        DROP FUNCTION tell_change_of_kanji_strokes;
        ALTER TABLE kanji
            DROP nanori,
            DROP grade,
            DROP frequency,
            DROP popularity,
            DROP radical,
            DROP variants,
            DROP components,
            DROP search_readings,
            DROP search_partial_readings,
            DROP search_meanings,
            DROP search_meaning_words;
    """)


def _replace_function(columns: tuple[str, ...]) -> None:
    run(_changes._function("kanji", columns).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
