"""Costs of operations, and the errors of expensive ones."""

from itertools import product
from math import ceil

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, build_schema, get_introspection_query, graphql_sync
from graphql import parse as parsed

from engine.errors import OperationTooComplex
from engine.request.cost_analysis import Limits, OperationCost
from engine.request.cost_analyzer import CostAnalyzer
from engine.request.cost_explanation import CostExplanation, Explainer
from engine.request.field_costs import FieldCosts
from engine.request.list_sizes import Sizes
from tests.clients import Client
from tests.engine.delivered import delivered
from tests.engine.sdl_costs import DIRECTIVES, costs_of

SCHEMA = build_schema(
    DIRECTIVES
    + """
    type Query {
        shelf: Shelf, count: Int, heavy: Shelf @cost(weight: "99"), text: String @cost(weight: "7"), crate: Crate
        shelves(first: Int = 20, last: Int): Shelves
            @listSize(assumedSize: 20, slicingArguments: ["first", "last"], sizedFields: ["nodes", "edges"],
                requireOneSlicingArgument: false)
        all: [Shelf!]! @listSize(assumedSize: 10)
        things: [Thing!]! @listSize(assumedSize: 3)
        thing: Thing
        byId(ids: [ID!]!): [Thing]! @listSize(slicingArguments: ["ids"])
        found(filter: Filter, groups: [[ID!]!]): [Shelf!]!
            @listSize(assumedSize: 9, requireOneSlicingArgument: false,
                slicingArguments: ["filter.names", "filter.parts.names", "filter.limit", "groups"])
    }
    type Mutation { save(input: Save!): Saved @cost(weight: "50")
        @listSize(slicingArguments: ["input.names"], sizedFields: ["results"]) }
    input Save { names: [String!]! }
    type Saved { results: [Shelf!]!, errors: [String!]! @listSize(assumedSize: 2) }
    input Filter { names: [String!], parts: [Part!], limit: Int }
    input Part { names: [String!] }
    type Shelves { nodes: [Shelf!]!, edges: [Edge!]!, total: Int }
    type Edge { node: Shelf! }
    type Crate @cost(weight: "5") { marks: [Mark!]! @listSize(assumedSize: 4), mark: Mark }
    enum Mark @cost(weight: "3") { RED BLUE }
    interface Thing { name: String, thing: Thing }
    type Shelf implements Thing {
        name: String, shelf: Shelf, thing: Thing, tags: [String!]! @listSize(assumedSize: 6)
        all: [Shelf!]! @listSize(assumedSize: 10)
        books(first: Int): Shelves @listSize(assumedSize: 20, slicingArguments: ["first"],
            sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)
    }
    type Pile implements Thing { name: String, thing: Thing, tags: [String!]! @listSize(assumedSize: 4) }
    """
)
COSTS = costs_of(SCHEMA)


def analyzer(query: str, costs: FieldCosts = COSTS) -> CostAnalyzer:
    document = parsed(query)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    return CostAnalyzer(costs, fragments, operation)


def explanation(query: str) -> CostExplanation:
    one = analyzer(query)
    return Explainer(COSTS, one._fragments, {}, Sizes()).explain(one._operation)


def results(query: str, **variables: object) -> OperationCost:
    one = analyzer(query)
    found = one.analyze(variables)
    # By the compiled function.
    assert one.analyze(variables) == found
    return found


