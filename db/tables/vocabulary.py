"""The dictionary: words, example sentences, kanji, and the kanji of words."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, SmallInteger, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from db.tables.base import at_most, enum_column, id_column, metadata, position_below, reference, timestamps
from domain.enums import JlptLevel
from domain.list_sizes import MAX_EXAMPLES, MAX_KANJI_OF_WORD, MAX_KUNYOMI, MAX_MEANINGS, MAX_ONYOMI

vocabulary = Table(
    "vocabulary",
    metadata,
    id_column(),
    Column("word", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("romaji", Text, nullable=False),
    Column("meanings", ARRAY(Text), at_most("meanings", MAX_MEANINGS), nullable=False),
    enum_column("jlpt_level", JlptLevel),
    # Character bigrams of word and reading: trigrams cannot match Japanese terms of one or two characters.
    Column("search_terms", TSVECTOR, nullable=False),
    # Normalized spellings, readings, romaji with short vowels and meanings without notes, for scoring. See
    # domain/search_terms.py.
    Column("search_words", ARRAY(Text), nullable=False),
    Column("search_readings", ARRAY(Text), nullable=False),
    Column("search_romaji", ARRAY(Text), nullable=False),
    Column("search_meanings", ARRAY(Text), nullable=False),
    # Romaji, meanings and their consonants in one text, for typo-tolerant search by trigrams.
    Column("search_text", Text, nullable=False),
    *timestamps(),
    UniqueConstraint("word", "reading", "jlpt_level"),
)
Index(None, vocabulary.c.jlpt_level, vocabulary.c.id)
Index(None, vocabulary.c.search_terms, postgresql_using="gin")
Index(None, vocabulary.c.search_text, postgresql_using="gin", postgresql_ops={"search_text": "gin_trgm_ops"})

example_sentences = Table(
    "example_sentences",
    metadata,
    reference("vocabulary_id", "vocabulary.id", primary_key=True),
    Column("position", SmallInteger, position_below(MAX_EXAMPLES), primary_key=True),
    Column("japanese", Text, nullable=False),
    Column("english", Text, nullable=False),
)

kanji = Table(
    "kanji",
    metadata,
    id_column(),
    Column("character", Text, nullable=False, unique=True),
    Column("meanings", ARRAY(Text), at_most("meanings", MAX_MEANINGS), nullable=False),
    Column("onyomi", ARRAY(Text), at_most("onyomi", MAX_ONYOMI), nullable=False),
    Column("kunyomi", ARRAY(Text), at_most("kunyomi", MAX_KUNYOMI), nullable=False),
    Column(
        "stroke_count", SmallInteger, CheckConstraint("stroke_count > 0", name="stroke_count_positive"), nullable=False
    ),
    enum_column("jlpt_level", JlptLevel, nullable=True),
    *timestamps(),
)

vocabulary_kanji = Table(
    "vocabulary_kanji",
    metadata,
    reference("vocabulary_id", "vocabulary.id", primary_key=True),
    Column("position", Integer, position_below(MAX_KANJI_OF_WORD), primary_key=True),
    reference("kanji_id", "kanji.id"),
    Index(None, "kanji_id", "vocabulary_id"),
)
