"""Queries for words, their forms, senses, example sentences and kanji."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, Integer, Text, bindparam, exists, select
from sqlalchemy.dialects.postgresql import ARRAY

from db.core.cache_tags import entity_tags, list_tags
from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery, PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, level_filter, not_deleted, row_columns
from db.tables.cards import cards
from db.tables.vocabulary import (
    example_sentences,
    kanji,
    vocabulary,
    vocabulary_forms,
    vocabulary_kanji,
    vocabulary_senses,
)
from domain.dictionary import Dialect, FormKind, FormTag, PartOfSpeech, SubjectField, UsageLabel
from domain.enums import JlptLevel
from domain.ids import KanjiId, VocabularyId


class VocabularyRow(Row):
    """A word of the dictionary. The level is None if no JLPT list has it."""

    __slots__ = ()
    id: VocabularyId
    word: str
    reading: str
    romaji: str
    meanings: list[str]
    jlpt_level: JlptLevel | None
    is_common: bool
    popularity: int


class ExampleSentenceRow(Row):
    """An example sentence of a word."""

    __slots__ = ()
    vocabulary_id: VocabularyId
    position: int
    japanese: str
    english: str


class FormRow(Row):
    """A spelling or a reading of a word."""

    __slots__ = ()
    vocabulary_id: VocabularyId
    text: str
    kind: FormKind
    is_common: bool
    tags: list[FormTag]


class SenseRow(Row):
    """A meaning of a word. `forms`: those that have it, empty for all."""

    __slots__ = ()
    vocabulary_id: VocabularyId
    parts_of_speech: list[PartOfSpeech]
    fields: list[SubjectField]
    misc: list[UsageLabel]
    dialects: list[Dialect]
    glosses: list[str]
    note: str | None
    forms: list[str]


class KanjiRow(Row):
    """A kanji. The level is None if no JLPT list has it."""

    __slots__ = ()
    id: KanjiId
    character: str
    meanings: list[str]
    onyomi: list[str]
    kunyomi: list[str]
    nanori: list[str]
    stroke_count: int
    grade: int | None
    frequency: int | None
    jlpt_level: JlptLevel | None
    radical: str | None
    variants: list[str]
    components: list[str]
    popularity: int


class WordKanjiRow(KanjiRow):
    """A kanji of a word."""

    __slots__ = ()
    vocabulary_id: VocabularyId


class KanjiVocabularyRow(VocabularyRow):
    """A word that is written with a kanji."""

    __slots__ = ()
    parent_id: KanjiId


class IdRow(Row):
    """An id."""

    __slots__ = ()
    id: VocabularyId


def _has_card(words: FromClause, value: bool) -> ColumnElement[bool]:
    has_card = exists().where(cards.c.vocabulary_id == words.c.id, cards.c.user_id == VIEWER_ID, not_deleted(cards))
    return has_card if value else ~has_card


def _has_part_of_speech(words: FromClause, values: ColumnElement[list[str]]) -> ColumnElement[bool]:
    senses = vocabulary_senses
    return exists().where(senses.c.vocabulary_id == words.c.id, senses.c.parts_of_speech.overlap(values))


@dataclass
class VocabularyFilter(ListFilter):
    """Filters of a list of words."""

    jlpt_levels: list[JlptLevel] | None = level_filter("Filter by JLPT level.")
    is_common: bool | None = filter_field(
        Filter(
            "Filter by whether a word is common: in a JLPT list, or frequent.",
            lambda words, value: words.c.is_common.is_(value),
        )
    )
    parts_of_speech: list[PartOfSpeech] | None = filter_field(
        Filter(
            "Filter by parts of speech: of any of a word's senses.",
            _has_part_of_speech,
            ARRAY(Text),
            lambda _, values: list(dict.fromkeys(value.value for value in values)),
        )
    )
    has_card: bool | None = filter_field(
        Filter("Filter by whether the viewer has a card.", _has_card, needs_viewer=lambda _: True)
    )


_word_columns = row_columns(vocabulary, VocabularyRow)

vocabulary_by_id = Query(
    select(*_word_columns).where(any_of(vocabulary.c.id, IDS)),
    VocabularyRow,
    rls_scoped=False,
    cache_tags=[entity_tags("Vocabulary")],
)
examples_by_vocabulary_id = Query(
    select(*row_columns(example_sentences, ExampleSentenceRow))
    .where(any_of(example_sentences.c.vocabulary_id, IDS))
    .order_by(example_sentences.c.vocabulary_id, example_sentences.c.position),
    ExampleSentenceRow,
    rls_scoped=False,
    cache_tags=[entity_tags("Vocabulary")],
)
forms_by_vocabulary_id = Query(
    select(*row_columns(vocabulary_forms, FormRow))
    .where(any_of(vocabulary_forms.c.vocabulary_id, IDS))
    .order_by(vocabulary_forms.c.vocabulary_id, vocabulary_forms.c.position),
    FormRow,
    rls_scoped=False,
    cache_tags=[entity_tags("Vocabulary")],
)
senses_by_vocabulary_id = Query(
    select(*row_columns(vocabulary_senses, SenseRow))
    .where(any_of(vocabulary_senses.c.vocabulary_id, IDS))
    .order_by(vocabulary_senses.c.vocabulary_id, vocabulary_senses.c.position),
    SenseRow,
    rls_scoped=False,
    cache_tags=[entity_tags("Vocabulary")],
)
kanji_by_vocabulary_id = Query(
    select(*row_columns(kanji, KanjiRow), vocabulary_kanji.c.vocabulary_id)
    .select_from(vocabulary_kanji.join(kanji, kanji.c.id == vocabulary_kanji.c.kanji_id))
    .where(any_of(vocabulary_kanji.c.vocabulary_id, IDS))
    .order_by(vocabulary_kanji.c.vocabulary_id, vocabulary_kanji.c.position),
    WordKanjiRow,
    rls_scoped=False,
    cache_tags=[entity_tags("Vocabulary"), list_tags("kanji")],
)

# Words with a level first, the easiest level first; in a level, and among the others, the most used first.
_ordering = Ordering("vocabulary", (vocabulary.c.popularity, vocabulary.c.id), descending=True)

# The ids of the first words of levels, in list order. Parameters: levels, limit.
vocabulary_of_level = Query(
    select(vocabulary.c.id)
    .where(any_of(vocabulary.c.jlpt_level, bindparam("levels", type_=ARRAY(Text))))
    .order_by(vocabulary.c.popularity.desc(), vocabulary.c.id.desc())
    .limit(bindparam("limit", type_=Integer)),
    IdRow,
    rls_scoped=False,
)

paged_kanji_vocabulary = NestedPagedQuery(
    select(*_word_columns).select_from(
        vocabulary_kanji.join(vocabulary, vocabulary.c.id == vocabulary_kanji.c.vocabulary_id)
    ),
    vocabulary_kanji.c.kanji_id,
    _ordering,
    KanjiVocabularyRow,
    cache_tags=[entity_tags("Kanji", "parents"), list_tags("vocabulary")],
)


@cache_by_variant
def paged_vocabulary(filter: VocabularyFilter) -> PagedQuery[VocabularyRow]:
    """Parameters: those of the filter, and viewer_id."""
    return PagedQuery(
        filter.apply(select(*_word_columns), vocabulary),
        _ordering,
        VocabularyRow,
        rls_scoped=filter.needs_viewer,
        cache_tags=[VocabularyFilter.list_tags("vocabulary")],
    )