@pytest.mark.parametrize(
    ("query", "depth", "aliases", "cost"),
    [
        ("{ count }", 1, 0, 0),
        ("{ shelf { name } }", 2, 0, 1),
        # A leaf is part of its object; with an alias it is an additional value.
        ("{ a: shelf { b: name } c: count }", 2, 3, 1 + 1 + 1),
        ("{ heavy { name } }", 2, 0, 99 + 1),
        ("{ text }", 1, 0, 7),
        ("{ a: text b: text }", 1, 2, 2 * (1 + 7)),
        ("{ crate { mark marks } }", 2, 0, 5 + 3 + 4 * 3),
        ("{ shelf { shelf { shelf { name } } } }", 4, 0, 3),
        ("{ all { shelf { name } } }", 3, 0, 10 * (1 + 1)),
        ("{ shelf { tags } }", 2, 0, 1 + 6),
        # A page has the requested size; fields next to `nodes` and `edges` count once.
        ("{ shelves(first: 5) { nodes { shelf { name } } } }", 4, 0, 1 + 5 * (1 + 1)),
        ("{ shelves(last: 5) { edges { node { name } } } }", 4, 0, 1 + 5 * (1 + 1)),
        ("{ shelves(first: 2, last: 5) { nodes { name } } }", 3, 0, 1 + 5),
        ("{ shelves { total } }", 2, 0, 1),
        ("{ shelves { a: total } }", 2, 1, 1 + 1),
        ("{ shelves { nodes { name } } }", 3, 0, 1 + 20),
        ("{ shelf { books { nodes { name } } } }", 4, 0, 1 + 1 + 20),
        ("{ shelf { books(first: null) { nodes { name } edges { node { name } } } } }", 5, 0, 1 + 1 + 20 + 20 * 2),
        # Sizes above the maximum are rejected later, and count as the maximum; negative ones as 0.
        ("{ shelves(first: 1000) { nodes { name } } }", 3, 0, 1 + 100),
        ("{ shelves(first: -1) { nodes { name } } }", 3, 0, 1),
        ("{ shelves(first: 2) { nodes { all { all { name } } } } }", 5, 0, 1 + 2 * (1 + 10 * (1 + 10 * 1))),
        # Lists of the input, also inside of objects and other lists.
        ('{ byId(ids: ["1", "2", "3"]) { name } }', 2, 0, 3),
        ('{ byId(ids: "1") { name } }', 2, 0, 1),
        ("{ byId(ids: []) { name } }", 2, 0, 0),
        ('{ found(filter: {names: ["a", "b"]}) { name } }', 2, 0, 2),
        ('{ found(filter: {names: ["a", "b"], limit: 4}) { name } }', 2, 0, 4),
        ('{ found(filter: {parts: [{names: ["a"]}, {names: ["b", "c"]}, {}]}) { name } }', 2, 0, 3),
        ('{ found(groups: [["a", "b"], ["c"], []]) { name } }', 2, 0, 3),
        ("{ found(filter: {names: null}) { name } }", 2, 0, 9),
        ("{ found { name } }", 2, 0, 9),
        ('mutation { save(input: {names: ["a", "b"]}) { results { name } errors } }', 3, 0, 50 + 1 + 2 + 2),
        # An object has one type: the most expensive one counts.
        ("{ thing { ... on Shelf { tags } ... on Pile { tags } } }", 2, 0, 1 + 6),
        (
            "{ thing { name ... on Shelf { tags } ... on Thing { thing { ... on Pile { tags } } } } }",
            3,
            0,
            1 + 6 + 1 + 4,
        ),
        ("{ things { ...S ...P } } fragment S on Shelf { tags } fragment P on Pile { a: tags }", 2, 1, 3 * (1 + 6)),
        ("{ ...A shelf { ...B } } fragment A on Query { shelf { ...B } } fragment B on Shelf { x: name }", 2, 2, 4),
        ("{ ... on Query { shelf { ... { name } } } }", 2, 0, 1),
        ("{ shelf @skip(if: true) { name } all @include(if: false) { name } count }", 2, 0, 0),
        (
            "{ ... @include(if: true) { shelf { name } } ...A @skip(if: true) } fragment A on Query { all { name } }",
            2,
            0,
            1,
        ),
    ],
)
def test_costs(query: str, depth: int, aliases: int, cost: int) -> None:
    assert results(query) == OperationCost(depth, aliases, cost)
    found = explanation(query)
    assert ceil(sum(found.by_coordinate.values())) == ceil(sum(own for own, _ in found.by_path.values())) == cost


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("query($n: Int) { shelves(first: $n) { nodes { name } } }", {"n": 7}, 1 + 7),
        ("query($n: Int) { shelves(first: $n) { nodes { name } } }", {}, 1 + 20),
        ("query($n: Int) { shelves(first: $n) { nodes { name } } }", {"n": None}, 1 + 20),
        ("query($ids: [ID!]!) { byId(ids: $ids) { name } }", {"ids": ["1", "2"]}, 2),
        ("query($id: ID!) { byId(ids: [$id, $id]) { name } }", {"id": "1"}, 2),
        ("query($f: Filter) { found(filter: $f) { name } }", {"f": {"names": ["a"], "limit": 5}}, 5),
        ("query($f: Filter) { found(filter: $f) { name } }", {"f": None}, 9),
        ("query($n: [String!]) { found(filter: {names: $n}) { name } }", {"n": ["a", "b"]}, 2),
        (
            "query($p: [Part!]) { found(filter: {parts: $p}) { name } }",
            {"p": [{"names": ["a", "b"]}, {"names": None}, {"names": ["c"]}]},
            3,
        ),
        ("query($g: [[ID!]!]) { found(groups: $g) { name } }", {"g": [[], ["a"], ["b", "c", "d"]]}, 4),
        ("query($g: [ID!]!) { found(groups: [$g, $g]) { name } }", {"g": ["a", "b"]}, 4),
        ("mutation($i: Save!) { save(input: $i) { results { name } } }", {"i": {"names": ["a"] * 8}}, 50 + 1 + 8),
        ("query($no: Boolean!) { all @skip(if: $no) { name } }", {"no": True}, 0),
        ("query($no: Boolean!) { all @skip(if: $no) { name } }", {"no": False}, 10),
        ("query($yes: Boolean!) { shelf { ... @include(if: $yes) { tags } } }", {"yes": True}, 1 + 6),
        ("query($yes: Boolean!) { shelf { ... @include(if: $yes) { tags } } }", {"yes": False}, 1),
    ],
)
def test_variables_determine_sizes(query: str, variables: dict[str, object], cost: int) -> None:
    assert results(query, **variables).cost == cost


