"""Errors have the coordinate of the part of the schema that they are about."""

import re
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, resolve_schema_coordinate

from engine.coordinates import coordinate_of
from engine.errors import OperationTooComplex
from engine.request.cost_analysis import Limits
from engine.request.document_cache import DocumentCache
from engine.request.operations import Operations
from engine.request.request_errors import RequestError
from engine.request.variables import Variables
from schema import schema
from schema.costs import COSTS
from tests.clients import Client
from tests.executions import EXECUTIONS, executed_by
from tests.schema.places import Place
from tests.schema.selections import VARIABLES
from tests.schema.test_edge_values import PLACES

DOCUMENTS = DocumentCache(COSTS, max_tokens=10_000)
# A value of no type: a list that contains an object with an unknown field.
WRONG = [[[{"wrong": 1.5}]]]
UNLIMITED = Operations(schema, DOCUMENTS, Limits(100, 1_000, 10**9))


def coordinates(query: str, variables: dict[str, Any] | None = None, limits: Limits | None = None) -> list[str | None]:
    """Of the errors of an operation that is not executed."""
    operations = UNLIMITED if limits is None else Operations(schema, DOCUMENTS, limits)
    try:
        operations.prepare(query, None, variables or {}, introspection=True, read_only=False, streams=True)
    except RequestError as error:
        return [coordinate_of(one) for one in error.errors]
    except OperationTooComplex as error:
        return [str(error.extensions["coordinate"])]
    raise AssertionError("The operation is valid.")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ books { nodes { name } } }", "Book"),
        ("{ books { nodes } }", "BookConnection.nodes"),
        ("{ bookss { nodes { id } } }", "Query"),
        ("{ book { id } }", "Query.book"),
        ("{ books(limit: 5) { totalCount } }", "Query.books"),
        ('{ books(first: "5") { totalCount } }', "Query.books(first:)"),
        ("{ books(first: 5, first: 6) { totalCount } }", "Query.books(first:)"),
        ("{ books(filter: {level: N5}) { totalCount } }", "Query.books(filter:)"),
        ("{ books(filter: {jlptLevels: [N9]}) { totalCount } }", "BookFilter.jlptLevels"),
        ("{ books(filter: {jlptLevels: N5, jlptLevels: N4}) { totalCount } }", "BookFilter.jlptLevels"),
        ("{ books @skip { totalCount } }", "@skip"),
        ("{ books @skip(if: 1) { totalCount } }", "@skip(if:)"),
        ("{ books @never { totalCount } }", "Query.books"),
        ("query($first: Books) { books(first: $first) { totalCount } }", "Query"),
        ("query($first: String) { books(first: $first) { totalCount } }", "Query.books(first:)"),
        ("{ books { nodes { ... on Textbook { id } } } }", "Textbook"),
        ("fragment F on Books { id } { books { totalCount } ...F }", None),
        ("{ books { totalCount } books(first: 1) { totalCount } }", "Query.books"),
        ("{ ...F } fragment F on Query { ...F }", "Query"),
        ("subscription { jobStatus }", "Subscription.jobStatus"),
    ],
)
def test_errors_of_documents(query: str, expected: str | None) -> None:
    assert expected in coordinates(query)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, ["ReviewCardsInput"]),
        ({"input": None}, ["ReviewCardsInput"]),
        ({"input": {"reviews": None}}, ["ReviewCardsInput.reviews"]),
        ({"input": {}}, ["ReviewCardsInput"]),
        (
            {"input": {"reviews": [{"cardId": "1", "quality": "a", "idempotencyKey": "k"}, {"cardId": "1"}]}},
            ["ReviewInput.quality", "ReviewCardsInput.reviews"],
        ),
        ({"input": {"reviews": {"cardId": "1", "quality": 4, "idempotencyKey": {}}}}, ["ReviewInput.idempotencyKey"]),
    ],
)
def test_errors_of_variables(variables: dict[str, Any], expected: list[str]) -> None:
    query = "mutation($input: ReviewCardsInput!) { reviewCards(input: $input) { results { card { id } } } }"
    found = coordinates(query, variables)
    assert list(dict.fromkeys(found)) == expected


def test_many_errors_of_variables() -> None:
    query = "mutation($input: ReviewCardsInput!) { reviewCards(input: $input) { results { card { id } } } }"
    reviews = [{"cardId": [], "quality": 4, "idempotencyKey": "k"}] * 20
    # The last one says that there are more.
    assert coordinates(query, {"input": {"reviews": reviews}}) == ["ReviewInput.cardId"] * 10 + [None]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(100, 100, 1_000), "VocabularyConnection.nodes"),
        (Limits(3, 100, 10**9), "Vocabulary.id"),
    ],
)
def test_errors_of_limits(limits: Limits, expected: str) -> None:
    query = "{ kanjiList(first: 100) { nodes { vocabulary(first: 50) { nodes { id } } } } }"
    assert coordinates(query, limits=limits) == [expected]


@pytest.mark.parametrize("execution", EXECUTIONS)
async def test_errors_of_fields(client: Client, execution: str) -> None:
    query = '{ books(first: 1000) { totalCount } kanji(character: "食") { vocabulary(first: 1000) { totalCount } } }'
    with executed_by(execution):
        answer = await client.run(query)
    assert {error["extensions"]["coordinate"] for error in answer.body["errors"]} == {"Query.books", "Kanji.vocabulary"}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.coordinate)
def test_every_input_is_the_coordinate_of_its_errors(place: Place) -> None:
    """In the value of a variable, an argument has the name of its type, as the variable has."""
    definition = re.search(r"\$value: ([][!\w]+)", place.query)
    assert definition
    # Validation would take most of the time, and require that the variable is used.
    operation = parse(f"query($value: {definition[1]}) {{ __typename }}").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    samples = dict.fromkeys(["ID", "Upload", *VARIABLES], "x")
    found = Variables(schema._schema, operation).coerce({"value": place.variables(WRONG, samples)["value"]})
    assert isinstance(found, list)
    expected = place.named if "(" in place.coordinate else place.coordinate
    assert expected in [coordinate_of(error) for error in found]
    assert resolve_schema_coordinate(schema._schema, place.coordinate)
