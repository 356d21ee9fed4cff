"""The dictionary: words with their forms and senses, example sentences, kanji, and the kanji of words."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.tables.base import at_most, enum_column, id_column, metadata, position_below, reference, timestamps
from domain.dictionary import FormKind
from domain.enums import JlptLevel
from domain.list_sizes import (
    MAX_COMPONENTS,
    MAX_DIALECTS,
    MAX_EXAMPLES,
    MAX_FIELDS,
    MAX_FORMS,
    MAX_FORMS_OF_SENSE,
    MAX_GLOSSES,
    MAX_KANJI_OF_WORD,
    MAX_KUNYOMI,
    MAX_LABELS,
    MAX_MEANINGS,
    MAX_NANORI,
    MAX_ONYOMI,
    MAX_PARTS_OF_SPEECH,
    MAX_SENSES,
    MAX_STROKES,
    MAX_TAGS,
    MAX_TOKENS_OF_EXAMPLE,
    MAX_VARIANTS,
)


def _texts(name: str, *constraints: CheckConstraint) -> Column[object]:
    """Return an array column, empty by default."""
    return Column(name, ARRAY(Text), *constraints, nullable=False, server_default=text("'{}'"))


vocabulary = Table(
    "vocabulary",
    metadata,
    id_column(),
    # The entry of JMdict. Null for words that only the JLPT lists have.
    Column("jmdict_id", Integer),
    Column("word", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("romaji", Text, nullable=False),
    # The first glosses of the senses, in their order.
    Column("meanings", ARRAY(Text), at_most("meanings", MAX_MEANINGS), nullable=False),
    # Null for words that are in no JLPT list.
    enum_column("jlpt_level", JlptLevel, nullable=True),
    Column("is_common", Boolean, nullable=False),
    # 0 to 100. Words of a list are above others, and those of an easier list above those of a harder one.
    Column(
        "popularity",
        SmallInteger,
        CheckConstraint("popularity between 0 and 100", name="popularity_range"),
        nullable=False,
    ),
    # The word classes by which the word is inflected, a bit mask; 0 if it is not.
    Column("inflection", Integer, nullable=False, server_default=text("0")),
    *timestamps(),
    UniqueConstraint("jmdict_id"),
)
# An entry of JMdict is identified by its number; a word without one, by its listing.
Index(
    "uq_vocabulary_listed",
    vocabulary.c.word,
    vocabulary.c.reading,
    vocabulary.c.jlpt_level,
    unique=True,
    postgresql_where=vocabulary.c.jmdict_id.is_(None),
)
Index(None, vocabulary.c.popularity, vocabulary.c.id)
Index(None, vocabulary.c.jlpt_level, vocabulary.c.popularity, vocabulary.c.id)

# Spellings and readings, each in order of use; those with kanji first.
vocabulary_forms = Table(
    "vocabulary_forms",
    metadata,
    reference("vocabulary_id", "vocabulary.id", primary_key=True),
    Column("position", SmallInteger, position_below(MAX_FORMS), primary_key=True),
    Column("text", Text, nullable=False),
    enum_column("kind", FormKind),
    Column("is_common", Boolean, nullable=False),
    # Codes of JMdict, see domain/dictionary.py.
    Column("tags", ARRAY(Text), at_most("tags", MAX_TAGS), nullable=False),
)

vocabulary_senses = Table(
    "vocabulary_senses",
    metadata,
    reference("vocabulary_id", "vocabulary.id", primary_key=True),
    Column("position", SmallInteger, position_below(MAX_SENSES), primary_key=True),
    # Codes of JMdict, see domain/dictionary.py.
    Column("parts_of_speech", ARRAY(Text), at_most("parts_of_speech", MAX_PARTS_OF_SPEECH), nullable=False),
    Column("fields", ARRAY(Text), at_most("fields", MAX_FIELDS), nullable=False),
    Column("misc", ARRAY(Text), at_most("misc", MAX_LABELS), nullable=False),
    Column("dialects", ARRAY(Text), at_most("dialects", MAX_DIALECTS), nullable=False),
    Column("glosses", ARRAY(Text), at_most("glosses", MAX_GLOSSES), nullable=False),
    Column("note", Text),
    # The forms that have this sense; empty if all have it.
    Column("forms", ARRAY(Text), at_most("forms", MAX_FORMS_OF_SENSE), nullable=False),
    Index(None, "parts_of_speech", postgresql_using="gin"),
)

example_sentences = Table(
    "example_sentences",
    metadata,
    reference("vocabulary_id", "vocabulary.id", primary_key=True),
    Column("position", SmallInteger, position_below(MAX_EXAMPLES), primary_key=True),
    Column("japanese", Text, nullable=False),
    Column("english", Text, nullable=False),
)

# The words of example sentences that the dictionary has, each once, and the number of those that it does not have.
# Of sentences that several words have, only the first one is here.
example_sentence_words = Table(
    "example_sentence_words",
    metadata,
    Column("vocabulary_id", UUID, primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("words", ARRAY(UUID), at_most("words", MAX_TOKENS_OF_EXAMPLE), nullable=False),
    Column("unknown_word_count", SmallInteger, nullable=False),
    ForeignKeyConstraint(
        ["vocabulary_id", "position"],
        ["example_sentences.vocabulary_id", "example_sentences.position"],
        name="fk_example_sentence_words_example_sentences",
        ondelete="CASCADE",
    ),
    Index(None, "words", postgresql_using="gin"),
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
    _texts("nanori", at_most("nanori", MAX_NANORI)),
    # The school year, 8 for the other jōyō kanji, 9 and 10 for names.
    Column("grade", SmallInteger, CheckConstraint("grade between 1 and 10", name="grade_range")),
    # The rank among the most used kanji of newspapers.
    Column("frequency", SmallInteger, CheckConstraint("frequency > 0", name="frequency_positive")),
    # 0 to 100, in the order of levels and frequencies, as the popularity of words is.
    Column(
        "popularity",
        SmallInteger,
        CheckConstraint("popularity between 0 and 100", name="popularity_range"),
        nullable=False,
        server_default=text("0"),
    ),
    # One of the 214 classical radicals.
    Column("radical", Text),
    _texts("variants", at_most("variants", MAX_VARIANTS)),
    # The kanji and radicals in it, the largest first.
    _texts("components", at_most("components", MAX_COMPONENTS)),
    # Normalized for search, see domain/kanji_search.py: whole readings; stems and readings of names; whole meanings;
    # words of meanings.
    _texts("search_readings"),
    _texts("search_partial_readings"),
    _texts("search_meanings"),
    _texts("search_meaning_words"),
    Index(None, "popularity", "id"),
    Index(None, "jlpt_level", "popularity", "id"),
    Index(None, "stroke_count", "popularity", "id"),
    Index(None, "grade", "popularity", "id"),
    *(
        Index(None, name, postgresql_using="gin")
        for name in ("components", "search_readings", "search_partial_readings", "search_meaning_words")
    ),
)

# SVG paths in stroke order, in a square of 109 units.
kanji_strokes = Table(
    "kanji_strokes",
    metadata,
    reference("kanji_id", "kanji.id", primary_key=True),
    Column("position", SmallInteger, position_below(MAX_STROKES), primary_key=True),
    Column("path", Text, nullable=False),
)

vocabulary_kanji = Table(
    "vocabulary_kanji",
    metadata,
    reference("vocabulary_id", "vocabulary.id", primary_key=True),
    Column("position", Integer, position_below(MAX_KANJI_OF_WORD), primary_key=True),
    reference("kanji_id", "kanji.id"),
    Index(None, "kanji_id", "vocabulary_id"),
)
