"""Queries for how much of a book the viewer knows, and for the words that are missing.

A word is known if its card that asks the meaning is mature, and is being learned if that card was reviewed and is not
mature, as on the dashboard. Words without such a card, with a new one, and those that the dictionary does not have are
unknown. Words to learn are those without any card.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Integer,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.sql.selectable import Subquery

from db.core.cache_tags import entity_tags, list_tags, viewer_tags
from db.core.statement import READ_FIRST, Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of
from db.queries.own_cards import IS_MATURE, known_words, read_first
from db.queries.vocabulary import VocabularyRow
from db.tables.books import book_texts, book_vocabulary
from db.tables.cards import cards
from domain.coverage import BookCoverage, CoverageCounts
from domain.enums import CardState
from domain.ids import BookId

_NEW = f"'{CardState.NEW.value}'"


class CoverageRow(Row):
    """The words of the text of a book, and those that the viewer knows or is learning. `id`: of the book."""

    __slots__ = ()
    id: BookId
    token_count: int
    word_count: int
    known_tokens: int
    known_words: int
    learning_tokens: int
    learning_words: int

    @property
    def coverage(self) -> BookCoverage:
        return BookCoverage(
            CoverageCounts(self.token_count, self.known_tokens, self.learning_tokens),
            CoverageCounts(self.word_count, self.known_words, self.learning_words),
        )


class WordToLearnRow(VocabularyRow):
    """A word of the text of a book, without a card.

    `coverage`: the share of tokens that are of words with a card, of this word, or of one before it.
    """

    __slots__ = ()
    parent_id: BookId
    occurrences: int
    coverage: float


def _tokens(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(book_vocabulary.c.occurrences).filter(condition)


def _count(value: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    return cast(func.coalesce(value, literal_column("0")), Integer).label(name)


_studied_words = read_first(
    "studied_words", IS_MATURE.label("is_mature"), where=or_(IS_MATURE, cards.c.state != literal_column(_NEW))
)
_IS_KNOWN = _studied_words.c.is_mature
_own = (
    select(
        book_vocabulary.c.book_id,
        _tokens(_IS_KNOWN).label("known_tokens"),
        _tokens(~_IS_KNOWN).label("learning_tokens"),
        func.count().filter(_IS_KNOWN).label("known_words"),
        func.count().filter(~_IS_KNOWN).label("learning_words"),
    )
    .select_from(
        book_vocabulary.join(_studied_words, _studied_words.c.vocabulary_id == book_vocabulary.c.vocabulary_id)
    )
    .where(any_of(book_vocabulary.c.book_id, IDS))
    .group_by(book_vocabulary.c.book_id)
    .subquery("own")
)
# Of books whose text has words. Parameters: ids, viewer_id.
coverage_by_book_id = Query(
    select(
        book_texts.c.book_id.label("id"),
        book_texts.c.token_count,
        book_texts.c.word_count,
        *(_count(column, column.key or "") for column in _own.c if column.key != "book_id"),
    )
    .select_from(book_texts.outerjoin(_own, _own.c.book_id == book_texts.c.book_id))
    .where(any_of(book_texts.c.book_id, IDS), book_texts.c.token_count > literal_column("0")),
    CoverageRow,
    rls_scoped=True,
    cache_tags=[viewer_tags("Dashboard"), entity_tags("Book")],
)


def known_shares() -> Subquery:
    """Return the share of tokens that the viewer knows, `share`, of each book with words in its text, by `book_id`.

    It reads the words of all books that have a card of the viewer. Parameter: viewer_id.
    """
    known = (
        select(book_vocabulary.c.book_id, func.sum(book_vocabulary.c.occurrences).label("tokens"))
        .select_from(
            book_vocabulary.join(known_words, known_words.c.vocabulary_id == book_vocabulary.c.vocabulary_id).join(
                book_texts, book_texts.c.book_id == book_vocabulary.c.book_id
            )
        )
        .group_by(book_vocabulary.c.book_id)
        .subquery("known")
    )
    share = cast(func.coalesce(known.c.tokens, literal_column("0")), Double) / book_texts.c.token_count
    return (
        select(book_texts.c.book_id, cast(share, Double).label("share"))
        .select_from(book_texts.outerjoin(known, known.c.book_id == book_texts.c.book_id))
        .where(book_texts.c.token_count > literal_column("0"))
        .subquery("coverage")
    )


def share_or_last(share: ColumnElement[float]) -> ColumnElement[float]:
    """Return the share, or a number below all shares for a book without one."""
    return case((share.is_(None), literal_column("-1.0", Double)), else_=share)


_WORD = ", ".join(f"vocabulary.{name}" for name in VocabularyRow.__annotations__)
# The words without a card, most frequent first, up to the one with which the words with a card, and those before it,
# are the target share of the tokens. Citus returns words with a card, too, if it is `not exists` instead of an outer
# join. Parameters: ids, viewer_id, target, limit.
words_to_learn_by_book_id = Query(
    text(f"""
        with words_with_card as {READ_FIRST} (
            select vocabulary_id from cards where user_id = :viewer_id and deleted_at is null
        )
        select missing.book_id as parent_id, missing.occurrences, reached::float8 / token_count as coverage, {_WORD}
        from (
            select book_id, vocabulary_id, occurrences, token_count,
                token_count - unknown_token_count - sum(occurrences) over (partition by book_id)
                    + sum(occurrences) over by_frequency as reached,
                row_number() over by_frequency as rank
            from book_vocabulary join book_texts using (book_id) left join words_with_card using (vocabulary_id)
            where book_id = any(:ids) and words_with_card.vocabulary_id is null
            window by_frequency as (
                partition by book_id order by occurrences desc, position rows unbounded preceding
            )
        ) as missing join vocabulary on vocabulary.id = missing.vocabulary_id
        where rank <= :limit and (reached - occurrences)::float8 / token_count < :target
        order by missing.book_id, rank
    """)  # noqa: S608  # names of columns are put in, never values
    .bindparams(IDS, VIEWER_ID, bindparam("target", type_=Double), bindparam("limit", type_=Integer))
    .columns(parent_id=UUID, occurrences=Integer, coverage=Double, id=UUID, word=Text, meanings=ARRAY(Text)),
    WordToLearnRow,
    rls_scoped=True,
    cache_tags=[viewer_tags("Dashboard"), entity_tags("Book"), list_tags("vocabulary")],
)
