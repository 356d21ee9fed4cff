"""The cache tags of a query cover all tables that it reads, and changes of these tables are notified."""

import re
from typing import Any
from uuid import UUID

import pytest

from db.core.pagination import NestedPagedQuery, PagedQuery
from db.core.statement import Query
from db.queries import (
    book_pages,
    books,
    content_stats,
    coverage,
    dashboard,
    exercises,
    kanji,
    search,
    textbook_topics,
    textbooks,
    vocabulary,
)
from db.queries.books import BookFilter
from db.queries.textbooks import TextbookFilter
from db.queries.vocabulary import VocabularyFilter
from db.tables import metadata
from domain.enums import BookOrder, BookVocabularyOrder, JlptLevel
from domain.pages import page_arguments
from tests.notifications import notified_columns

ID, ANOTHER = UUID(int=1), UUID(int=2)
PAGE = page_arguments(None)
LISTINGS: list[PagedQuery[Any] | NestedPagedQuery[Any]] = [
    books.paged_books(BookFilter([JlptLevel.N5], "a", "b"), BookOrder.NEWEST, includes_unpublished=True),
    textbooks.paged_textbooks(TextbookFilter([JlptLevel.N5], "a", "b"), has_viewer=True),
    vocabulary.paged_vocabulary(VocabularyFilter([JlptLevel.N5])),
    kanji.paged_kanji(kanji.KanjiFilter([JlptLevel.N5])),
    kanji.paged_kanji_search(kanji.KanjiFilter([JlptLevel.N5])),
    search.paged_search_results(VocabularyFilter([JlptLevel.N5])),
    book_pages.paged_book_pages(unpublished=True),
    *(books.paged_book_vocabulary(order, unpublished=False) for order in BookVocabularyOrder),
    vocabulary.paged_kanji_vocabulary,
]

# Aggregated from review_days, whose changes are notified, and derived from words, which are written with their keys.
FOLLOWS_FROM_OTHERS = {"learner_statistics", "search_keys"}


def queries() -> list[Query[Any]]:
    """All queries with cache tags."""
    found: list[Query[Any]] = [
        books.books_by_id(unpublished=True),
        books.book_descriptions(unpublished=True),
        book_pages.book_pages_by_number(unpublished=True),
    ]
    for module in (books, coverage, dashboard, exercises, kanji, content_stats, textbook_topics, textbooks, vocabulary):
        found += [value for value in vars(module).values() if isinstance(value, Query)]
    for query in LISTINGS:
        found.append(query.page(PAGE))
        found.append(query.count if isinstance(query, PagedQuery) else query.counts)
    return [query for query in found if query._cache_tags]


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.sql[:60])
def test_every_table_of_a_tagged_query_notifies(query: Query[Any]) -> None:
    tables = {name for name in (*metadata.tables, "learner_statistics", "jlpt_content_stats") if _names(query, name)}
    assert tables
    assert tables - FOLLOWS_FROM_OTHERS <= set(notified_columns())


def _names(query: Query[Any], table: str) -> bool:
    return re.search(rf"\b(from|join|,)\s+{table}\b", query.sql, re.IGNORECASE) is not None


def test_tags_depend_on_parameters() -> None:
    values = {"ids": [ID, ANOTHER], "parents": [ID], "jlpt_levels": ["N5", "N4"], "viewer_id": ID}
    assert books.books_by_id(unpublished=False).cache_tags(values) == {"Book:*", f"Book:{ID}", f"Book:{ANOTHER}"}
    by_occurrences = books.paged_book_vocabulary(BookVocabularyOrder.OCCURRENCES, unpublished=False)
    assert by_occurrences.counts.cache_tags({"parents": [ID]}) == {"Book:*", f"Book:{ID}", "vocabulary"}
    query = books.paged_books(BookFilter([JlptLevel.N5]), BookOrder.TITLE, includes_unpublished=False).page(PAGE)
    assert query.cache_tags(values) == {"books:*", "books:level=N5", "books:level=N4"}
    assert query.cache_tags({**values, "jlpt_levels": None}) == {"books"}
    assert dashboard.due_forecast.cache_tags(values) == {"Dashboard:*", f"Dashboard:{ID}"}
