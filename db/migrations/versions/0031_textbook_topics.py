"""The topics that textbooks are generated about, by level."""

from importlib import import_module

from db.migrations.statements import run

revision = "0031"
down_revision = "0030"

_changes = import_module("db.migrations.versions.0009_changes")


def upgrade() -> None:
    run(
        """
        CREATE TABLE textbook_topics (
            jlpt_level TEXT NOT NULL
                CONSTRAINT ck_textbook_topics_jlpt_level_known CHECK (jlpt_level in ('N5', 'N4', 'N3', 'N2', 'N1')),
            name TEXT NOT NULL,
            japanese_name TEXT NOT NULL,
            names TEXT[] NOT NULL,
            keywords TEXT[] NOT NULL,
            word_count INTEGER NOT NULL CONSTRAINT ck_textbook_topics_word_count_positive CHECK (word_count > 0),
            CONSTRAINT pk_textbook_topics PRIMARY KEY (jlpt_level, name)
        );
        GRANT SELECT ON textbook_topics TO shinjp_app;
        """
    )
    run(_changes._function("textbook_topics", ("jlpt_level",)))
    for operation, transitions in _changes._TRANSITIONS.items():
        run(
            f"CREATE TRIGGER tell_{operation} AFTER {operation} ON textbook_topics {transitions}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_textbook_topics()"
        )


def downgrade() -> None:
    run("DROP TABLE textbook_topics; DROP FUNCTION tell_change_of_textbook_topics")