def test_compiled_function_has_the_cost_of_other_variables() -> None:
    """Compiled once, for whatever values the next requests have."""
    query = """
        query($n: Int, $i: [ID!]!, $f: Filter, $no: Boolean = false, $yes: Boolean!) {
            shelves(first: $n) { nodes { ...F @skip(if: $no) } edges { node { tags } } total }
            byId(ids: $i) { all @include(if: $yes) @skip(if: $no) { name } }
            found(filter: $f) { name }
            thing { ... on Shelf { books(first: $n) { nodes { name } } } ... on Pile { tags } }
        }
        fragment F on Shelf { tags all { books(first: $n) { nodes { name } } } }
    """
    compiled = analyzer(query)
    costs = set()
    for values in product((None, 0, 7, 1_000), ([], ["1", "2"]), (None, {"names": ["a"]})):
        for no, yes in product((True, False), repeat=2):
            variables = dict(zip(("n", "i", "f", "no", "yes"), (*values, no, yes), strict=True))
            cost = compiled.analyze(variables)
            assert cost == analyzer(query).analyze(variables)
            costs.add(cost.cost)
    assert len(costs) > 20
    assert compiled.formula_lines


WEIGHTS = costs_of(
    build_schema(
        DIRECTIVES
        + """
    type Query {
        find(text: String @cost(weight: "7"), filter: Search, filters: [Search!], mark: Mark, marks: [Mark!]): Found
        all(filter: Search): [Found!]! @listSize(assumedSize: 10)
        plain(text: String, nested: Plain): Found
        tree(node: Tree): Found
    }
    type Found { name(size: Size @cost(weight: "2")): String, found(filter: Search): Found }
    input Search { text: String @cost(weight: "20"), mark: Mark, marks: [Mark] @cost(weight: "5"), not: Search }
    input Plain { text: String }
    input Tree { children: [Tree!], leaf: Mark, label: String }
    enum Mark @cost(weight: "3") { RED BLUE }
    scalar Size @cost(weight: "11")
    """
    )
)


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("{ find { name } }", {}, 1),
        ('{ find(text: "a") { name } }', {}, 1 + 7),
        # The weight of an argument counts each time its field is resolved.
        ('{ a: find(text: "a") { name } b: find(text: "a") { name } }', {}, 2 * (1 + 7)),
        ("query($t: String) { find(text: $t) { name } }", {"t": "a"}, 1 + 7),
        # Omitted arguments and null have no weight, defaults have theirs.
        ("query($t: String) { find(text: $t) { name } }", {}, 1),
        ("query($t: String) { find(text: $t) { name } }", {"t": None}, 1),
        ("{ find(text: null) { name } }", {}, 1),
        # Input fields, and leaf types with each value.
        ('{ find(filter: {text: "a"}) { name } }', {}, 1 + 20),
        ("{ find(filter: {mark: RED}) { name } }", {}, 1 + 3),
        ("{ find(filter: {marks: [RED, BLUE, null]}) { name } }", {}, 1 + 5 + 2 * 3),
        ("{ find(filter: {marks: []}) { name } }", {}, 1 + 5),
        ("{ find(mark: RED) { name } }", {}, 1 + 3),
        ("{ find(marks: [RED, BLUE]) { name } }", {}, 1 + 6),
        ("{ find(marks: RED) { name } }", {}, 1 + 3),
        ('{ find(filter: {not: {not: {text: "a", marks: RED}}}) { name } }', {}, 1 + 20 + 5 + 3),
        ('{ find(filters: [{text: "a"}, {mark: RED}, {}]) { name } }', {}, 1 + 20 + 3),
        ("query($f: Search) { find(filter: $f) { name } }", {"f": {"text": "a", "not": {"mark": "RED"}}}, 1 + 20 + 3),
        ("query($f: [Search!]) { find(filters: $f) { name } }", {"f": [{"text": "a"}, {"text": "b"}]}, 1 + 40),
        ("query($f: Search!) { find(filters: [$f, $f]) { name } }", {"f": {"text": "a"}}, 1 + 40),
        ("query($m: [Mark]) { find(filter: {marks: $m}) { name } }", {"m": ["RED", None]}, 1 + 5 + 3),
        ("query($t: String) { find(filter: {text: $t}) { name } }", {"t": "a"}, 1 + 20),
        ("query($t: String) { find(filter: {text: $t}) { name } }", {}, 1),
        # As often as its field, below a list, with the weight of its scalar.
        ("{ all { name(size: 1) } }", {}, 10 * (1 + 2 + 11)),
        ('{ all(filter: {text: "a"}) { found(filter: {text: "b"}) { name } } }', {}, 20 + 10 * (1 + 20 + 1)),
        ("query($no: Boolean!) { find(mark: RED) @skip(if: $no) { name } }", {"no": True}, 0),
        # Without weights nothing is inspected.
        ('query($p: Plain) { plain(text: "a", nested: $p) { name } }', {"p": {"text": "a"}}, 1),
        # A recursive input object.
        ("{ tree(node: {children: [{leaf: RED, children: []}, {children: [{leaf: BLUE}]}]}) { name } }", {}, 1 + 6),
        ("query($n: Tree) { tree(node: $n) { name } }", {"n": {"children": [{"leaf": "RED"}] * 5}}, 1 + 15),
    ],
)
def test_argument_values_have_weights(query: str, variables: dict[str, object], cost: int) -> None:
    one = analyzer(query, WEIGHTS)
    assert one.analyze(variables).cost == cost
    # The key distinguishes exactly these costs.
    assert one.sizes.key(variables) == one.sizes.key(dict(variables))


