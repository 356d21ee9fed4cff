"""Mutations of imports."""

import strawberry

from domain.enums import Role
from resolvers.mutations import imports as resolve_imports
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.imports import Import
from schema.jobs import Job
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_imports.ImportFileInput,
    "A file to import.",
    one_of=True,
    upload_id="The URL of a complete upload, or the last part of it.",
    file="A small file, in a multipart request.",
)

describe_input(
    resolve_imports.StartImportInput,
    "Input of startImport: where to import from.",
    one_of=True,
    anki_package="A package of Anki: `.apkg` or `.colpkg`.",
    csv="A CSV or TSV file, or Anki's text export.",
    wani_kani="Progress in WaniKani, as `POST /imports/wanikani` fetched it.",
    shinjp_export="An archive of requestDataExport, or a zip archive with `cards.csv` and `reviews.csv` of exports.",
)

describe_input(
    resolve_imports.ImportNoteTypeInput,
    "How the notes of a note type become cards.",
    name="The note type; `Rows` for a CSV file.",
    expression="The field with the word, or with the kanji.",
    reading="The field with its reading.",
    meaning="The field with its meaning.",
    sentence="The field with a sentence, which becomes the context of cards that have none.",
    subject="What the notes are about; WORD by default. A kanji that the dictionary does not have becomes an own word.",
    kinds=(
        "1 to 20: what the cards of each template ask, by ordinal; null for one that is not imported. Rows of a CSV "
        "file get a card of each kind. Default RECOGNITION."
    ),
)

describe_input(
    resolve_imports.ImportChoiceInput,
    "The word that is meant by an ambiguous form.",
    form="`AmbiguousWord.form`; 1 to 100 characters.",
    reading="`AmbiguousWord.reading`.",
    vocabulary_id="The word; null for a card with the learner's own text.",
)

describe_input(
    resolve_imports.ConfirmImportInput,
    "Input of confirmImport.",
    id="The import.",
    note_types="1 to 100 note types; notes of others are not imported.",
    decks="1 to 200 decks of `ImportAnalysis.decks`, whose cards are imported; default all.",
    unknown_words="What happens to words that the dictionary does not have; CREATE by default.",
    choices=(
        "Up to 500 choices for ambiguous words, in addition to those of `chooseImportWords`. Others are not imported, "
        "and named in the report."
    ),
)

describe_input(
    resolve_imports.ChooseImportWordsInput,
    "Input of chooseImportWords.",
    id="The import.",
    choices="1 to 500 choices. A later one for the same word replaces it.",
)


@strawberry.type(description="Result of startImport.")
class StartImportPayload(ViewerPayload):
    import_: Import | None = strawberry.field(name="import", description="The import, which a job analyses.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of confirmImport.")
class ConfirmImportPayload(ViewerPayload):
    import_: Import | None = strawberry.field(name="import", description="The import.")
    job: Job | None = strawberry.field(description="The job that runs it.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of chooseImportWords.")
class ChooseImportWordsPayload(ViewerPayload):
    import_: Import | None = strawberry.field(name="import", description="The import.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class ImportMutations:
    start_import = strawberry.mutation(
        resolver=resolve_imports.start_import,
        graphql_type=StartImportPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Starts an import: a job finds out what is in the source. Nothing is imported until confirmImport.",
        directives=[NULL_ON_ERROR, Cost(weight="1000")],
    )
    confirm_import = strawberry.mutation(
        resolver=resolve_imports.confirm_import,
        graphql_type=ConfirmImportPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Imports an analysed source by a job. What was imported before is found again and not added twice, so that "
            "an import can be confirmed again with another mapping."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000")],
    )
    choose_import_words = strawberry.mutation(
        resolver=resolve_imports.choose_import_words,
        graphql_type=ChooseImportWordsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Saves which entries are meant by ambiguous words, for the next confirmImport of the import.",
        directives=[NULL_ON_ERROR, Cost(weight="1000")],
    )
