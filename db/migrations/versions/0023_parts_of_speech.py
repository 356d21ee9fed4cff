"""An index to list the words of rare parts of speech."""

from db.migrations.statements import run

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run("CREATE INDEX ix_vocabulary_senses_parts_of_speech ON vocabulary_senses USING gin (parts_of_speech)")


def downgrade() -> None:
    run("DROP INDEX ix_vocabulary_senses_parts_of_speech")
