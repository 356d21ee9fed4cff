"""Costs of operations: known operations are far below the limit, and attacks are above it."""

import re
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import pytest
import strawberry
from graphql import FragmentDefinitionNode, GraphQLObjectType, OperationDefinitionNode, get_introspection_query, parse
from strawberry.schema.config import StrawberryConfig

from bench.attacks import cost as attacks
from bench.comparison.operations import QUERIES
from domain import list_sizes
from domain.ids import global_id, new_id
from engine.request.cost_analyzer import CostAnalyzer
from engine.request.field_costs import FieldCosts
from schema import schema
from schema.costs import COSTS, DeclaredCosts
from schema.directives import Cost
from server.settings import Settings
from tests.clients import Client
from tests.databases import column
from tests.review_assertions import card_ids
from tests.schema.root_types import object_type

ROOT = Path(__file__).parents[2]
LIMIT = Settings.model_fields["max_query_cost"].default
# The minimum ratio of the limit to the cost of known operations. The cost of introspection is its exact size, which
# grows with the schema only.
HEAD_ROOM = 3
INTROSPECTION_HEAD_ROOM = 1.1


def documents() -> dict[str, str]:
    """All documents of the project, by their location."""
    found = {path.stem: path.read_text() for path in (ROOT / "server/graphiql/tabs").glob("*.graphql")}
    found |= {path.stem: path.read_text() for path in (ROOT / "server" / "graphql").glob("*.graphql")}
    assert "cache_warmup" in found
    for name, pattern in (
        ("README.md", r"```graphql\n(.*?)```"),
        ("tests/clients/src/operations.js", r"^export const [A-Z_]+ =\s*`(.*?)`"),
    ):
        texts = re.findall(pattern, (ROOT / name).read_text(), flags=re.DOTALL | re.MULTILINE)
        assert texts
        found |= {f"{name} {number}": text for number, text in enumerate(texts)}
    found |= {f"bench {name}": query for name, query in QUERIES.items()}
    return found | {"introspection": get_introspection_query(schema_description=True, input_value_deprecation=True)}


DOCUMENTS = documents()
# The sizes of a page and of a usual batch.
VARIABLES = {"first": 50, "input": {"reviews": [{}] * 100, "reviewIds": ["id"] * 100, "cardIds": ["id"] * 100}}


def cost_of(text: str, variables: dict[str, Any]) -> int:
    document = parse(text)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    return max(
        _analyze(CostAnalyzer(COSTS, fragments, node), variables)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    )


def _analyze(analyzer: CostAnalyzer, variables: dict[str, Any]) -> int:
    """By the selections and by the compiled function."""
    cost = analyzer.analyze(variables)
    assert analyzer.analyze(variables) == cost
    return cost.cost


@pytest.mark.parametrize("name", DOCUMENTS)
def test_known_operation_has_head_room(name: str) -> None:
    head_room = INTROSPECTION_HEAD_ROOM if name == "introspection" else HEAD_ROOM
    assert cost_of(DOCUMENTS[name], VARIABLES) * head_room <= LIMIT


def test_largest_batch_is_within_limit() -> None:
    largest = {"input": {"reviews": [{}] * 1_000, "reviewIds": ["id"] * 1_000}}
    assert cost_of(DOCUMENTS["5-review"], largest) <= LIMIT
    assert cost_of(DOCUMENTS["6-undo"], largest) <= LIMIT


async def test_attacks_are_rejected_without_a_statement(client: Client) -> None:
    found = await client.run("{ textbooks(first: 1) { nodes { id } } }")
    for query, variables in attacks.operations(found.data["textbooks"]["nodes"][0]["id"]):
        answer = await client.run(query, variables)
        assert answer.error_codes == ["OPERATION_TOO_COMPLEX"], query
        assert re.fullmatch(
            rf"Query cost \d+ exceeds the limit of {LIMIT}\. Most expensive paths: \S+ \(\d+\)[^`]*\.( Lower `.*\.)?",
            answer.messages[0],
        )
        assert "data" not in answer.body


def test_lists_have_sizes() -> None:
    """`FieldCosts` also rejects schemas that have a list without a size."""
    lists = [
        (type_name, name)
        for type_name, type_ in schema._schema.type_map.items()
        if not type_name.startswith("__")
        for name, field in getattr(type_, "fields", {}).items()
        if str(field.type).startswith("[") and hasattr(field, "args")
    ]
    assert len(lists) > 50
    for type_name, name in lists:
        found = COSTS.of(object_type(type_name), name)
        assert found is not None
        sized_above = any(
            name in cost.sized_fields
            for parent in schema._schema.type_map.values()
            if isinstance(parent, GraphQLObjectType) and not parent.name.startswith("__")
            for field, one in parent.fields.items()
            if str(one.type).strip("[]!") == type_name and (cost := COSTS.of(parent, field)) is not None
        )
        assert found.assumed_size or found.slices or sized_above, f"{type_name}.{name}"


