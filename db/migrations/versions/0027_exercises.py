"""Exercises of chapters and books, the attempts of learners, and the chapters that they read."""

from importlib import import_module

from db.migrations.statements import run, run_file

revision = "0027"
down_revision = "0026"

_changes = import_module("db.migrations.versions.0009_changes")


def upgrade() -> None:
    run_file("0027_exercises.sql")
    # A row has a chapter or a book: the other column has no values.
    run(_changes._function("exercises", ("id", "chapter_id", "book_id")))
    for operation, transitions in _changes._TRANSITIONS.items():
        run(
            f"CREATE TRIGGER tell_{operation} AFTER {operation} ON exercises {transitions}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_exercises()"
        )


def downgrade() -> None:
    run("""
        DROP TABLE chapter_progress, exercise_attempts, exercise_solutions, exercises;
        DROP FUNCTION tell_change_of_exercises;
    """)
