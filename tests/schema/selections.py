"""Queries derived from the schema, so that new fields are tested without further work."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)

from domain.ids import global_id

# 食べる, whose id is the same in every database.
FREQUENT_WORD = UUID("019b76da-a659-70f9-9b92-23275279098b")

# Values of arguments without a default. `{n}` is the number of parents.
ARGUMENTS = {
    "Query.books": "(first: {n})",
    "Query.textbooks": "(first: {n})",
    "Query.vocabulary": "(first: {n})",
    "Query.searchVocabulary": '(query: "人", first: {n})',
    "Query.analyzeText": f'(text: "{"猫を見る。" * 60}", first: {{n}})',
    "Query.exampleSentences": f'(vocabularyId: "{global_id("Vocabulary", FREQUENT_WORD)}", first: {{n}})',
    # Without a viewer's card.
    "Query.checkAnswer": f'(cardId: "{global_id("Card", FREQUENT_WORD)}", answer: "to eat")',
    "Query.nodes": "(ids: $ids)",
    "Query.textbookTopics": "(jlptLevel: N5)",
    "Query.kanji": '(character: "人")',
    "Query.kanjiList": "(first: {n})",
    "Query.searchKanji": '(query: "人", first: {n})',
    "Query.book": "(id: $book)",
    "Query.textbook": "(id: $textbook)",
    "Query.node": "(id: $book)",
    "Query.group": "(id: $group)",
    "Admin.webhook": "(id: $webhook)",
    "Webhook.deliveries": "(first: {n})",
    "Kanji.vocabulary": "(first: {n})",
    "Book.vocabulary": "(first: {n})",
    "Book.wordsToLearn": "(first: {n})",
    "Book.pages": "(first: {n})",
    "Book.page": "(number: 1)",
    "Viewer.dueCards": "(first: {n})",
    "Viewer.studySession": "(first: {n})",
    "Viewer.statistics": '(from: "2026-01-01", to: "2026-12-31")',
    "Statistics.forecast": "(days: {n})",
    "Statistics.hardestCards": "(first: {n})",
    "Viewer.cards": "(first: {n})",
    "Viewer.deletedCards": "(first: {n})",
    "Viewer.cardTags": "(first: {n})",
    "Viewer.readingProgress": "(first: {n})",
    "Viewer.textbooks": "(first: {n})",
    "Viewer.reviews": "(first: {n})",
    "Viewer.groups": "(first: {n})",
    "Viewer.assignments": "(first: {n})",
    "Group.members": "(first: {n})",
    "Group.invitations": "(first: {n})",
    "Group.assignments": "(first: {n})",
    "Viewer.notifications": "(first: {n})",
    "Viewer.jobs": "(first: {n})",
    "Viewer.imports": "(first: {n})",
    "Import.ambiguousWords": "(first: {n})",
    "Viewer.analyzedText": "(id: $analyzedText)",
    "Viewer.analyzedTexts": "(first: {n})",
    "AnalyzedText.parts": "(first: {n})",
    "Dashboard.currentlyReading": "(first: {n})",
    "Dashboard.forecast": "(days: {n})",
    "Dashboard.activity": "(days: {n})",
    "Book.revisions": "(first: {n})",
    "Textbook.revisions": "(first: {n})",
    "Chapter.revisions": "(first: {n})",
    "Editorial.corrections": "(first: {n})",
    "Editorial.reports": "(first: {n})",
    "Editorial.deleted": "(type: BOOK, first: {n})",
    "Viewer.reports": "(first: {n})",
    "Admin.slowQueries": "(first: {n})",
    "Admin.slowOperations": "(first: {n})",
    "Admin.errors": "(first: {n})",
    "Admin.schemaUsage": '(coordinate: "Book.title")',
    "Admin.users": "(first: {n})",
    "Admin.user": "(id: $user)",
    "ManagedUser.jobs": "(first: {n})",
    "ManagedUser.auditTrail": "(first: {n})",
    "Admin.auditLog": "(first: {n})",
    "Admin.analytics": '(from: "2026-01-01", to: "2026-12-31")',
    "Analytics.topVocabulary": "(first: {n})",
}


@dataclass(frozen=True)
class ListField:
    """A list, and the path of fields that leads to it from the root."""

    path: tuple[tuple[str, GraphQLField], ...]

    @property
    def name(self) -> str:
        return ".".join(coordinate.partition(".")[2] for coordinate, _ in self.path)

    @property
    def type(self) -> GraphQLObjectType:
        return element_type(self.path[-1][1])

    def query(self, selection: str, parents: int) -> str:
        for coordinate, field in reversed(self.path):
            arguments = ARGUMENTS.get(coordinate, "").replace("{n}", str(parents))
            selection = f"{coordinate.partition('.')[2]}{arguments} {{ {wrapped(field, selection)} }}"
        declared = [f"${name}: {type_}" for name, type_ in VARIABLES.items() if f"${name}" in selection]
        return f"query{'(' + ', '.join(declared) + ')' if declared else ''} {{ {selection} }}"


VARIABLES = {
    "ids": "[ID!]!",
    "book": "ID!",
    "textbook": "ID!",
    "analyzedText": "ID!",
    "user": "ID!",
    "group": "ID!",
    "webhook": "ID!",
}


def is_connection(field: GraphQLField) -> bool:
    return get_named_type(field.type).name.endswith("Connection")


def is_plural(field: GraphQLField) -> bool:
    return is_connection(field) or is_list_type(get_nullable_type(field.type))


def element_type(field: GraphQLField) -> GraphQLObjectType:
    named = get_named_type(field.type)
    # `leaves` distinguishes the types of unions.
    found = cast("GraphQLObjectType", named)
    return cast("GraphQLObjectType", get_named_type(found.fields["nodes"].type)) if is_connection(field) else found


def wrapped(field: GraphQLField, selection: str) -> str:
    return f"totalCount pageInfo {{ endCursor }} nodes {{ {selection} }}" if is_connection(field) else selection


def composite_fields(type_: GraphQLObjectType) -> Iterator[tuple[str, GraphQLField]]:
    """The fields of composite types, by coordinate."""
    for name, field in getattr(type_, "fields", {}).items():
        if not is_leaf_type(get_named_type(field.type)):
            yield f"{type_.name}.{name}", field


def lists_from_root(schema: GraphQLSchema, depth: int = 4) -> Iterator[ListField]:
    """Every list that is reachable from the query type through single objects."""

    def walk(type_: GraphQLObjectType, path: tuple[tuple[str, GraphQLField], ...]) -> Iterator[ListField]:
        for coordinate, field in composite_fields(type_):
            here = (*path, (coordinate, field))
            if is_plural(field):
                yield ListField(here)
            elif len(here) < depth and not _seen(path, field):
                yield from walk(element_type(field), here)

    assert schema.query_type is not None
    yield from walk(schema.query_type, ())


def leaves(type_: GraphQLObjectType) -> str:
    """All scalar fields of a type; for an interface or union, of each possible type."""
    if isinstance(type_, GraphQLInterfaceType):
        return "id"
    if isinstance(type_, GraphQLUnionType):
        return " ".join(f"... on {member.name} {{ {leaves(member)} }}" for member in type_.types)
    names = [name for name, field in type_.fields.items() if is_leaf_type(get_named_type(field.type))]
    return " ".join(names or ["__typename"])


def field_selection(coordinate: str, field: GraphQLField, inner: str) -> str:
    arguments = ARGUMENTS.get(coordinate, "").replace("{n}", "3")
    return f"{coordinate.partition('.')[2]}{arguments} {{ {wrapped(field, inner)} }}"


def _seen(path: tuple[tuple[str, GraphQLField], ...], field: GraphQLField) -> bool:
    return any(get_named_type(field.type) is get_named_type(passed.type) for _, passed in path)
