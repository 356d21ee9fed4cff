"""A field error never removes saved results, nor an object whose absence has another meaning."""

import json
from collections.abc import Iterator
from inspect import iscoroutinefunction, isfunction
from typing import Any, get_args, get_type_hints

import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from db.core.read_session import ReadSession
from domain.request_stats import RequestStatistics
from engine.loading.loader_field import loader_field_of
from engine.run.is_type_of import InstanceOf
from loaders import Loaders
from loaders.base import OneByKey
from loaders.books import PageByNumber, WordsToLearn
from loaders.diagnostics import PlansByStatement
from loaders.managed_users import ManagedUserById
from loaders.vocabulary import VocabularyById
from schema import schema
from schema.directives import SemanticNonNull
from tests.clients import Client
from tests.schema.root_types import MUTATION, QUERY, SUBSCRIPTION
from tests.schema.selections import ARGUMENTS, VARIABLES, is_plural

TYPES = [type_ for type_ in schema._schema.type_map.values() if is_object_type(type_) and type_.name[:2] != "__"]
# Subscriptions are rejected before their first event.
FIELDS = {
    f"{type_.name}.{name}": field
    for type_ in TYPES
    if type_ is not SUBSCRIPTION
    for name, field in type_.fields.items()
}
# Null means that the client is anonymous, or has not the role.
ROLE_TYPES = ("Viewer", "Editorial", "Admin")
PAYLOADS = [get_named_type(field.type) for field in MUTATION.fields.values()]


def directives(field: GraphQLField) -> list[SemanticNonNull]:
    definition = field.extensions["strawberry-definition"]
    return [directive for directive in definition.directives if isinstance(directive, SemanticNonNull)]


def resolver(field: GraphQLField) -> Any:
    """The resolver function, or None if the field is an attribute."""
    found = field.extensions["strawberry-definition"].base_resolver
    return found and found.wrapped_func


def can_fail(field: GraphQLField) -> bool:
    """Whether it validates arguments, or depends on a service."""
    return bool(field.args) or iscoroutinefunction(resolver(field))


def fails_upwards(field: GraphQLField, seen: frozenset[str] = frozenset()) -> bool:
    """Whether an error in the field or below it makes its parent null."""
    if not is_non_null_type(field.type):
        return False
    if can_fail(field):
        return True
    inner = get_nullable_type(field.type)
    if is_list_type(inner) and not is_non_null_type(inner.of_type):
        return False
    named = get_named_type(field.type)
    if not isinstance(named, GraphQLObjectType) or named.name in seen:
        return False
    return any(fails_upwards(below, seen | {named.name}) for below in named.fields.values())


def annotation(coordinate: str, sources: dict[str, type]) -> Any:
    """The return annotation of the resolver, or the annotation of the attribute."""
    function = resolver(FIELDS[coordinate])
    if function is not None:
        return get_type_hints(function)["return"]
    definition = FIELDS[coordinate].extensions["strawberry-definition"]
    # Rows of loaders have the attributes of the type itself.
    class_, name = sources.get(coordinate.partition(".")[0], definition.origin), definition.python_name
    computed = getattr(class_, name, None)
    if isinstance(computed, property) and isfunction(computed.fget):
        return get_type_hints(computed.fget)["return"]
    return get_type_hints(class_)[name]


def is_ever_null(coordinate: str) -> bool:
    """Whether null is a valid value, by the loader or the annotation."""
    loader_field = loader_field_of(resolver(FIELDS[coordinate]))
    if loader_field is not None:
        loader = loader_field.loader(_Context())
        finds_none = (OneByKey, PageByNumber, VocabularyById, WordsToLearn, ManagedUserById, PlansByStatement)
        return loader_field.value(None) is None and isinstance(loader, finds_none)
    return type(None) in get_args(annotation(coordinate, SOURCES))


NOTHING_IS_READ: Any = None


class _Context:
    """The part of a context that loaders need."""

    loaders = Loaders(ReadSession(NOTHING_IS_READ, NOTHING_IS_READ, RequestStatistics()))


def class_within(annotated: Any) -> type | None:
    """The class inside Optional and list."""
    classes = [found for part in get_args(annotated) if (found := class_within(part)) is not None]
    if classes:
        return classes[0]
    return annotated if isinstance(annotated, type) and annotated is not type(None) else None


def sources() -> dict[str, type]:
    """The class of the objects behind each type, from the type itself or from fields that return it."""
    found: dict[str, type] = {}
    for type_ in TYPES:
        if isinstance(type_.is_type_of, InstanceOf):
            found[type_.name] = type_.is_type_of.classes[0]
    pending = list(FIELDS)
    while pending:
        known = [name for name in pending if resolver(FIELDS[name]) or name.partition(".")[0] in found]
        if not known:
            return found
        for name in known:
            pending.remove(name)
            class_ = None if loader_field_of(resolver(FIELDS[name])) else class_within(annotation(name, found))
            if class_ is not None:
                found.setdefault(get_named_type(FIELDS[name].type).name, class_)
    return found


