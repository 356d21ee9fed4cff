"""Imports from other programs: what is in the source, how it is mapped, and the result."""

from datetime import datetime

import strawberry

from db.queries.import_words import ImportWordRow
from db.queries.imports import ImportRow
from domain.enums import CardKind, ImportSourceKind, ImportStatus
from domain.imports import analysis as values
from domain.imports.mapping import NoteTypeMapping
from domain.imports.matching import ImportSubject
from domain.imports.records import ImportFormat, SourceDeck, SourceField, SourceTemplate
from domain.imports.report import ImportCounts as ImportCountsValue
from domain.imports.text import Expression
from domain.pages import MAX_PAGE_SIZE
from resolvers import imports as resolve_imports
from schema import lazy_types as ref
from schema import list_sizes
from schema.connections import Connection
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import Node, is_row

_NAME = Cost(weight="2")


@strawberry.type(description="A deck of the source.")
class ImportDeck:
    is_type_of = is_row(SourceDeck)

    name: str = strawberry.field(description="The name, with its parents, separated by `::`.", directives=[_NAME])
    card_count: int = strawberry.field(description="Number of cards; of rows in a CSV file.")


@strawberry.type(description="A field of a note type.")
class ImportField:
    is_type_of = is_row(SourceField)

    name: str = strawberry.field(description="The name.", directives=[_NAME])
    samples: list[str] = strawberry.field(
        description="The field in the first notes, at most 100 characters each.",
        directives=[list_sizes.IMPORT_SAMPLES],
    )


@strawberry.type(description="A template of cards.")
class ImportTemplate:
    is_type_of = is_row(SourceTemplate)

    ordinal: int = strawberry.field(description="Its position in the note type, from 0.")
    name: str = strawberry.field(description="The name.", directives=[_NAME])


@strawberry.type(description="How the notes of a note type become cards.")
class ImportNoteTypeMapping:
    is_type_of = is_row(NoteTypeMapping)

    expression: str | None = strawberry.field(description="The field with the word.", directives=[_NAME])
    reading: str | None = strawberry.field(description="The field with its reading.", directives=[_NAME])
    meaning: str | None = strawberry.field(description="The field with its meaning.", directives=[_NAME])
    sentence: str | None = strawberry.field(
        description="The field with the sentence that becomes the context of the cards.", directives=[_NAME]
    )
    subject: ImportSubject = strawberry.field(description="What the notes are about.")
    kinds: list[CardKind | None] = strawberry.field(
        description="What the cards of each template ask, by ordinal; null for one that is not imported.",
        directives=[list_sizes.IMPORT_TEMPLATES],
    )


@strawberry.type(description="A note type of the source.")
class ImportNoteType:
    is_type_of = is_row(values.AnalyzedNoteType)

    name: str = strawberry.field(description="The name; `Rows` for a CSV file.", directives=[_NAME])
    note_count: int = strawberry.field(description="Number of notes.")
    fields: list[ImportField] = strawberry.field(
        description="The fields, at most 50.", directives=[list_sizes.IMPORT_FIELDS]
    )
    templates: list[ImportTemplate] = strawberry.field(
        description="The templates, at most 20; none in a CSV file.", directives=[list_sizes.IMPORT_TEMPLATES]
    )
    guess: ImportNoteTypeMapping = strawberry.field(description="A guess by the names and samples of the fields.")


@strawberry.type(description="A word that several entries of the dictionary have.")
class AmbiguousWord:
    is_type_of = is_row(ImportWordRow)

    form: str = strawberry.field(description="The word as the source writes it.", directives=[_NAME])
    reading = strawberry.field(
        resolver=resolve_imports.reading,
        graphql_type=str | None,
        description="Its reading; null if the source has none.",
        directives=[_NAME],
    )
    note_count: int = strawberry.field(
        description="Number of notes with it; 0 if it was chosen, but not found by the analysis."
    )
    candidates = strawberry.field(
        resolver=resolve_imports.candidates,
        graphql_type=list[ref.Vocabulary],
        description="The entries, the best first, at most 8.",
        directives=[list_sizes.CANDIDATES],
    )
    is_chosen: bool = strawberry.field(description="Whether `chooseImportWords` has chosen.")
    choice = strawberry.field(
        resolver=resolve_imports.choice,
        graphql_type=ref.Vocabulary | None,
        description="The chosen entry; null if none was chosen, or a card with the learner's own text.",
    )


@strawberry.type(description="A word that the dictionary does not have.")
class UnknownWord:
    is_type_of = is_row(Expression)

    form: str = strawberry.field(description="The word as the source writes it.", directives=[_NAME])
    reading: str | None = strawberry.field(description="Its reading; null if the source has none.", directives=[_NAME])


