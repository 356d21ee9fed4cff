"""What a query says that its answer is made of is all that it reads, and every change of that is told."""

import re
from typing import Any
from uuid import UUID

import pytest

from db.core.pagination import Listing, NestedListing
from db.core.statement import Query
from db.notify.cache_tags import columns_told
from db.queries import books, content_stats, dashboard, kanji, search, textbooks, vocabulary
from db.queries.books import BookListShape
from db.queries.textbooks import TextbookListShape
from db.queries.vocabulary import VocabularyListShape
from db.tables import metadata
from domain.enums import BookOrder
from domain.pages import page_arguments

ID, ANOTHER = UUID(int=1), UUID(int=2)
PAGE = page_arguments(None)
LISTINGS: list[Listing[Any] | NestedListing[Any]] = [
    books.book_listing(BookListShape(levels=True, author=True, search=True, unpublished=True), BookOrder.NEWEST),
    textbooks.textbook_listing(TextbookListShape(levels=True, topic=True, search=True, signed_in=True)),
    vocabulary.vocabulary_listing(VocabularyListShape(levels=True)),
    search.search_listing(VocabularyListShape(levels=True)),
    books.book_vocabulary_listing,
    vocabulary.kanji_vocabulary_listing,
]

# Counted from the learner's days, whose changes are told; counting it anew changes nothing that is shown.
FOLLOWS_FROM_OTHERS = {"learner_statistics"}


def queries() -> list[Query[Any]]:
    """All that say what they are made of."""
    found = [books.books_by_id(unpublished=True)]
    for module in (books, dashboard, kanji, content_stats, textbooks, vocabulary):
        found += [value for value in vars(module).values() if isinstance(value, Query)]
    for listing in LISTINGS:
        found.append(listing.page(PAGE))
        found.append(listing.count if isinstance(listing, Listing) else listing.counts)
    return [query for query in found if query._tags]


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.sql[:60])
def test_every_table_that_is_read_tells_its_changes(query: Query[Any]) -> None:
    tables = {name for name in (*metadata.tables, "learner_statistics", "jlpt_content_stats") if _names(query, name)}
    assert tables
    assert tables - FOLLOWS_FROM_OTHERS <= set(columns_told())


def _names(query: Query[Any], table: str) -> bool:
    return re.search(rf"\b(from|join|,)\s+{table}\b", query.sql, re.IGNORECASE) is not None


def test_tags_say_what_was_asked_for() -> None:
    values = {"ids": [ID, ANOTHER], "parents": [ID], "levels": ["N5", "N4"], "viewer_id": ID}
    assert books.books_by_id(unpublished=False).tags(values) == {"Book:*", f"Book:{ID}", f"Book:{ANOTHER}"}
    assert books.book_vocabulary_listing.counts.tags({"parents": [ID]}) == {"Book:*", f"Book:{ID}", "vocabulary"}
    listing = books.book_listing(BookListShape(levels=True), BookOrder.TITLE).page(PAGE)
    assert listing.tags(values) == {"books:*", "books:level=N5", "books:level=N4"}
    assert listing.tags({**values, "levels": None}) == {"books"}
    assert dashboard.due_forecast.tags(values) == {"Dashboard:*", f"Dashboard:{ID}"}
