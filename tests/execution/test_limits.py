"""What an operation may cost, and how fast one that costs too much is refused."""

import time

import pytest
from graphql import FragmentDefinitionNode, GraphQLField, GraphQLSchema, OperationDefinitionNode, build_schema, parse

from domain.errors import OperationTooComplex
from execution.limits import Limits, Measure, Measurer
from tests.clients import Client

SCHEMA = build_schema("""
    type Query { shelf: Shelf, shelves(first: Int = 20, last: Int): Shelves, all: [Shelf!]!, heavy: Shelf, count: Int }
    type Shelves { nodes: [Shelf!]!, edges: [Edge!]!, total: Int }
    type Edge { node: Shelf! }
    type Shelf { name: String, shelf: Shelf, books(first: Int): Shelves, all: [Shelf!]! }
""")


def weight_of(field: GraphQLField) -> int:
    return 100 if field is SCHEMA.type_map["Query"].fields["heavy"] else 1  # type: ignore[attr-defined]  # an object type


def measured(query: str, schema: GraphQLSchema = SCHEMA, **variables: object) -> Measure:
    document = parse(query)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    return Measurer(schema, fragments, variables, weight_of).measure(operation)


@pytest.mark.parametrize(
    ("query", "depth", "aliases", "cost"),
    [
        ("{ count }", 1, 0, 0),
        ("{ shelf { name } }", 2, 0, 1),
        ("{ a: shelf { b: name } c: count }", 2, 3, 1),
        ("{ heavy { name } }", 2, 0, 100),
        ("{ shelf { shelf { shelf { name } } } }", 4, 0, 3),
        # A list without a size is taken to hold ten.
        ("{ all { shelf { name } } }", 3, 0, 1 + 10),
        # A page holds what is asked for; its `nodes` and `edges` do not multiply again.
        ("{ shelves(first: 5) { nodes { shelf { name } } } }", 4, 0, 1 + 5 * (1 + 1)),
        ("{ shelves(last: 5) { edges { node { name } } } }", 4, 0, 1 + 5 * (1 + 1)),
        ("{ shelves { total } }", 2, 0, 1),
        ("{ shelves { nodes { name } } }", 3, 0, 1 + 20),
        ("{ shelf { books { nodes { name } } } }", 4, 0, 1 + 1 + 20),
        # More than a page can have is not counted, for it is refused; nor less than one.
        ("{ shelves(first: 1000) { nodes { name } } }", 3, 0, 1 + 100),
        ("{ shelves(first: -1) { nodes { name } } }", 3, 0, 1 + 1),
        ("{ shelves(first: 2) { nodes { all { all { name } } } } }", 5, 0, 1 + 2 * (1 + (1 + 10 * 1))),
        ("{ ...A shelf { ...B } } fragment A on Query { shelf { ...B } } fragment B on Shelf { x: name }", 2, 2, 2),
        ("{ ... on Query { shelf { ... { name } } } }", 2, 0, 1),
        ("{ __schema { types { fields { name } } } }", 4, 0, 0),
    ],
)
def test_measures(query: str, depth: int, aliases: int, cost: int) -> None:
    assert measured(query) == Measure(depth, aliases, cost)


def test_the_size_of_a_page_can_be_a_variable() -> None:
    query = "query($n: Int) { shelves(first: $n) { nodes { name } } }"
    assert measured(query, n=7).cost == 1 + 7
    assert measured(query).cost == 1 + 20


def test_fragments_that_double_are_measured_in_milliseconds() -> None:
    """A kilobyte that stands for 2^60 fields."""
    doubling = "".join(
        f"fragment F{n} on Shelf {{ a: shelf {{ ...F{n + 1} }} b: shelf {{ ...F{n + 1} }} }}" for n in range(60)
    )
    query = "{ shelf { ...F0 } }" + doubling + "fragment F60 on Shelf { name }"
    started_at = time.perf_counter()
    measure = measured(query)
    assert measure.aliases == 2**61 - 2
    assert measure.cost == 2**61 - 1
    assert time.perf_counter() - started_at < 1


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(2, 10, 10), "The operation has 3 fields deep; 2 are allowed."),
        (Limits(3, 0, 10), "The operation has 1 aliases; 0 are allowed."),
        (Limits(3, 1, 4), "The operation has 5 of cost; 4 are allowed."),
    ],
)
def test_the_number_and_the_limit_are_named(limits: Limits, message: str) -> None:
    with pytest.raises(OperationTooComplex) as raised:
        Measure(3, 1, 5).check(limits)
    assert raised.value.message == message
    Measure(3, 1, 5).check(Limits(3, 1, 5))


PAGES = "vocabulary(first: 100) { nodes { kanji { vocabulary { nodes { id } } } } }"


@pytest.mark.parametrize(
    ("query", "code", "named"),
    [
        (
            "{ node(id: 1) { " + "... on Card { vocabulary { card { " * 8 + "id" + " } } }" * 8 + " } }",
            "OPERATION_TOO_COMPLEX",
            "18 fields deep",
        ),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(51)) + " }", "OPERATION_TOO_COMPLEX", "51 aliases"),
        (f"{{ books(first: 100) {{ nodes {{ {PAGES} }} }} }}", "OPERATION_TOO_COMPLEX", "of cost"),
        ("{ " + "__typename " * 4_000 + "}", "GRAPHQL_PARSE_FAILED", "4000 tokens"),
    ],
)
async def test_an_operation_that_costs_too_much_is_refused(client: Client, query: str, code: str, named: str) -> None:
    answer = await client.run(query, as_="demo")
    assert answer.error_codes == [code]
    assert named in answer.messages[0]


async def test_fragments_that_double_do_not_hold_the_server(client: Client) -> None:
    doubling = "".join(f"fragment F{n} on Viewer {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    query = "{ viewer { ...F0 } }" + doubling + "fragment F60 on Viewer { email }"
    started_at = time.perf_counter()
    assert (await client.run(query, as_="demo")).data == {"viewer": {"email": "demo@shinjp.example"}}
    assert time.perf_counter() - started_at < 1
