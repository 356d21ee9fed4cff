"""Corrections of the dictionary by editors, and the functions that write corrected words, sentences and kanji."""

from importlib import import_module

from db.migrations.statements import run, run_file

revision = "0051"
down_revision = "0050"

_changes = import_module("db.migrations.versions.0009_changes")


def upgrade() -> None:
    run_file("0051_corrections.sql")
    run(_changes._function("corrections", ("vocabulary_id", "kanji_id")))
    for operation, transitions in _changes._TRANSITIONS.items():
        run(
            f"CREATE TRIGGER tell_{operation} AFTER {operation} ON corrections {transitions}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_corrections()"
        )


def downgrade() -> None:
    run(
        """
        DROP TABLE corrections;
        DROP FUNCTION tell_change_of_corrections;
        DROP FUNCTION write_word;
        DROP FUNCTION write_sentence;
        DROP FUNCTION write_kanji;
        CREATE OR REPLACE VIEW public_profiles WITH (security_barrier) AS
            SELECT id, display_name FROM users
            WHERE deleted_at IS NULL AND (
                id = viewer_id() OR viewer_is_admin()
                OR EXISTS (SELECT 1 FROM textbooks WHERE owner_id = users.id AND is_public AND deleted_at IS NULL)
            );
        """
    )
