"""Statements about words, their example sentences and their kanji."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Integer, Select, bindparam, exists, select

from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery, PagedQuery
from db.core.statement import Query, Row
from db.notify.cache_tags import entity_tags, list_tags
from db.queries.expressions import IDS, LEVELS, VIEWER_ID, any_of, row_columns
from db.tables.cards import cards
from db.tables.vocabulary import example_sentences, kanji, vocabulary, vocabulary_kanji
from domain.enums import JlptLevel


class VocabularyRow(Row):
    """A word."""

    __slots__ = ()
    id: UUID
    word: str
    reading: str
    romaji: str
    meanings: list[str]
    jlpt_level: JlptLevel


class ExampleSentenceRow(Row):
    """A sentence that shows a word in use."""

    __slots__ = ()
    vocabulary_id: UUID
    japanese: str
    english: str


class KanjiRow(Row):
    """A kanji. The level is None for one outside the lists."""

    __slots__ = ()
    id: UUID
    character: str
    meanings: list[str]
    onyomi: list[str]
    kunyomi: list[str]
    stroke_count: int
    jlpt_level: JlptLevel | None


class WordKanjiRow(KanjiRow):
    """A kanji in a word."""

    __slots__ = ()
    vocabulary_id: UUID


class KanjiVocabularyRow(VocabularyRow):
    """A word below a kanji it is written with."""

    __slots__ = ()
    parent_id: UUID


class IdRow(Row):
    """An id alone."""

    __slots__ = ()
    id: UUID


@dataclass(frozen=True)
class VocabularyListShape:
    """Which filters a list of words has. Their values are parameters: levels, viewer_id."""

    levels: bool = False
    has_card: bool | None = None


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
kanji_by_vocabulary_id = Query(
    select(*row_columns(kanji, KanjiRow), vocabulary_kanji.c.vocabulary_id)
    .select_from(vocabulary_kanji.join(kanji, kanji.c.id == vocabulary_kanji.c.kanji_id))
    .where(any_of(vocabulary_kanji.c.vocabulary_id, IDS))
    .order_by(vocabulary_kanji.c.vocabulary_id, vocabulary_kanji.c.position),
    WordKanjiRow,
    rls_scoped=False,
    cache_tags=[entity_tags("Vocabulary"), list_tags("kanji")],
)

# Easiest level first, and within a level the newest import last.
_ordering = Ordering("vocabulary", (vocabulary.c.jlpt_level, vocabulary.c.id), descending=True)

# The ids of a level's first words, in the order of lists. Parameters: levels, limit.
vocabulary_of_level = Query(
    select(vocabulary.c.id)
    .where(any_of(vocabulary.c.jlpt_level, LEVELS))
    .order_by(vocabulary.c.jlpt_level.desc(), vocabulary.c.id.desc())
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


@cache
def paged_vocabulary(shape: VocabularyListShape) -> PagedQuery[VocabularyRow]:
    statement = filtered(select(*_word_columns), vocabulary, shape)
    return PagedQuery(
        statement, _ordering, VocabularyRow, rls_scoped=shape.has_card is not None, cache_tags=[list_tags("vocabulary")]
    )


def filtered(statement: Select[Any], words: FromClause, shape: VocabularyListShape) -> Select[Any]:
    """The statement with the filters of a list of words, which have the columns `id` and `jlpt_level`."""
    if shape.levels:
        statement = statement.where(any_of(words.c.jlpt_level, LEVELS))
    if shape.has_card is not None:
        has_card = exists().where(cards.c.vocabulary_id == words.c.id, cards.c.user_id == VIEWER_ID)
        statement = statement.where(has_card if shape.has_card else ~has_card)
    return statement