def test_cost_depends_on_the_length_of_an_input_list() -> None:
    mutation = parse("mutation($input: ReviewCardsInput!) { reviewCards(input: $input) { results { duplicate } } }")
    operation = mutation.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    measurer = CostAnalyzer(COSTS, {}, operation)
    few: dict[str, Any] = {"input": {"reviews": [{}]}}
    many: dict[str, Any] = {"input": {"reviews": [{}] * 1_000}}
    assert measurer.analyze(many).cost - measurer.analyze(few).cost == 999
    assert measurer.sizes.key(many) == (1_000,)


def test_directives_match_the_specification() -> None:
    directive = schema._schema.get_directive("cost")
    assert directive is not None
    assert {location.name for location in directive.locations} == {
        *("ARGUMENT_DEFINITION", "ENUM", "FIELD_DEFINITION", "INPUT_FIELD_DEFINITION", "OBJECT", "SCALAR"),
    }
    assert {name: str(argument.type) for name, argument in directive.args.items()} == {"weight": "String!"}


def test_argument_weights_are_read_from_strawberry() -> None:
    day = strawberry.scalar(name="Date", serialize=date.isoformat, directives=[Cost(weight="7")])

    @strawberry.enum(directives=[Cost(weight="5")])
    class Mark(Enum):
        RED = 1

    @strawberry.input
    class Filter:
        text: str | None = strawberry.field(default=None, directives=[Cost(weight="20")])
        mark: Mark | None = None

    @strawberry.type
    class Query:
        @strawberry.field
        def found(
            self,
            filter: Filter | None = None,
            day: date | None = None,
            text: Annotated[str | None, strawberry.argument(directives=[Cost(weight="3")])] = None,
        ) -> int:
            return 1

    weighted = strawberry.Schema(Query, config=StrawberryConfig(scalar_map={date: day}))
    costs = FieldCosts(weighted._schema, DeclaredCosts(), max_size=1)
    [operation] = parse('{ found(filter: {text: "a", mark: RED}, day: "2026-01-31", text: "b") }').definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert CostAnalyzer(costs, {}, operation).analyze({}).cost == 20 + 5 + 7 + 3


async def test_cost_of_batches_depends_on_their_input(writable_database_url: str, writable: Client) -> None:
    """A batch within the limit, and the same selection with a batch beyond it."""
    selection = " ".join(f"c{n}: vocabulary {{ meanings examples {{ japanese }} }}" for n in range(20))
    query = (
        "mutation($input: SetCardsSuspendedInput!) { setCardsSuspended(input: $input) "
        + f"{{ cards {{ {selection} }} }} }}"
    )
    ids = await card_ids(writable_database_url, "demo", 2)
    few = await writable.run(query, {"input": {"cardIds": ids, "suspended": False}}, user="demo")
    assert len(few.data["setCardsSuspended"]["cards"]) == 2
    unknown = [global_id("Card", new_id()) for _ in range(1_000)]
    many = await writable.run(query, {"input": {"cardIds": unknown, "suspended": False}}, user="demo")
    assert many.error_codes == ["OPERATION_TOO_COMPLEX"]


async def test_payload_has_the_first_errors(client: Client) -> None:
    query = """mutation($input: UndoReviewsInput!) { undoReviews(input: $input) { errors { path } } }"""
    answer = await client.run(query, {"input": {"reviewIds": ["not an id"] * 200}}, user="demo")
    errors = answer.data["undoReviews"]["errors"]
    assert [error["path"] for error in errors] == [["reviewIds", str(index)] for index in range(50)]


async def test_longest_lists_are_within_their_sizes(content_database_url: str) -> None:
    """The declared sizes are close to those of the content, so that costs are realistic."""
    [meanings] = await column(content_database_url, "select max(cardinality(meanings)) from vocabulary")
    [words] = await column(
        content_database_url, "select count(*) from chapter_vocabulary group by chapter_id order by 1 desc limit 1"
    )
    assert meanings <= list_sizes.MAX_MEANINGS <= 2 * meanings
    assert words == list_sizes.MAX_WORDS_OF_CHAPTER
