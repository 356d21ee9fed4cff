"""Every filter of a list is declared once; SQL, parameters, descriptions and cache rules are derived from it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLInputObjectType
from strawberry.utils.str_converters import to_camel_case

from db.core.filters import ListFilter
from db.core.pagination import PagedQuery
from db.queries.administration import AuditFilter, paged_audit_entries
from db.queries.assignments import AssignmentFilter, paged_assignments
from db.queries.books import BookFilter, paged_books
from db.queries.card_lists import paged_cards
from db.queries.cards import CardFilter
from db.queries.jobs import JobFilter, paged_jobs
from db.queries.kanji import KanjiFilter, paged_kanji, paged_kanji_search
from db.queries.managed_users import UserFilter, paged_users
from db.queries.notifications import NotificationFilter, paged_notifications
from db.queries.reading import ReadingFilter, paged_reading_progress
from db.queries.reviews import ReviewFilter, paged_reviews
from db.queries.search import paged_search_results
from db.queries.textbooks import TextbookFilter, paged_textbooks
from db.queries.vocabulary import VocabularyFilter, paged_vocabulary
from domain.dictionary import PartOfSpeech
from domain.enums import (
    BookOrder,
    CardKind,
    CardState,
    JlptLevel,
    JobKind,
    JobStatus,
    ReadingStatus,
    Role,
    UserOrder,
)
from domain.errors import BadUserInput
from domain.ids import global_id
from domain.notifications import NotificationKind
from domain.pages import page_arguments
from schema import schema
from schema.cache_control import CACHE_POLICIES
from tests.schema.root_types import QUERY

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = UUID(int=1)

LISTS: dict[str, tuple[type[ListFilter], Callable[[Any], PagedQuery[Any]]]] = {
    "books": (BookFilter, lambda filter: paged_books(filter, BookOrder.NEWEST, includes_unpublished=False)),
    "textbooks": (TextbookFilter, lambda filter: paged_textbooks(filter, has_viewer=True)),
    "vocabulary": (VocabularyFilter, paged_vocabulary),
    "search": (VocabularyFilter, paged_search_results),
    "kanji": (KanjiFilter, paged_kanji),
    "kanji search": (KanjiFilter, paged_kanji_search),
    "cards": (CardFilter, paged_cards),
    "reviews": (ReviewFilter, paged_reviews),
    "reading": (ReadingFilter, paged_reading_progress),
    "jobs": (JobFilter, paged_jobs),
    "assignments": (AssignmentFilter, paged_assignments),
    "notifications": (NotificationFilter, paged_notifications),
    "users": (UserFilter, lambda filter: paged_users(filter, UserOrder.NEWEST)),
    "audit log": (AuditFilter, paged_audit_entries),
}
# A value sent by a client, the resulting parameter, and another value.
VALUES: dict[tuple[type[ListFilter], str], tuple[Any, Any, Any]] = {
    (BookFilter, "status"): (ReadingStatus.READING, None, ReadingStatus.NOT_STARTED),
    (BookFilter, "has_text"): (True, True, False),
    (BookFilter, "published"): (True, None, False),
    (BookFilter, "min_coverage"): (0.95, 0.95, 0.5),
    (BookFilter, "author"): ("夏目", "'夏目':B", "太宰"),
    (TextbookFilter, "topic"): ("Food", "Food", "Work"),
    (TextbookFilter, "mine"): (True, None, False),
    (VocabularyFilter, "is_common"): (True, None, False),
    (VocabularyFilter, "has_card"): (True, None, False),
    (KanjiFilter, "grades"): ([1, 2, 1], [1, 2], [8]),
    (KanjiFilter, "min_stroke_count"): (3, 3, 4),
    (KanjiFilter, "max_stroke_count"): (3, 3, 4),
    (KanjiFilter, "component"): ("氵", ["氵"], "木"),
    (KanjiFilter, "reading"): ("スイ", ["すい"], "mizu"),
    (KanjiFilter, "meaning"): ("Big River", ["big", "river"], "water"),
    (VocabularyFilter, "parts_of_speech"): (
        [PartOfSpeech.ICHIDAN_VERB, PartOfSpeech.KURERU_VERB, PartOfSpeech.ICHIDAN_VERB],
        ["v1", "v1-s"],
        [PartOfSpeech.ADVERB],
    ),
    (CardFilter, "state"): (CardState.NEW, CardState.NEW, CardState.REVIEW),
    (CardFilter, "suspended"): (False, None, True),
    (CardFilter, "buried"): (True, None, False),
    (CardFilter, "kinds"): ([CardKind.RECALL, CardKind.RECALL], ["RECALL"], [CardKind.READING]),
    (CardFilter, "leech"): (True, None, False),
    (CardFilter, "flags"): ([1, 2, 1], [1, 2], [3]),
    (CardFilter, "tags"): (["a", "b"], ["a", "b"], ["c"]),
    (CardFilter, "min_lapses"): (3, 3, 4),
    (CardFilter, "created_after"): (NOW, NOW, datetime(2025, 1, 1, tzinfo=UTC)),
    (CardFilter, "updated_since"): (NOW, NOW, datetime(2025, 1, 1, tzinfo=UTC)),
    (CardFilter, "search"): ("猫", "猫", "犬"),
    (ReviewFilter, "from_"): (NOW, NOW, datetime(2025, 1, 1, tzinfo=UTC)),
    (ReviewFilter, "to"): (NOW, NOW, datetime(2025, 1, 1, tzinfo=UTC)),
    (ReadingFilter, "status"): (ReadingStatus.READING, None, ReadingStatus.FINISHED),
    (JobFilter, "status"): (JobStatus.FAILED, JobStatus.FAILED, JobStatus.QUEUED),
    (JobFilter, "kinds"): ([JobKind.EXPORT, JobKind.EXPORT], ["EXPORT"], [JobKind.ANALYZE_TEXT]),
    (AssignmentFilter, "due_from"): (NOW, NOW, datetime(2025, 1, 1, tzinfo=UTC)),
    (AssignmentFilter, "due_to"): (NOW, NOW, datetime(2025, 1, 1, tzinfo=UTC)),
    (NotificationFilter, "unread"): (True, None, False),
    (NotificationFilter, "kinds"): (
        [NotificationKind.WELCOME, NotificationKind.WELCOME],
        ["WELCOME"],
        [NotificationKind.ASSIGNMENT],
    ),
    (UserFilter, "role"): (Role.EDITOR, "editor", Role.LEARNER),
    (UserFilter, "search"): ("HANA", "hana", "x"),
    (UserFilter, "signed_up_from"): (NOW, NOW, datetime(2025, 1, 1, tzinfo=UTC)),
    (UserFilter, "signed_up_to"): (NOW, NOW, datetime(2025, 1, 1, tzinfo=UTC)),
    (UserFilter, "active_since"): (NOW, NOW, datetime(2025, 1, 1, tzinfo=UTC)),
    (UserFilter, "blocked"): (True, None, False),
    (UserFilter, "deleted"): (True, None, False),
    (AuditFilter, "actor_id"): (global_id("User", ID), ID, global_id("User", UUID(int=2))),
    (AuditFilter, "entity_id"): (global_id("Book", ID), ID, global_id("Book", UUID(int=2))),
}
BY_NAME = {
    "jlpt_levels": ([JlptLevel.N5, JlptLevel.N4, JlptLevel.N5], ["N5", "N4"], [JlptLevel.N1]),
    "search": ("猫", "'猫'", "犬"),
}
CASES = [(name, field) for name, (filter, _) in LISTS.items() for field in filter.filters]


def values_of(filter: type[ListFilter], field: str) -> tuple[Any, Any, Any]:
    return VALUES[filter, field] if (filter, field) in VALUES else BY_NAME[field]


def statement_of(paged_query: PagedQuery[Any]) -> tuple[str, list[Any]]:
    """The compiled SQL and its parameters."""
    query = paged_query.page(page_arguments(None))
    return query.sql, list(query.defaults.values())


@pytest.mark.parametrize(("name", "field"), CASES)
def test_filter_adds_its_condition_and_its_parameter(name: str, field: str) -> None:
    filter, build = LISTS[name]
    value, parameter, other = values_of(filter, field)
    unset, set_ = filter(), filter(**{field: value})
    query = build(set_).page(page_arguments(None))
    assert statement_of(build(set_)) != statement_of(build(unset))
    if filter.filters[field].parameter_type is None:
        assert field not in set_.parameters()
        assert statement_of(build(filter(**{field: other}))) != statement_of(build(set_))
    else:
        assert set_.parameters()[field] == parameter
        # The search for cards has the parameters of the search for words.
        assert ("keys" if (filter, field) == (CardFilter, "search") else field) in query.parameters
        assert unset.parameters()[field] is None
        # The statement is compiled once for all values.
        assert build(filter(**{field: other})) is build(set_)


@pytest.mark.parametrize("name", LISTS)
def test_viewer_filter_scopes_the_list_to_the_viewer(name: str) -> None:
    filter, build = LISTS[name]
    if build(filter()).page(page_arguments(None)).rls_scoped:
        return
    for field in filter.filters:
        query = build(filter(**{field: values_of(filter, field)[0]})).page(page_arguments(None))
        assert query.rls_scoped is (field in filter.viewer_fields()) is ("viewer_id" in query.parameters)


@pytest.mark.parametrize(
    "filter",
    [
        AssignmentFilter,
        BookFilter,
        CardFilter,
        KanjiFilter,
        NotificationFilter,
        TextbookFilter,
        UserFilter,
        VocabularyFilter,
    ],
)
def test_input_type_has_the_descriptions_of_the_declarations(filter: type[ListFilter]) -> None:
    type_ = schema._schema.type_map[filter.__name__]
    assert isinstance(type_, GraphQLInputObjectType)
    assert type_.description == filter.__doc__
    assert {name: field.description for name, field in type_.fields.items()} == {
        to_camel_case(name): declared.description for name, declared in filter.filters.items()
    }


def test_viewer_dependent_results_are_not_cached_publicly() -> None:
    for field, filter in (
        ("books", BookFilter),
        ("vocabulary", VocabularyFilter),
        ("searchVocabulary", VocabularyFilter),
    ):
        policy = CACHE_POLICIES.of_field(QUERY, field, QUERY.fields[field])
        assert policy is not None
        assert policy.viewer_arguments == tuple(("filter", name) for name in filter.viewer_fields())
        assert filter.viewer_fields()
    policy = CACHE_POLICIES.of_field(QUERY, "books", QUERY.fields["books"])
    assert policy is not None
    assert policy.viewer_values == (("order_by", BookOrder.COVERAGE),)


def test_invalid_values_are_rejected() -> None:
    for filter in (
        BookFilter(author=""),
        BookFilter(search="x" * 101),
        BookFilter(min_coverage=1.1),
        UserFilter(search=""),
        AuditFilter(actor_id="x"),
        KanjiFilter(grades=[11]),
        KanjiFilter(component="水火"),
        KanjiFilter(reading="?"),
        KanjiFilter(meaning=""),
    ):
        with pytest.raises(BadUserInput):
            filter.parameters()
