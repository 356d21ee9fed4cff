"""Every input of the schema (arguments and fields of input objects), and operations that set one of them.

Derived from the schema, so that new arguments are tested without further work.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from tests.schema.selections import ARGUMENTS, VARIABLES, leaves, wrapped

# Valid values, by coordinate, by argument name, and by type.
Samples = dict[str, Any]
SAMPLES: Samples = {
    "DateTime": "2026-01-31T09:00:00Z",
    "Date": "2026-01-31",
    "dueAt": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
    "Int": 1,
    # Files are sent by multipart requests only.
    "Upload": None,
    "Float": 0.9,
    "Boolean": True,
    "String": "言葉",
    "first": 2,
    "last": 2,
    "after": None,
    "before": None,
    "quality": 4,
    "days": 7,
    "character": "人",
    "coordinate": "Book.title",
    "component": "人",
    "timeZone": "Asia/Tokyo",
    "locale": "ja-JP",
    "coverUrl": "https://shinjp.example/cover.png",
    "everything": False,
    "tags": ["books"],
    "publish": True,
    "publishAt": None,
    "ExerciseInput.id": None,
    "ExerciseInput.kind": "CHOICE",
    "ExerciseInput.options": ["猫", "犬"],
    "PromptInput.option": 0,
    "PromptInput.answers": ["猫"],
    "originalYear": 1914,
    "VocabularyFormInput.tags": ["ATEJI"],
    # Only with vocabularyIds.
    "CreateCardsInput.contexts": None,
}
# Input fields that exclude each other: only the tested one is given.
ALTERNATIVES = {
    "CreateCardsInput": ("vocabularyIds", "chapterId", "jlptLevel"),
    "CreateKanjiCardsInput": ("kanjiIds", "jlptLevel"),
    "PromptAnswerInput": ("option", "text"),
    "PurgeCacheInput": ("tags", "everything"),
    "AssignToGroupInput": ("bookId", "chapterId", "textbookId"),
    "MarkNotificationsReadInput": ("ids", "upTo"),
    "StartImportInput": ("ankiPackage", "csv", "waniKani", "shinjpExport"),
    "ImportFileInput": ("uploadId", "file"),
    "CoverFileInput": ("uploadId", "file"),
}


# Types that cost more in each item of a batch of the maximum size than an operation may; and the viewer of a payload,
# whose fields would take most of the time of the walks, and are reached from the query type.
EXPENSIVE = {"Kanji", "CardSubject", "ReviewConnection", "Viewer"}


@dataclass(frozen=True)
class Place:
    """An argument or a field of an input object."""

    coordinate: str
    type: Any
    query: str
    variables: Callable[[Any, Samples], dict[str, Any]]

    @property
    def named(self) -> str:
        return str(get_named_type(self.type))

    @property
    def is_list(self) -> bool:
        return is_list_type(get_nullable_type(self.type))


def places(schema: GraphQLSchema, kinds: Sequence[str] = ("query", "mutation")) -> Iterator[Place]:
    """All places in operations of these types, each reached by one path."""
    roots = {"query": schema.query_type, "mutation": schema.mutation_type, "subscription": schema.subscription_type}
    for kind in kinds:
        root = roots[kind]
        assert root is not None
        for path in _paths(root):
            field = path[-1][1]
            # Fields below a mutation's payload are reached from the query type, too.
            if kind == "mutation" and len(path) > 1:
                continue
            for name, argument in field.args.items():
                yield from _below(kind, path, name, argument, f"{path[-1][0]}({name}:)", argument.type, ())


_Path = tuple[tuple[str, GraphQLField], ...]


def _paths(root: GraphQLObjectType) -> Iterator[_Path]:
    """The paths to every field of every reachable object type, shortest first."""
    seen = {root.name}
    queue: list[tuple[GraphQLObjectType, _Path]] = [(root, ())]
    while queue:
        type_, path = queue.pop(0)
        for name, field in type_.fields.items():
            here = (*path, (f"{type_.name}.{name}", field))
            yield here
            named = get_named_type(field.type)
            if isinstance(named, GraphQLObjectType) and named.name not in seen:
                seen.add(named.name)
                queue.append((named, here))


def _below(
    kind: str,
    path: _Path,
    argument: str,
    definition: GraphQLArgument,
    coordinate: str,
    type_: Any,
    inside: tuple[Any, ...],
) -> Iterator[Place]:
    """The place itself, and those inside its input object. `inside`: the keys of the path."""

    def variables(value: Any, samples: Samples) -> dict[str, Any]:
        values = {**SAMPLES, **samples}
        found = {"value": _filled(f"{path[-1][0]}({argument}:)", argument, definition.type, values, inside, value)}
        return found | {name: samples[name] for name in VARIABLES if f"${name}" in operation}

    operation = _operation(kind, path, argument, definition)
    yield Place(coordinate, type_, operation, variables)
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        keys = (*inside, 0) if is_list_type(get_nullable_type(type_)) else inside
        for name, field in named.fields.items():
            yield from _below(kind, path, argument, definition, f"{named.name}.{name}", field.type, (*keys, name))


def _operation(kind: str, path: _Path, argument: str, definition: GraphQLArgument) -> str:
    selection = _selection(path[-1][1])
    for coordinate, field in reversed(path):
        name = coordinate.partition(".")[2]
        if field is path[-1][1]:
            others = _others(coordinate, argument)
            given = f"({', '.join([*others, f'{argument}: $value'])})"
        else:
            given = ARGUMENTS.get(coordinate, "").replace("{n}", "2")
        selection = f"{name}{given} {selection}" if selection else f"{name}{given}"
        selection = f"{{ {selection} }}"
    declared = [f"$value: {definition.type}"]
    declared += [f"${name}: {type_}" for name, type_ in VARIABLES.items() if f"${name}" in selection]
    return f"{kind}({', '.join(declared)}) {selection}"


def _others(coordinate: str, argument: str) -> list[str]:
    """Values of the field's other required arguments."""
    given = ARGUMENTS.get(coordinate, "").strip("()").replace("{n}", "2")
    parts = [part.strip() for part in given.split(",") if part.strip()]
    excluded = {argument, "first"} if argument == "last" else {argument}
    return [part for part in parts if part.partition(":")[0] not in excluded]