@strawberry.type(description="What is in a source. Words are found by the guessed fields.")
class ImportAnalysis:
    is_type_of = is_row(values.ImportAnalysis)

    format: ImportFormat = strawberry.field(description="The format.")
    decks: list[ImportDeck] = strawberry.field(
        description="The decks with the most cards, at most 200.", directives=[list_sizes.IMPORT_DECKS]
    )
    note_types: list[ImportNoteType] = strawberry.field(
        description="The note types with the most notes, at most 100.", directives=[list_sizes.IMPORT_NOTE_TYPES]
    )
    note_count: int = strawberry.field(description="Number of notes, or of rows.")
    card_count: int = strawberry.field(description="Number of cards; 0 in a CSV file.")
    review_count: int = strawberry.field(description="Number of reviews.")
    first_reviewed_at: datetime | None = strawberry.field(description="Time of the first review.")
    last_reviewed_at: datetime | None = strawberry.field(description="Time of the last review.")
    warnings: list[str] = strawberry.field(
        description="Human-readable messages about what cannot be imported.", directives=[list_sizes.IMPORT_WARNINGS]
    )
    exact_count: int = strawberry.field(description="Number of notes whose form and reading one entry has.")
    form_count: int = strawberry.field(description="Number of notes whose form one entry has.")
    ambiguous_count: int = strawberry.field(description="Number of notes that match several entries.")
    unknown_count: int = strawberry.field(description="Number of notes that match no entry.")
    ambiguous_words = strawberry.field(
        resolver=resolve_imports.first_ambiguous_words,
        graphql_type=list[AmbiguousWord],
        description="The first 100 words that match several entries; `Import.ambiguousWords` has all, by pages.",
        directives=[list_sizes.at_most(MAX_PAGE_SIZE)],
    )
    unknown_words: list[UnknownWord] = strawberry.field(
        description="The first 50 words that match no entry.", directives=[list_sizes.UNKNOWN_WORDS]
    )


@strawberry.type(description="Numbers of notes by their results, and of cards and reviews.")
class ImportCounts:
    is_type_of = is_row(ImportCountsValue)

    created: int = strawberry.field(description="Notes with new cards.")
    updated: int = strawberry.field(description="Notes whose cards existed and have new reviews.")
    unchanged: int = strawberry.field(description="Notes that were there.")
    ambiguous: int = strawberry.field(description="Notes that match several words, without a choice.")
    unknown: int = strawberry.field(
        description="Notes whose word the dictionary does not have, and which did not become own words."
    )
    skipped: int = strawberry.field(description="Notes that the mapping does not import.")
    empty: int = strawberry.field(description="Notes without a word.")
    rejected: int = strawberry.field(description="Lines or notes that cannot be read.")
    created_cards: int = strawberry.field(description="New cards.")
    created_reviews: int = strawberry.field(description="New reviews.")
    repeated_reviews: int = strawberry.field(description="Reviews that were there.")
    omitted_reviews: int = strawberry.field(description="Reviews before the year 2000 or in the future.")


@strawberry.type(description="The result of an import, so far.")
class ImportResult:
    is_type_of = is_row(resolve_imports.ImportResult)

    counts: ImportCounts = strawberry.field(description="The numbers.")
    report_url: str | None = strawberry.field(
        description=(
            "Download link of a CSV file with a row for each note: line, outcome, word, reading, numbers of cards and "
            "new reviews, and a message. Valid for a day; null until the import is done."
        ),
        directives=[Cost(weight="5")],
    )


@strawberry.type(description="An import of the viewer.")
class Import(Node):
    is_type_of = is_row(ImportRow)

    source: ImportSourceKind = strawberry.field(description="What it imports from.")
    file_name: str = strawberry.field(description="The name of the file.", directives=[_NAME])
    status: ImportStatus = strawberry.field(description="The status.")
    job = strawberry.field(
        resolver=resolve_imports.job,
        graphql_type=ref.Job | None,
        description="The newest job, with progress and errors; null after it was purged.",
    )
    analysis = strawberry.field(
        resolver=resolve_imports.analysis,
        graphql_type=ImportAnalysis | None,
        description="What is in the source; null until it is analysed.",
    )
    ambiguous_words = strawberry.field(
        resolver=resolve_imports.ambiguous_words,
        graphql_type=Connection[AmbiguousWord] | None,
        description=(
            "Up to 10,000 words that match several entries, those of the most notes first, and others for which "
            "`chooseImportWords` has chosen; empty after the file has expired."
        ),
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    result = strawberry.field(
        resolver=resolve_imports.result,
        graphql_type=ImportResult | None,
        description="The result; null until it is confirmed.",
    )
    created_at: datetime = strawberry.field(description="When it was started.")
    finished_at: datetime | None = strawberry.field(description="When it was done.")
