"""The filters of lists as GraphQL input types, with the descriptions of their declarations."""

import strawberry

from db.core.filters import ListFilter
from db.queries.books import BookFilter
from db.queries.cards import CardFilter
from db.queries.kanji import KanjiFilter
from db.queries.managed_users import UserFilter
from db.queries.textbooks import TextbookFilter
from db.queries.vocabulary import VocabularyFilter


def _make_input(filter: type[ListFilter]) -> None:
    for name, declared in filter.filters.items():
        setattr(filter, name, strawberry.field(default=None, description=declared.description))
    strawberry.input(filter, description=filter.__doc__)


for filter in (BookFilter, CardFilter, KanjiFilter, TextbookFilter, UserFilter, VocabularyFilter):
    _make_input(filter)