def _selection(field: GraphQLField, depth: int = 2) -> str:
    """Selects leaves, and leaves of objects below, so that the arguments take effect."""
    named: Any = get_named_type(field.type)
    if is_leaf_type(named):
        return ""
    inner = leaves(named)
    if depth and isinstance(named, GraphQLObjectType) and not named.name.endswith("Connection"):
        for name, below in named.fields.items():
            needs_value = any(is_non_null_type(argument.type) for argument in below.args.values())
            if not needs_value and get_named_type(below.type).name not in EXPENSIVE:
                found = _selection(below, depth - 1)
                inner += f" {name} {found}" if found else ""
    return f"{{ {wrapped(field, leaves(_node(field)))} }}" if named.name.endswith("Connection") else f"{{ {inner} }}"


def _node(field: GraphQLField) -> Any:
    connection: Any = get_named_type(field.type)
    return get_named_type(connection.fields["nodes"].type)


_NOTHING = object()


def _filled(
    coordinate: str, name: str, type_: Any, samples: Samples, inside: tuple[Any, ...] = (), value: Any = _NOTHING
) -> Any:
    """A valid value of the type, with `value`, if given, at the path of keys."""
    if not inside and value is not _NOTHING:
        return value
    nullable = get_nullable_type(type_)
    if isinstance(nullable, GraphQLList):
        if not inside and (coordinate in samples or name in samples):
            return samples.get(coordinate, samples.get(name))
        return [_filled(coordinate, name, nullable.of_type, samples, inside[1:], value)]
    named = get_named_type(nullable)
    if isinstance(named, GraphQLInputObjectType):
        alternatives = ALTERNATIVES.get(named.name, ())
        chosen = inside[0] if inside and inside[0] in alternatives else next(iter(alternatives), None)
        return {
            key: _filled(f"{named.name}.{key}", key, field.type, samples, inside[1:], value)
            if inside and key == inside[0]
            else _filled(f"{named.name}.{key}", key, field.type, samples)
            for key, field in named.fields.items()
            if key not in alternatives or key == chosen
        }
    for key in (coordinate, name, named.name):
        if key in samples:
            return samples[key]
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    raise AssertionError(f"{coordinate} needs a sample")
