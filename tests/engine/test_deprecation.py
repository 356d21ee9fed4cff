"""Deprecated parts of a schema are found wherever a document uses them."""

import pytest
from graphql import build_schema, parse

from engine.request.deprecation import deprecated_coordinates, deprecation_reason
from engine.request.document_cache import DocumentCache
from tests.engine.sdl_costs import costs_of

SCHEMA = build_schema("""
    type Query { name: String, old: String @deprecated(reason: "Use `name`."), shelf(filter: Filter, size: Int = 1
        @deprecated(reason: "Use `filter`."), order: Order): Shelf }
    type Shelf { old: String @deprecated(reason: "It is empty."), shelf: Shelf }
    input Filter { size: Int, width: Int @deprecated(reason: "Use `size`."), inner: Filter }
    enum Order { NEW OLD @deprecated(reason: "Use `NEW`.") }
""")


@pytest.mark.parametrize(
    ("document", "coordinates"),
    [
        ("{ name shelf { shelf { __typename } } }", ()),
        ("{ old again: old }", ("Query.old",)),
        ("{ shelf { old shelf { old } } }", ("Shelf.old",)),
        ("{ shelf(size: 2) { __typename } }", ("Query.shelf(size:)",)),
        ("{ shelf(filter: {size: 1, inner: {width: 2}}) { __typename } }", ("Filter.width",)),
        ("{ shelf(order: OLD) { __typename } }", ("Order.OLD",)),
        ("{ ...F name @include(if: true) } fragment F on Query { old }", ("Query.old",)),
        ("{ shelf(size: 1, order: OLD) { old } old }", ("Query.shelf(size:)", "Order.OLD", "Shelf.old", "Query.old")),
    ],
)
def test_deprecated_coordinates(document: str, coordinates: tuple[str, ...]) -> None:
    assert deprecated_coordinates(SCHEMA, parse(document)) == tuple(sorted(coordinates, key=coordinates.index))
    assert DocumentCache(costs_of(SCHEMA), max_tokens=100).get(document, introspection=True).deprecated == coordinates


@pytest.mark.parametrize(
    ("coordinate", "reason"),
    [
        ("Query.old", "Use `name`."),
        ("Query.shelf(size:)", "Use `filter`."),
        ("Filter.width", "Use `size`."),
        ("Order.OLD", "Use `NEW`."),
        ("Query.name", None),
        ("Query.gone", None),
        ("Gone.old", None),
        ("Query", None),
        ("no coordinate!", None),
    ],
)
def test_deprecation_reasons(coordinate: str, reason: str | None) -> None:
    assert deprecation_reason(SCHEMA, coordinate) == reason
