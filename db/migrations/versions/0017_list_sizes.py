"""Maximum lengths of lists, on which the costs of operations are based."""

from db.migrations.statements import run

revision = "0017"
down_revision = "0016"

_CHECKS = {
    ("vocabulary", "meanings_size"): "cardinality(meanings) <= 15",
    ("kanji", "meanings_size"): "cardinality(meanings) <= 15",
    ("kanji", "onyomi_size"): "cardinality(onyomi) <= 8",
    ("kanji", "kunyomi_size"): "cardinality(kunyomi) <= 20",
    ("example_sentences", "position_range"): "position >= 0 and position < 3",
    ("vocabulary_kanji", "position_range"): "position >= 0 and position < 6",
    ("textbooks", "topics_size"): "cardinality(topics) <= 20",
    ("chapters", "content_length"): "length(content) <= 30000",
    ("chapter_vocabulary", "position_range"): "position >= 0 and position < 16",
}


def upgrade() -> None:
    for (table, name), condition in _CHECKS.items():
        run(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition})")


def downgrade() -> None:
    for table, name in _CHECKS:
        run(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}")
