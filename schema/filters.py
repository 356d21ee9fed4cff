"""The filters of lists as GraphQL input types, with the descriptions of their declarations."""

import strawberry

from db.core.filters import ListFilter
from db.queries.assignments import AssignmentFilter
from db.queries.books import BookFilter
from db.queries.cards import CardFilter
from db.queries.corrections import CorrectionFilter
from db.queries.kanji import KanjiFilter
from db.queries.managed_jobs import ManagedJobFilter
from db.queries.managed_users import UserFilter
from db.queries.notifications import NotificationFilter
from db.queries.reports import ReportFilter
from db.queries.textbooks import TextbookFilter
from db.queries.vocabulary import VocabularyFilter


def _make_input(filter: type[ListFilter]) -> None:
    for name, declared in filter.filters.items():
        if declared.is_id:
            filter.__annotations__[name] = strawberry.ID | None
        setattr(filter, name, strawberry.field(default=None, description=declared.description))
    strawberry.input(filter, description=filter.__doc__)


for filter in (
    AssignmentFilter,
    BookFilter,
    CardFilter,
    CorrectionFilter,
    KanjiFilter,
    ManagedJobFilter,
    NotificationFilter,
    ReportFilter,
    TextbookFilter,
    UserFilter,
    VocabularyFilter,
):
    _make_input(filter)
