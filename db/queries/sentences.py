"""Queries for the example sentences that contain a word."""

from functools import cache

from sqlalchemy import ARRAY as Array
from sqlalchemy import Integer, bindparam, cast, exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import UUID, array

from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Row
from db.queries.own_cards import known_words
from db.tables.vocabulary import example_sentence_words, example_sentences
from domain.ids import VocabularyId


class SentenceRow(Row):
    """An example sentence of a word. `unknown`: the number of other words that the viewer does not know."""

    __slots__ = ()
    japanese: str
    english: str
    unknown: int
    word_count: int
    vocabulary_id: VocabularyId
    position: int


_WORD = bindparam("word_id", type_=UUID)
_words = example_sentence_words.c.words
_other = func.unnest(_words).table_valued("id", name="other").render_derived()
_is_known = exists().where(known_words.c.vocabulary_id == _other.c.id)
_unknown = (
    select(cast(func.count(), Integer))
    .select_from(_other)
    .where(_other.c.id != _WORD, ~_is_known)
    .correlate(example_sentence_words)
    .scalar_subquery()
)
_sentences = (
    select(
        example_sentences.c.japanese,
        example_sentences.c.english,
        (_unknown + example_sentence_words.c.unknown_word_count).label("unknown"),
        func.cardinality(_words, type_=Integer).label("word_count"),
        example_sentences.c.vocabulary_id,
        example_sentences.c.position,
    )
    .select_from(example_sentence_words.join(example_sentences))
    .where(_words.contains(cast(array([_WORD]), Array(UUID))))
    .subquery("sentences")
)
_ordering = Ordering(
    "sentence",
    (_sentences.c.unknown, _sentences.c.word_count, _sentences.c.vocabulary_id, _sentences.c.position),
)


@cache
def paged_sentences(*, known: bool) -> PagedQuery[SentenceRow]:
    """Those with the fewest other words that the viewer does not know first, and of these, the shortest.

    `known`: only those without such words. Parameters: word_id, viewer_id, which is null for anonymous requests.
    """
    statement = select(*_sentences.c)
    if known:
        statement = statement.where(_sentences.c.unknown == literal_column("0"))
    return PagedQuery(statement, _ordering, SentenceRow, rls_scoped=True)
