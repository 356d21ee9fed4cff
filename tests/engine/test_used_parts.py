"""What a document and its variables use of a schema is found wherever it is."""

from datetime import date

import pytest
from graphql import GraphQLSchema, build_schema, parse

from engine.request.deprecation import SUNSET, Deprecation, Sunset, deprecations
from engine.request.document_cache import DocumentCache
from engine.request.used_parts import used_parts
from tests.engine.sdl_costs import costs_of

SCHEMA = build_schema("""
    directive @ranked(by: Order, filter: Filter)
        on QUERY | FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT | VARIABLE_DEFINITION
    interface Thing { id: ID! }
    type Query { name: String, old: String @deprecated(reason: "Use `name`."), thing: Thing
        shelf(filter: Filter, size: Int = 1 @deprecated(reason: "Use `filter`."), order: Order, orders: [[Order!]],
        filters: [Filter!]): Shelf }
    type Mutation { save(filters: [Filter!]!): Shelf }
    type Shelf implements Thing { id: ID!, old: String @deprecated(reason: "It is empty."), shelf: Shelf }
    input Filter { size: Int, width: Int @deprecated(reason: "Use `size`."), inner: Filter, order: Order = NEW }
    enum Order { NEW OLD @deprecated(reason: "Use `NEW`.") }
""")


@pytest.mark.parametrize(
    ("document", "coordinates"),
    [
        ("{ __typename __schema { types { name } } }", "Query"),
        ("{ name shelf { shelf { __typename } } }", "Query Query.name Query.shelf Shelf.shelf"),
        ("{ old again: old }", "Query Query.old"),
        ("{ shelf(size: 2) { id } }", "Query Query.shelf Query.shelf(size:) Shelf.id"),
        (
            "{ shelf(filter: {size: 1, inner: {width: 2}}) { id } }",
            "Query Query.shelf Query.shelf(filter:) Filter.size Filter.inner Filter.width Shelf.id",
        ),
        ("{ shelf(order: OLD) { id } }", "Query Query.shelf Query.shelf(order:) Order.OLD Shelf.id"),
        ("{ thing { id ... on Shelf { old } } }", "Query Query.thing Thing.id Shelf Shelf.old"),
        (
            "{ ...F name @include(if: true) } fragment F on Query { old }",
            "Query Query.name @include @include(if:) Query.old",
        ),
        (
            "query ($a: Order = OLD, $b: Filter = {width: 1}, $n: Int)"
            " { shelf(order: $a, filter: $b, size: $n) { id } }",
            "Query Order Order.OLD Filter Filter.width"
            " Query.shelf Query.shelf(order:) Query.shelf(filter:) Query.shelf(size:) Shelf.id",
        ),
        # Directives in every place, with values in their arguments.
        (
            "query ($n: Int @ranked) @ranked(by: OLD) { name @ranked(filter: {width: $n}) @skip(if: false) }",
            "Query @ranked @ranked(by:) Order.OLD Query.name @ranked(filter:) Filter.width @skip @skip(if:)",
        ),
        (
            "{ ...F @ranked ... @include(if: true) { old } } fragment F on Query { name }",
            "Query @ranked @include @include(if:) Query.old Query.name",
        ),
        (
            "mutation ($f: [Filter!]!) { save(filters: $f) { id } }",
            "Mutation Filter Mutation.save Mutation.save(filters:) Shelf.id",
        ),
    ],
)
def test_coordinates_of_documents(document: str, coordinates: str) -> None:
    expected = tuple(coordinates.split())
    assert used_parts(SCHEMA, parse(document)).coordinates == expected
    loaded = DocumentCache(costs_of(SCHEMA), max_tokens=100).get(document, introspection=True)
    assert loaded.used.coordinates == expected
    assert set(loaded.deprecated) == set(expected) & deprecations(SCHEMA).keys()


@pytest.mark.parametrize(
    ("variables", "coordinates"),
    [
        ({}, ""),
        ({"n": 1}, ""),
        ({"o": None, "f": None, "fs": None}, ""),
        ({"o": "OLD"}, "Order.OLD"),
        ({"os": [["NEW"], None, ["OLD", "NEW"]]}, "Order.NEW Order.OLD"),
        ({"os": "OLD"}, "Order.OLD"),
        (
            {"f": {"size": 1, "inner": {"order": "OLD", "inner": None}}},
            "Filter.size Filter.inner Filter.order Order.OLD",
        ),
        ({"fs": [{"size": 1}, {"width": 2}, {"size": 3}]}, "Filter.size Filter.width"),
        ({"fs": {"size": 1}}, "Filter.size"),
    ],
)
def test_coordinates_in_variables(variables: dict[str, object], coordinates: str) -> None:
    document = DocumentCache(costs_of(SCHEMA), max_tokens=100).get(
        "query ($n: Int, $o: Order, $os: [[Order!]], $f: Filter, $fs: [Filter!]) {"
        " shelf(size: $n, order: $o, orders: $os, filter: $f, filters: $fs) { id } }",
        introspection=True,
    )
    [operation] = document.operations.values()
    assert not isinstance(operation.variables.coerce(variables), list)
    assert operation.used_inputs.find(variables) == tuple(coordinates.split())


def test_deprecations_have_reasons_and_sunsets() -> None:
    schema: GraphQLSchema = build_schema(
        'type Query { a: Int, b: Int @deprecated, c: Int @deprecated(reason: "Use a.") }'
    )
    sunset = Sunset(date(2026, 1, 1), date(2027, 1, 1), "Query.a")
    assert schema.query_type is not None
    schema.query_type.fields["c"].extensions[SUNSET] = sunset
    assert deprecations(schema) == {
        "Query.b": Deprecation("Query.b", "No longer supported", None),
        "Query.c": Deprecation("Query.c", "Use a.", sunset),
    }
    assert deprecations(SCHEMA).keys() == {"Query.old", "Query.shelf(size:)", "Shelf.old", "Filter.width", "Order.OLD"}