def test_key_distinguishes_weights() -> None:
    one = analyzer("query($f: Search, $p: Plain) { find(filter: $f) { name } plain(nested: $p) { name } }", WEIGHTS)
    filters: list[dict[str, object]] = [{}, {"text": "a"}, {"mark": "RED"}, {"text": "a", "mark": "RED"}]
    costs = {one.analyze({"f": filter}).cost: one.sizes.key({"f": filter}) for filter in filters}
    assert list(costs) == [2, 22, 5, 25]
    assert len({*costs.values()}) == 4
    # Equal weights share an analysis; values without weight are not part of the key.
    assert one.sizes.key({"f": {"text": "b"}, "p": {"text": "x"}}) == costs[22]


def test_key_distinguishes_costs() -> None:
    """Also by a variable that the first analysis did not use."""
    query = "query($no: Boolean!, $n: Int) { shelves(first: $n) @skip(if: $no) { nodes { name } } }"
    one = analyzer(query)
    found = {}
    for variables in ({"no": True, "n": 3}, {"no": False, "n": 3}, {"no": False, "n": 4}, {"no": False}):
        cost = one.analyze(variables).cost
        found[one.sizes.key(variables)] = cost
    assert list(found.values()) == [0, 1 + 3, 1 + 4, 1 + 20]


