"""Mutations of imports."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import strawberry

from common.executors import FILES, run_in
from common.storage import StorageFullError
from common.text import truncate
from db.queries.imports import ImportRow
from db.queries.jobs import JobRow
from db.services import imports as import_service
from domain.enums import CardKind, ImportSourceKind
from domain.errors import ServiceUnavailable
from domain.ids import ImportId, VocabularyId, new_id
from domain.imports.analysis import MAX_CHOICES, MAX_DECKS, MAX_NAME_LENGTH, MAX_NOTE_TYPES, MAX_TEMPLATES
from domain.imports.mapping import Choices, ImportMapping, NoteTypeMapping, UnknownWords
from domain.imports.matching import ImportSubject
from domain.imports.text import MAX_EXPRESSION_LENGTH, Expression
from domain.rate_limits import IMPORTS, UPLOADS, WRITES
from domain.uploads import UploadedFile
from domain.user_errors import InvalidInput, UserErrorCode, invalid_input
from domain.validation import Validator
from jobs.uploaded_files import delete_unused, save_upload
from resolvers.arguments import parse_upload_id
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class ImportFileInput:
    upload_id: strawberry.ID | None = strawberry.UNSET
    file: UploadedFile | None = strawberry.UNSET


@dataclass(kw_only=True)
class StartImportInput:
    anki_package: ImportFileInput | None = strawberry.UNSET
    csv: ImportFileInput | None = strawberry.UNSET
    wani_kani: ImportFileInput | None = strawberry.UNSET
    shinjp_export: ImportFileInput | None = strawberry.UNSET


@dataclass(kw_only=True)
class ImportNoteTypeInput:
    name: str
    expression: str
    reading: str | None = None
    meaning: str | None = None
    sentence: str | None = None
    subject: ImportSubject = ImportSubject.WORD
    kinds: list[CardKind | None] | None = None


@dataclass(kw_only=True)
class ImportChoiceInput:
    form: str
    reading: str | None = None
    vocabulary_id: strawberry.ID | None = None


@dataclass(kw_only=True)
class ConfirmImportInput:
    id: strawberry.ID
    note_types: list[ImportNoteTypeInput]
    decks: list[str] | None = None
    unknown_words: UnknownWords = UnknownWords.CREATE
    choices: list[ImportChoiceInput] | None = None


@dataclass(kw_only=True)
class ChooseImportWordsInput:
    id: strawberry.ID
    choices: list[ImportChoiceInput]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartImportPayload(Payload):
    """The new import."""

    import_: ImportRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmImportPayload(Payload):
    """The import and the job that runs it."""

    import_: ImportRow | None = None
    job: JobRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseImportWordsPayload(Payload):
    """The import."""

    import_: ImportRow | None = None


@returns_user_errors(StartImportPayload)
@rate_limited(IMPORTS)
async def start_import(info: Info, input: StartImportInput) -> StartImportPayload:
    source, path, file = next(
        (source, path, file)
        for source, path, file in (
            (ImportSourceKind.ANKI_PACKAGE, "ankiPackage", input.anki_package),
            (ImportSourceKind.CSV, "csv", input.csv),
            (ImportSourceKind.WANIKANI, "waniKani", input.wani_kani),
            (ImportSourceKind.SHINJP_EXPORT, "shinjpExport", input.shinjp_export),
        )
        if file
    )
    if file.file:
        return StartImportPayload(import_=await _start_with(info, source, file.file, path))
    # Either is given, by @oneOf; the id may be empty.
    id = parse_upload_id(file.upload_id or "", path, "uploadId")
    start = partial(import_service.start_import, source=source, upload_id=id, path=path)
    return StartImportPayload(import_=await info.context.run_transaction(start))


async def _start_with(info: Info, source: ImportSourceKind, file: UploadedFile, path: str) -> ImportRow:
    """Store the file as a complete upload. Raises RateLimited, and InvalidInput with the path (`path`, "file")."""
    services = info.context.services
    await services.rate_limits.acquire(UPLOADS, info.context.require_viewer().client_id)
    if not file.content:
        raise invalid_input(UserErrorCode.REQUIRED, "The file is empty.", path, "file")
    part = new_id().hex
    try:
        await run_in(FILES, save_upload, services.uploads, part, file.content)
    except StorageFullError:
        message = "The server is out of space for uploads; please retry later."
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message, path, "file") from None
    except OSError as error:
        raise ServiceUnavailable("The file cannot be stored; please retry later.") from error
    start = partial(
        import_service.start_import_of_file,
        source=source,
        file_name=file.name,
        size=len(file.content),
        part=part,
        limits=services.upload_limits,
        path=path,
    )
    try:
        return await info.context.run_transaction(start)
    except InvalidInput:
        await run_in(FILES, delete_unused, services.uploads, [part])
        raise


@returns_user_errors(ConfirmImportPayload, current="import_")
@rate_limited(IMPORTS)
async def confirm_import(info: Info, input: ConfirmImportInput) -> ConfirmImportPayload:
    validator = Validator()
    id = validator.parse_id(ImportId, input.id, "id")
    validator.size(input.note_types, MAX_NOTE_TYPES, "noteTypes")
    note_types: dict[str, NoteTypeMapping] = {}
    for index, each in enumerate(input.note_types[:MAX_NOTE_TYPES]):
        if each.name in note_types:
            message = f"The note type {truncate(each.name)!r} has two mappings."
            validator.add_error(UserErrorCode.INVALID, message, "noteTypes", str(index), "name")
        note_types[each.name] = _note_type(each, Validator("noteTypes", str(index)), validator)
    if input.decks is not None:
        validator.size(input.decks, MAX_DECKS, "decks")
        for index, name in enumerate(input.decks[:MAX_DECKS]):
            validator.line(name, MAX_NAME_LENGTH, "decks", str(index))
    if input.choices:
        validator.size(input.choices, MAX_CHOICES, "choices")
    choices = _choices(input.choices or (), validator)
    validator.raise_if_invalid()
    decks = None if input.decks is None else frozenset(input.decks)
    mapping = ImportMapping(note_types, decks, input.unknown_words, choices)
    confirm = partial(import_service.confirm_import, id=id, mapping=mapping, decks=input.decks or ())
    row, job = await info.context.run_transaction(confirm)
    return ConfirmImportPayload(import_=row, job=job)


@returns_user_errors(ChooseImportWordsPayload, current="import_")
@rate_limited(WRITES)
async def choose_import_words(info: Info, input: ChooseImportWordsInput) -> ChooseImportWordsPayload:
    validator = Validator()
    id = validator.parse_id(ImportId, input.id, "id")
    validator.size(input.choices, MAX_CHOICES, "choices")
    choices = _choices(input.choices, validator)
    validator.raise_if_invalid()
    choose = partial(import_service.choose_words, id=id, choices=choices)
    return ChooseImportWordsPayload(import_=await info.context.run_transaction(choose))


def _note_type(input: ImportNoteTypeInput, own: Validator, validator: Validator) -> NoteTypeMapping:
    for name in ("name", "expression", "reading", "meaning", "sentence"):
        value = getattr(input, name)
        if value is not None:
            own.line(value, MAX_NAME_LENGTH, name)
    kinds = (CardKind.RECOGNITION,) if input.kinds is None else tuple(input.kinds)
    own.size(kinds, MAX_TEMPLATES, "kinds")
    validator.errors.extend(own.errors)
    return NoteTypeMapping(
        input.expression, input.reading, input.meaning, kinds[:MAX_TEMPLATES], input.sentence, input.subject
    )


def _choices(inputs: Sequence[ImportChoiceInput], validator: Validator) -> Choices:
    chosen: dict[Expression, VocabularyId | None] = {}
    for index, each in enumerate(inputs[:MAX_CHOICES]):
        path = ("choices", str(index))
        form = validator.line(each.form, MAX_EXPRESSION_LENGTH, *path, "form")
        reading = each.reading
        if reading is not None:
            reading = validator.line(reading, MAX_EXPRESSION_LENGTH, *path, "reading")
        chosen[Expression(form, reading)] = (
            None
            if each.vocabulary_id is None
            else validator.parse_id(VocabularyId, each.vocabulary_id, *path, "vocabularyId")
        )
    return chosen