SOURCES = sources()


def test_field_that_can_fail_is_nullable() -> None:
    def has_to_be(coordinate: str) -> bool:
        return bool(FIELDS[coordinate].args) or coordinate.partition(".")[0] in ("Query", "Mutation")

    assert [name for name, field in FIELDS.items() if has_to_be(name) and is_non_null_type(field.type)] == []


@pytest.mark.parametrize("type_name", [*ROLE_TYPES, *sorted({payload.name for payload in PAYLOADS})])
def test_error_below_keeps_the_object(type_name: str) -> None:
    """The viewer and the saved results remain."""
    failing = [name for name in FIELDS if name.startswith(f"{type_name}.") and fails_upwards(FIELDS[name])]
    assert failing == []


async def test_nullable_field_declares_whether_null_is_a_value() -> None:
    """Asynchronous, because loaders need the event loop."""
    nullable = [name for name, field in FIELDS.items() if not is_non_null_type(field.type)]
    assert [name for name in nullable if directives(FIELDS[name])] == [n for n in nullable if not is_ever_null(n)]


def test_semantic_non_null_is_only_on_nullable_fields() -> None:
    assert [name for name, field in FIELDS.items() if is_non_null_type(field.type) and directives(field)] == []


# Invalid arguments, by the name of the first one that the field has.
REFUSED = {
    "text": f'text: "{"あ" * 2_001}"',
    "first": "first: 1001",
    "vocabularyId": 'vocabularyId: "nothing"',
    "days": "days: 5000",
    "ids": f"ids: {json.dumps(['x'] * 101)}",
    "id": 'id: "nothing"',
    "number": "number: 0",
    "query": 'query: "?"',
    "character": 'character: "two"',
    "cardId": 'cardId: "nothing", answer: "eat"',
    "type": "type: BOOK, first: 1001",
    "coordinate": 'coordinate: "?"',
    "from": 'from: "2026-02-01", to: "2026-01-01"',
}

# Arguments of which the executor rejects no value: enums, and a token that leads to a reset.
ACCEPTED = {"jlptLevel", "since", "types", "unit"}

# The administrator has no such object.
WITHOUT_ROWS = {"Viewer.analyzedText", "Viewer.continue", "Kanji.card", "Query.group", "Admin.webhook"}

Step = tuple[str, GraphQLField]


def refusable(type_: GraphQLObjectType = QUERY, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """The fields with rejectable arguments that are reachable from the query type through single objects."""
    for name, field in type_.fields.items():
        here = (*path, (f"{type_.name}.{name}", field))
        named = get_named_type(field.type)
        if field.args.keys() - ACCEPTED:
            yield here
        if (
            is_object_type(named)
            and not is_plural(field)
            and here[-1][0] not in WITHOUT_ROWS
            and named.name not in [step[0].split(".")[0] for step in here]
        ):
            yield from refusable(named, here)


@pytest.mark.parametrize(
    "path", list(refusable()), ids=lambda path: ".".join(step[0].partition(".")[2] for step in path)
)
async def test_rejected_field_alone_is_null(client: Client, path: tuple[Step, ...]) -> None:
    [(_, field)] = path[-1:]
    arguments = f"({REFUSED[next(name for name in field.args if name not in ACCEPTED)]})"
    selection = ""
    for coordinate, _ in reversed(path):
        below = f"{{ __typename {selection} }}"
        given = arguments if not selection else ARGUMENTS.get(coordinate, "")
        selection = f"{coordinate.partition('.')[2]}{given} {below}"
    declared = [f"${name}: {type_}" for name, type_ in VARIABLES.items() if f"${name}" in selection]
    query = f"query{'(' + ', '.join(declared) + ')' if declared else ''} {{ __typename {selection} }}"
    ids = (await client.run("{ books { nodes { id } } textbooks { nodes { id } } }")).data
    user = (await client.run("{ viewer { user { id } } }", user="demo")).data["viewer"]["user"]["id"]
    variables = {
        "user": user,
        "book": ids["books"]["nodes"][0]["id"],
        "textbook": ids["textbooks"]["nodes"][0]["id"],
        "ids": [],
    }
    answered = await client.run(
        query, {name: variables[name] for name in VARIABLES if f"${name}" in query}, user="admin"
    )
    assert answered.error_codes == ["BAD_USER_INPUT"]
    found, names = answered.body["data"], [step[0].partition(".")[2] for step in path]
    assert answered.body["errors"][0]["path"] == names
    for name in names[:-1]:
        assert found["__typename"]
        found = found[name]
    assert found["__typename"]
    assert found[names[-1]] is None