@pytest.mark.parametrize(
    ("sdl", "problem"),
    [
        ("type Query { a: [Int] }", "Lists without @listSize: Query.a."),
        ('type Query { a: A, b: A @listSize(assumedSize: 1, sizedFields: ["c"]) } type A { c: [Int] }', "A.c"),
        ("type Query { a: [[Int]] @listSize(assumedSize: 1) }", "lists of lists"),
        ('type Query { a: [Int] @listSize(slicingArguments: ["n"]) }', "unknown slicing argument n"),
        ('type Query { a(n: Int): [Int] @listSize(slicingArguments: ["n"]) }', "required by @listSize"),
        ('type Query { a(n: String!): [Int] @listSize(slicingArguments: ["n"]) }', "neither an Int nor a list"),
        ("type Query { a: [Int] @listSize(assumedSize: -1) }", "negative"),
        ("type Query { a: Int @listSize(assumedSize: 1) }", "not a list"),
        ('type Query { a: Query @listSize(assumedSize: 1, sizedFields: ["a"]) }', "not a list below it"),
        (
            'type Query { a(n: Int): [Int] @listSize(slicingArguments: ["n"], requireOneSlicingArgument: false) }',
            "no assumed size",
        ),
    ],
)
def test_schema_without_usable_sizes_is_rejected(sdl: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace(".", r"\.")):
        costs_of(build_schema(DIRECTIVES + sdl))


INTROSPECTIONS = [
    get_introspection_query(),
    get_introspection_query(input_value_deprecation=True, schema_description=True, directive_is_repeatable=True),
    "{ __schema { types { fields { args { name } type { fields { name args { name } } } } } } }",
    "{ __schema { types { fields { args { type { inputFields { name type { name } } } } } } } }",
    "{ __schema { types { possibleTypes { interfaces { name } } interfaces { possibleTypes { name } } } } }",
    "{ __schema { directives { locations args { name } } queryType { fields { args { name } } } } }",
    '{ ...T } fragment T on Query { __type(name: "Shelf") { fields { type { ofType { fields { name } } } } } }',
]


@pytest.mark.parametrize("query", INTROSPECTIONS)
def test_introspection_counts_what_it_delivers(query: str) -> None:
    result = graphql_sync(SCHEMA, query)
    assert result.errors is None
    assert result.data is not None
    number = delivered(result.data)
    assert number <= results(query).cost
    if query in INTROSPECTIONS[:2]:
        assert results(query).cost < 6 * number


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(2, 10, 10), "Query depth 3 exceeds the limit of 2."),
        (Limits(3, 0, 10), "Query alias count 1 exceeds the limit of 0."),
        (Limits(3, 1, 4), "Query cost 5 exceeds the limit of 4. Most expensive paths: shelf.books (4)."),
    ],
)
def test_error_names_number_and_limit(limits: Limits, message: str) -> None:
    cost = OperationCost(3, 1, 5)

    def explain() -> CostExplanation:
        return CostExplanation(by_path={"shelf.books": (4, "")})

    with pytest.raises(OperationTooComplex) as raised:
        cost.check(limits, explain)
    assert raised.value.message == message
    cost.check(Limits(3, 1, 5), explain)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("{ count shelf { name } a: all { s: shelf { name } } }", ": a (10), a.s (10), shelf (1)."),
        ("{ shelves(first: 3) { total nodes { tags } } shelf { name } }", "shelves.nodes.tags (18)"),
        ("{ thing { ... on Pile { tags } ...S } } fragment S on Shelf { mine: tags }", "thing.mine"),
        ("{ " + "shelf { " * 30 + "tags" + " }" * 31, "… (6), shelf (1)"),
    ],
)
def test_error_names_most_expensive_paths(query: str, path: str) -> None:
    assert path in explanation(query).most_expensive_paths()


PAGES = "vocabulary(first: 100) { nodes { kanji { vocabulary { nodes { id } } } } }"


@pytest.mark.parametrize(
    ("query", "code", "named"),
    [
        (
            "{ node(id: 1) { " + "... on Card { vocabulary { card { " * 8 + "id" + " } } }" * 8 + " } }",
            "OPERATION_TOO_COMPLEX",
            "depth 18 exceeds",
        ),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(51)) + " }", "OPERATION_TOO_COMPLEX", "count 51 exceeds"),
        (
            f"{{ books(first: 100) {{ nodes {{ {PAGES} }} }} }}",
            "OPERATION_TOO_COMPLEX",
            "Most expensive paths: books.nodes.vocabulary.nodes.kanji.vocabulary.nodes (",
        ),
        ("{ " + "__typename " * 4_000 + "}", "GRAPHQL_PARSE_FAILED", "4000 tokens"),
    ],
)
async def test_operation_beyond_limits_is_rejected(client: Client, query: str, code: str, named: str) -> None:
    answer = await client.run(query, user="demo")
    assert answer.error_codes == [code]
    assert named in answer.messages[0]
