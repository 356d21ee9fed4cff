"""Descriptions of the arguments of fields and directives."""

from collections.abc import Iterator, Mapping

from graphql import GraphQLArgument, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, get_named_type

from db.core.filters import ListFilter
from db.queries.administration import AuditFilter
from db.queries.jobs import JobFilter
from db.queries.reading import ReadingFilter
from db.queries.reviews import ReviewFilter


def _filter(filter: type[ListFilter], name: str) -> str:
    return filter.filters[name].description


# Arguments that mean the same wherever they are.
_BY_NAME: Mapping[str, str] = {
    "after": "Returns items after this cursor.",
    "before": "Returns items before this cursor.",
    "first": "Returns the first n items; default 20, max 100.",
    "id": "A global id.",
    "input": "Input of the mutation.",
    "last": "Returns the last n items; max 100. Mutually exclusive with `first`.",
    "orderBy": "Sort order; default NEWEST.",
}
# By schema coordinates.
_BY_COORDINATE: Mapping[str, str] = {
    "Admin.analytics(from:)": "The first day.",
    "Admin.analytics(to:)": "The last day, at most 366 days after the first.",
    "Admin.auditLog(actorId:)": _filter(AuditFilter, "actor_id"),
    "Admin.auditLog(entityId:)": _filter(AuditFilter, "entity_id"),
    "Admin.deprecatedUsage(days:)": "Number of days, between 1 and 90.",
    "Admin.errors(first:)": "Number of items; max 100.",
    "Admin.schemaUsage(coordinate:)": (
        "Schema coordinates, such as `Book.title`, `Query.books(first:)`, `ReviewInput.quality` or `JlptLevel.N5`."
    ),
    "Admin.schemaUsage(days:)": "Number of days, between 1 and 90.",
    "Admin.slowOperations(first:)": "Number of items; max 100.",
    "Admin.slowQueries(first:)": "Number of items, slowest first; max 100.",
    "Analytics.topVocabulary(first:)": "Number of items, hardest first; max 100.",
    "Book.vocabulary(orderBy:)": "Sort order; default FIRST_OCCURRENCE.",
    "Book.wordsToLearn(first:)": "Returns the first n words; default 100, max 1,000.",
    "Book.wordsToLearn(target:)": "The share of the text's words to know, between 0 and 1; default 0.95.",
    "Book.page(number:)": "Number of the page, from 1 to 100,000.",
    "Dashboard.activity(days:)": "Number of days, today last, between 1 and 366.",
    "Dashboard.currentlyReading(first:)": "Number of items, most recently read first; max 100.",
    "Dashboard.forecast(days:)": "Number of days, today first, between 1 and 90.",
    "Editorial.deleted(type:)": "The type.",
    "Query.analyzeText(first:)": "Returns the first n sentences; default 50, max 200.",
    "Query.analyzeText(text:)": "Japanese text; max 2,000 characters.",
    "Query.checkAnswer(answer:)": (
        "What the learner typed, in English, kana, kanji or romaji; max 300 characters, no control characters."
    ),
    "Query.checkAnswer(cardId:)": "The card.",
    "Query.exampleSentences(known:)": (
        "True: only sentences in which the viewer knows all other words, by cards with an interval of 21 days or more. "
        "Requires authentication."
    ),
    "Query.exampleSentences(vocabularyId:)": "The word.",
    "Query.textbookTopics(jlptLevel:)": "The level of the words.",
    "Query.kanji(character:)": "A single character.",
    "Query.searchKanji(query:)": "Kanji, kana, romaji, English or a number of strokes; max 100 characters.",
    "Query.nodes(ids:)": "Up to 100 global ids of any types. A malformed id causes an error at its index only.",
    "Query.searchVocabulary(query:)": (
        "Kanji, kana, romaji or English; max 100 characters. `*` stands for any characters, `?` for one unless it is "
        "the last; quotes around the query find exact matches only. Tags such as #n5, #common and #verb are filters."
    ),
    "Scheduling.simulate(days:)": "Number of days, today first, between 1 and 365; default 30.",
    "Scheduling.simulate(newPerDay:)": "New cards on each day, between 0 and 9,999; those of the settings by default.",
    "Scheduling.simulate(retention:)": (
        "The desired retention, between 0.70 and 0.97; that of the settings by default."
    ),
    "Statistics.forecast(days:)": "Number of days, today first, between 1 and 366; default 30.",
    "Statistics.hardestCards(first:)": "Number of items, hardest first; default 10, max 100.",
    "Statistics.periods(unit:)": "Length of the periods; default DAY. At most 366 periods.",
    "Viewer.changes(first:)": "Number of changes; default 100, max 500.",
    "Viewer.changes(since:)": "The `nextToken` of the previous page; null for all objects.",
    "Viewer.changes(types:)": "Types of objects, the same for all pages; default all.",
    "Viewer.dueCards(orderBy:)": "Sort order; default DUE_FIRST.",
    "Viewer.jobs(kinds:)": _filter(JobFilter, "kinds"),
    "Viewer.jobs(status:)": _filter(JobFilter, "status"),
    "Viewer.readingProgress(status:)": _filter(ReadingFilter, "status"),
    "Viewer.reviews(from:)": _filter(ReviewFilter, "from_"),
    "Viewer.reviews(to:)": _filter(ReviewFilter, "to"),
    "Viewer.statistics(from:)": "The first day; default a year before the last one.",
    "Viewer.statistics(to:)": "The last day; default today. At most 3,660 days with the first.",
    "Viewer.studySession(first:)": "Returns the first n cards; default 20, max 100.",
    "Viewer.studySession(learnAheadMinutes:)": (
        "How early cards in learning steps are shown, in minutes, between 0 and 1,439; default 20."
    ),
    "@cacheControl(maxAge:)": "Maximum age in seconds.",
    "@cacheControl(scope:)": "Whether a cached value is shared.",
    "@cost(weight:)": "The cost as an integer, without the fields selected below.",
    "@listSize(assumedSize:)": "Assumed size of the list without slicing arguments.",
    "@listSize(requireOneSlicingArgument:)": "Whether exactly one slicing argument is required.",
    "@listSize(sizedFields:)": "The fields of the result that have this size, if the field itself is not a list.",
    "@listSize(slicingArguments:)": (
        "Arguments that determine the size: an integer, or the length of a list. A path such as `input.reviews` "
        "refers to a field of an input object. The largest of several arguments counts."
    ),
    "@requires(role:)": "The minimum role.",
    "@semanticNonNull(levels:)": "The levels that are null only on errors: 0 is the field, 1 an item of its list.",
    "@sunset(on:)": "The day, as `2027-01-31`, from which the part no longer exists.",
    "@sunset(replacement:)": "Coordinates of what to use instead.",
    "@sunset(since:)": "The day, as `2027-01-31`, on which it was deprecated.",
}


def describe_arguments(schema: GraphQLSchema) -> None:
    """Set the descriptions of all arguments. A `filter` has the description of its type.

    Raises LookupError for an argument without a description.
    """
    for coordinate, name, argument in _arguments(schema):
        description = _BY_COORDINATE.get(coordinate) or _BY_NAME.get(name)
        if description is None and name == "filter":
            description = get_named_type(argument.type).description
        if description is None:
            raise LookupError(f"{coordinate} has no description")
        argument.description = description


def _arguments(schema: GraphQLSchema) -> Iterator[tuple[str, str, GraphQLArgument]]:
    """Coordinates, names and arguments of the schema's own fields and directives."""
    for type_name, type_ in schema.type_map.items():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and not type_name.startswith("__"):
            for field_name, field in type_.fields.items():
                for name, argument in field.args.items():
                    yield f"{type_name}.{field_name}({name}:)", name, argument
    for directive in schema.directives:
        for name, argument in directive.args.items():
            if argument.description is None:
                yield f"@{directive.name}({name}:)", name, argument
