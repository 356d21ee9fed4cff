"""Reports on documents before clients use them."""

import pytest
from graphql import build_schema

from engine.request.cost_analysis import Limits
from engine.request.document_cache import DocumentCache
from engine.request.document_lints import describe_lints
from engine.request.document_report import report_document
from tests.engine.sdl_costs import costs_of
from tests.engine.test_used_parts import SCHEMA


def test_report_has_operation_and_deprecated_parts() -> None:
    documents = DocumentCache(costs_of(SCHEMA), max_tokens=100)
    report = report_document(documents, Limits(5, 5, 100), "query Old { old }")
    assert (report.problems, report.operation, report.kind) == ([], "Old", "query")
    assert list(map(str, report.lints)) == ["Old > old: Query.old is deprecated: Use `name`."]


SHELVES = build_schema("""
    directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],
        requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
    interface Node { id: ID! }
    type Query {
        books(first: Int = 20, last: Int): Books @listSize(slicingArguments: ["first", "last"], sizedFields: ["nodes"],
            assumedSize: 20, requireOneSlicingArgument: false)
        tags: [String!] @listSize(assumedSize: 10)
        node: Node
        found: Found
    }
    type Books { nodes: [Book!]! }
    union Found = Book | Page
    type Page { id: ID!, number(old: Int @deprecated(reason: "Unused.")): Int }
    type Book implements Node { id: ID!, title(case: Case): String, page: Page, books(first: Int! = 5): Books
        @listSize(slicingArguments: ["first"], sizedFields: ["nodes"]) }
    enum Case { UPPER @deprecated(reason: "Ugly.") LOWER }
""")
ID = "`id` of {} is not selected, by which normalized caches identify it."


@pytest.mark.parametrize(
    ("document", "lints"),
    [
        ("query A { books(first: 3) { nodes { id title } } tags }", []),
        ("query A($n: Int) { books(last: $n) { nodes { id } } }", []),
        (
            "query A { books { nodes { id } } }",
            ["A > books: The list has its default size of 20; give `first` or `last`."],
        ),
        (
            "query A { mine: books(first: 1) { nodes { id books { nodes { id } } } } }",
            ["A > mine > nodes > books: The list has its default size; give `first`."],
        ),
        ("query A { node { id } found { ... on Page { number } } }", []),
        (
            "query A { node { other: id } books(first: 1) { nodes { page { number } } } }",
            [f"A > node: {ID.format('Node')}", f"A > books > nodes: {ID.format('Book')}",
             f"A > books > nodes > page: {ID.format('Page')}"],
        ),
        (
            "query A { node { ...F } } fragment F on Node { ...G } fragment G on Book { id page { number } }",
            [f"fragment G > page: {ID.format('Page')}"],
        ),
        (
            "query A($c: Case = UPPER) { books(first: 1) { nodes { id title(case: $c) b: title(case: UPPER)"
            " page { id number(old: 1) } } } }",
            ["A: Case.UPPER is deprecated: Ugly.",
             "A > books > nodes > page > number: Page.number(old:) is deprecated: Unused."],
        ),
    ],
)  # fmt: skip
def test_lints_have_paths(document: str, lints: list[str]) -> None:
    documents = DocumentCache(costs_of(SHELVES), max_tokens=1_000)
    report = report_document(documents, Limits(100, 100, 10_000), document)
    assert report.problems == []
    assert list(map(str, report.lints)) == lints


def test_shares_of_limits_and_number_of_lines() -> None:
    documents = DocumentCache(costs_of(SHELVES), max_tokens=1_000)
    text = "query A { books(first: 50) { nodes { id } } }"
    assert report_document(documents, Limits(6, 1, 200), text).lints == ()
    lints = report_document(documents, Limits(5, 1, 80), text).lints
    assert [lint.message.partition(" of ")[0] for lint in lints] == ["Its cost", "Its depth"]
    assert [line.partition(":")[0] for line in describe_lints(lints, 1)] == ["A", "… and 1 more"]
