"""Each change of a schema names the parts whose users it breaks."""

import pytest
from graphql import build_schema

from engine.request.schema_changes import Severity, find_changes

OLD = """
    directive @client(id: Int) on FIELD
    directive @shown(at: Int! = 1) on FIELD
    directive @ranked repeatable on FIELD
    directive @internal(id: Int) on FIELD_DEFINITION
    interface Named { name: String }
    type Query { a(size: Int, order: Order): Thing, b(filter: Filter): [Result] , Field: Field }
    extend type Query { c(first: Int! = 1, last: Int = 1, page: Page): Int }
    type Field { id: ID }
    type Thing implements Named { name: String, id: ID! }
    union Result = Thing | Field
    input Filter { size: Int, width: Int }
    input Page { least: Int! = 1, most: Int = 1 }
    enum Order { NEW OLD }
"""


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("", "", {}),
        ("name: String, id: ID!", "name: String", {"Thing.id": "Thing.id"}),
        ("id: ID!", "id: ID", {"Thing.id": "Thing.id"}),
        ("size: Int, order: Order", "order: Order", {"Query.a(size:)": "Query.a(size:)"}),
        ("a(size: Int,", "a(size: Int!,", {"Query.a(size:)": "Query.a(size:) Query.a"}),
        ("a(size: Int,", "a(size: String,", {"Query.a(size:)": "Query.a(size:)"}),
        ("a(size", "a(new: Int!, size", {"Query.a(new:)": "Query.a(new:) Query.a"}),
        ("NEW OLD", "NEW", {"Order.OLD": "Order.OLD"}),
        (
            "{ size: Int, width",
            "{ new: Int!, size: Int, width",
            {"Filter.new": "Filter.new Filter Filter.size Filter.width Query.b(filter:)"},
        ),
        ("width: Int", "width: Int!", {"Filter.width": "Filter.width Filter Filter.size Query.b(filter:)"}),
        ("width: Int", "width: Int! = 1", {"Filter.width": "Filter.width"}),
        ("input Filter", "input Filter @oneOf", {"Filter": "Filter Filter.size Filter.width Query.b(filter:)"}),
        # Without its default value, a part is required.
        ("first: Int! = 1", "first: Int!", {"Query.c(first:)": "Query.c(first:) Query.c"}),
        ("last: Int = 1", "last: Int", {}),
        ("least: Int! = 1", "least: Int!", {"Page.least": "Page.least Page Page.most Query.c(page:)"}),
        ("most: Int = 1", "most: Int", {}),
        ("@shown(at: Int! = 1)", "@shown(at: Int!)", {"@shown(at:)": "@shown(at:) @shown"}),
        ("size: Int, width: Int", "size: Int", {"Filter.width": "Filter.width"}),
        ("Thing | Field", "Thing", {"Field": "Field"}),
        (", Field: Field }", "}", {"Query.Field": "Query.Field"}),
        (" implements Named", "", {"Thing": "Thing Named"}),
        ("directive @client(id: Int) on FIELD\n", "", {"@client": "@client"}),
        ("@client(id: Int) on", "@client(id: Int!) on", {"@client(id:)": "@client(id:) @client"}),
        ("@client(id: Int) on", "@client on", {"@client(id:)": "@client(id:)"}),
        ("@client(id: Int) on", "@client(id: Int, new: Int!) on", {"@client(new:)": "@client(new:) @client"}),
        ("@client(id: Int) on FIELD", "@client(id: Int) on QUERY", {"@client": "@client"}),
        ("@ranked repeatable on", "@ranked on", {"@ranked": "@ranked"}),
        ("on FIELD_DEFINITION", "on OBJECT", {}),
        ("directive @internal(id: Int) on FIELD_DEFINITION\n", "", {}),
        ("NEW OLD", "NEW OLD LATER", {}),
    ],
)
def test_breaking_changes(old: str, new: str, changes: dict[str, str]) -> None:
    assert old in OLD
    found = find_changes(build_schema(OLD), build_schema(OLD.replace(old, new, 1)))
    breaking = [change for change in found if change.severity is Severity.BREAKING]
    assert {change.coordinate: " ".join(change.affected) for change in breaking} == changes


def test_removed_type_and_dangerous_change() -> None:
    new = OLD.replace(", Field: Field }", "}").replace("type Field { id: ID }", "").replace("Thing | Field", "Thing")
    found = find_changes(build_schema(OLD), build_schema(new.replace("NEW OLD", "NEW OLD LATER")))
    assert {(change.severity.value, change.kind): change.affected for change in found} == {
        ("breaking", "TYPE_REMOVED"): ("Field", "Field.id"),
        ("breaking", "FIELD_REMOVED"): ("Query.Field",),
        ("breaking", "TYPE_REMOVED_FROM_UNION"): ("Field",),
        ("dangerous", "VALUE_ADDED_TO_ENUM"): ("Order.LATER",),
    }
