"""A whole dictionary: forms, senses, and words that are in no JLPT list."""

from importlib import import_module

from db.migrations.statements import run, run_file

revision = "0018"
down_revision = "0017"

_changes = import_module("db.migrations.versions.0009_changes")

_TABLES = ("vocabulary_forms", "vocabulary_senses")


def upgrade() -> None:
    run_file("0018_dictionary.sql")
    for table in _TABLES:
        run(_changes._function(table, ("vocabulary_id",)))
        for operation, transitions in _changes._TRANSITIONS.items():
            run(
                f"CREATE TRIGGER tell_{operation} AFTER {operation} ON {table} {transitions}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_{table}()"
            )


def downgrade() -> None:
    for table in _TABLES:
        run(f"DROP TABLE {table}; DROP FUNCTION tell_change_of_{table}")
    # Before, every word had a level, and a level had a word once. Words without a level are loaded again after the next
    # upgrade, but learners' cards refer to some of them: each of these gets a level that does not have it yet.
    for level in ("N1", "N2", "N3", "N4", "N5"):
        run(f"""
            UPDATE vocabulary SET jlpt_level = '{level}' WHERE id IN (
                SELECT DISTINCT ON (word, reading) id FROM vocabulary AS word
                WHERE jlpt_level IS NULL AND EXISTS (SELECT FROM cards WHERE vocabulary_id = word.id)
                    AND NOT EXISTS (
                        SELECT FROM vocabulary AS other WHERE other.word = word.word
                            AND other.reading = word.reading AND other.jlpt_level = '{level}'
                    )
                ORDER BY word, reading, id
            )
        """)  # noqa: S608  # a constant
    run("""
        DELETE FROM vocabulary WHERE jlpt_level IS NULL;
        DELETE FROM vocabulary_kanji WHERE position >= 6;
        UPDATE vocabulary SET search_terms = '' WHERE search_terms IS NULL;
        ALTER TABLE vocabulary_kanji
            DROP CONSTRAINT ck_vocabulary_kanji_position_range,
            ADD CONSTRAINT ck_vocabulary_kanji_position_range CHECK (position >= 0 and position < 6);
        ALTER TABLE vocabulary
            DROP jmdict_id,
            DROP is_common,
            DROP popularity,
            DROP inflection,
            ALTER jlpt_level SET NOT NULL,
            ALTER search_terms SET NOT NULL,
            ALTER search_words DROP DEFAULT,
            ALTER search_readings DROP DEFAULT,
            ALTER search_romaji DROP DEFAULT,
            ALTER search_meanings DROP DEFAULT,
            ALTER search_text DROP DEFAULT,
            ADD CONSTRAINT uq_vocabulary_word_reading_jlpt_level UNIQUE (word, reading, jlpt_level);
        CREATE INDEX ix_vocabulary_jlpt_level_id ON vocabulary (jlpt_level, id);
        DROP TABLE content_progress;
    """)
