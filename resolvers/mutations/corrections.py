"""Mutations by which editors correct the dictionary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import strawberry

from content.text_words import words_of
from db.queries.corrections import CorrectionRow
from db.queries.vocabulary import KanjiRow, VocabularyRow
from db.services import corrections as correction_service
from db.services.corrected_objects import (
    CorrectedKanji,
    CorrectedObject,
    CorrectedSentence,
    CorrectedWord,
    WordsOfSentence,
)
from db.services.corrections import Correction
from domain.corrections import MAX_NOTE, MAX_SOURCE, Provenance
from domain.dictionary import Dialect, FormKind, FormTag, PartOfSpeech, SubjectField, UsageLabel
from domain.dictionary_words import check_word
from domain.enums import CorrectionKind, JlptLevel
from domain.ids import CorrectionId, KanjiId, VocabularyId
from domain.list_sizes import (
    MAX_DIALECTS,
    MAX_EXAMPLES,
    MAX_FIELDS,
    MAX_FORMS,
    MAX_FORMS_OF_SENSE,
    MAX_GLOSSES,
    MAX_KUNYOMI,
    MAX_LABELS,
    MAX_MEANING_LENGTH,
    MAX_MEANINGS,
    MAX_NANORI,
    MAX_ONYOMI,
    MAX_PARTS_OF_SPEECH,
    MAX_SENSES,
    MAX_TAGS,
    MAX_TOKENS_OF_EXAMPLE,
)
from domain.rate_limits import WRITES
from domain.user_errors import UserErrorCode, invalid_input
from domain.validation import Validator, validated_id
from resolvers.context import Context, Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_FORM, MAX_READING, MAX_KANJI_MEANING = 60, 30, 100


@dataclass(kw_only=True)
class VocabularyFormInput:
    text: str
    kind: FormKind
    is_common: bool = False
    tags: list[FormTag] | None = None


@dataclass(kw_only=True)
class VocabularySenseInput:
    glosses: list[str]
    parts_of_speech: list[PartOfSpeech] | None = None
    fields: list[SubjectField] | None = None
    misc: list[UsageLabel] | None = None
    dialects: list[Dialect] | None = None
    note: str | None = None
    forms: list[str] | None = None


@dataclass(kw_only=True)
class CorrectVocabularyInput:
    id: strawberry.ID
    expected_version: int
    word: str | None = None
    reading: str | None = None
    forms: list[VocabularyFormInput] | None = None
    senses: list[VocabularySenseInput] | None = None
    jlpt_level: JlptLevel | None = strawberry.UNSET
    source: str
    note: str | None = None


@dataclass(kw_only=True)
class CorrectSentenceInput:
    vocabulary_id: strawberry.ID
    position: int
    expected_version: int
    japanese: str | None = None
    english: str | None = None
    source: str
    note: str | None = None


@dataclass(kw_only=True)
class CorrectKanjiInput:
    id: strawberry.ID
    expected_version: int
    meanings: list[str] | None = None
    onyomi: list[str] | None = None
    kunyomi: list[str] | None = None
    nanori: list[str] | None = None
    source: str
    note: str | None = None


@dataclass(kw_only=True)
class RevertCorrectionInput:
    id: strawberry.ID
    expected_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectWordPayload(Payload):
    """The word and its correction, None if it has the values of the release again."""

    vocabulary: VocabularyRow | None = None
    correction: CorrectionRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectKanjiPayload(Payload):
    """The same of a kanji."""

    kanji: KanjiRow | None = None
    correction: CorrectionRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertCorrectionPayload(Payload):
    """The correction, which no longer has effect."""

    correction: CorrectionRow | None = None


@returns_user_errors(CorrectWordPayload, current="vocabulary")
@rate_limited(WRITES)
async def correct_vocabulary(info: Info, input: CorrectVocabularyInput) -> CorrectWordPayload:
    validator = Validator()
    id = validator.parse_id(VocabularyId, input.id, "id")
    changes: dict[str, Any] = {}
    for name in ("word", "reading"):
        if (text := getattr(input, name)) is not None:
            changes[name] = validator.line(text, MAX_FORM, name)
    if input.forms is not None:
        validator.size(input.forms, MAX_FORMS, "forms")
        changes["forms"] = [_form(validator, form, place) for place, form in enumerate(input.forms[:MAX_FORMS])]
    if input.senses is not None:
        validator.size(input.senses, MAX_SENSES, "senses")
        changes["senses"] = [_sense(validator, sense, place) for place, sense in enumerate(input.senses[:MAX_SENSES])]
    if input.jlpt_level is not strawberry.UNSET:
        changes["jlptLevel"] = input.jlpt_level and input.jlpt_level.value
    correction = replace(_correction(validator, input, changes), check=check_word)
    row = await _save(info.context, CorrectedWord(id), input.expected_version, correction)
    return CorrectWordPayload(
        vocabulary=await info.context.loaders.vocabulary.vocabulary_by_id.load(id), correction=row
    )


@returns_user_errors(CorrectWordPayload, current="vocabulary")
@rate_limited(WRITES)
async def correct_sentence(info: Info, input: CorrectSentenceInput) -> CorrectWordPayload:
    validator = Validator()
    id = validator.parse_id(VocabularyId, input.vocabulary_id, "vocabularyId")
    validator.number(input.position, 0, MAX_EXAMPLES - 1, "position")
    changes: dict[str, Any] = {}
    if input.japanese is not None:
        changes["japanese"] = validator.line(input.japanese, MAX_TOKENS_OF_EXAMPLE, "japanese")
    if input.english is not None:
        changes["english"] = validator.line(input.english, MAX_MEANING_LENGTH, "english")
    correction = _correction(validator, input, changes)
    words = await _words(info.context, changes["japanese"]) if "japanese" in changes else None
    sentence = CorrectedSentence(id, input.position, words)
    row = await _save(info.context, sentence, input.expected_version, correction)
    return CorrectWordPayload(
        vocabulary=await info.context.loaders.vocabulary.vocabulary_by_id.load(id), correction=row
    )


@returns_user_errors(CorrectKanjiPayload, current="kanji")
@rate_limited(WRITES)
async def correct_kanji(info: Info, input: CorrectKanjiInput) -> CorrectKanjiPayload:
    validator = Validator()
    id = validator.parse_id(KanjiId, input.id, "id")
    changes: dict[str, Any] = {}
    limits = {"meanings": MAX_MEANINGS, "onyomi": MAX_ONYOMI, "kunyomi": MAX_KUNYOMI, "nanori": MAX_NANORI}
    for name, limit in limits.items():
        if (texts := getattr(input, name)) is not None:
            length = MAX_KANJI_MEANING if name == "meanings" else MAX_READING
            changes[name] = _lines(validator, texts, limit, length, name, empty=name != "meanings")
    row = await _save(info.context, CorrectedKanji(id), input.expected_version, _correction(validator, input, changes))
    return CorrectKanjiPayload(kanji=await info.context.loaders.vocabulary.kanji_by_id.load(id), correction=row)


@returns_user_errors(RevertCorrectionPayload, current="correction")
@rate_limited(WRITES)
async def revert_correction(info: Info, input: RevertCorrectionInput) -> RevertCorrectionPayload:
    id = validated_id(CorrectionId, input.id, "id")
    context = info.context
    correction = await context.loaders.corrections.correction_by_id.load(id)
    if correction is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Correction not found.", "id")
    corrected = correction_service.object_of(correction)
    if isinstance(corrected, CorrectedSentence) and correction.kind == CorrectionKind.SENTENCE:
        assert correction.sentence is not None
        corrected.words = await _words(context, correction.sentence)
    revert = partial(correction_service.revert, id=id, expected_version=input.expected_version, corrected=corrected)
    return RevertCorrectionPayload(correction=await context.run_transaction(revert))


async def _save(
    context: Context, corrected: CorrectedObject, expected_version: int, correction: Correction
) -> CorrectionRow | None:
    save = partial(
        correction_service.correct, corrected=corrected, expected_version=expected_version, correction=correction
    )
    return await context.run_transaction(save)


def _correction(
    validator: Validator,
    input: CorrectVocabularyInput | CorrectSentenceInput | CorrectKanjiInput,
    changes: Mapping[str, Any],
) -> Correction:
    """Raises InvalidInput with all errors."""
    source = validator.line(input.source, MAX_SOURCE, "source")
    note = validator.text(input.note or "", MAX_NOTE, "note", empty=True) or None
    validator.raise_if_invalid()
    return Correction(changes, Provenance(source, note))


async def _words(context: Context, sentence: str) -> WordsOfSentence:
    """The words by which the sentence is found as an example. One statement."""
    analyzed = await context.loaders.texts.sentences_by_text.load(sentence)
    tokens = [token for _, token in words_of(analyzed)]
    known = dict.fromkeys(token.vocabulary_id for token in tokens if token.vocabulary_id is not None)
    unknown = {token.dictionary_form for token in tokens if token.vocabulary_id is None}
    return WordsOfSentence(list(known)[:MAX_TOKENS_OF_EXAMPLE], len(unknown))


def _form(validator: Validator, form: VocabularyFormInput, place: int) -> dict[str, Any]:
    path = ("forms", str(place))
    return {
        "text": validator.line(form.text, MAX_FORM, *path, "text"),
        "kind": form.kind.value,
        "isCommon": form.is_common,
        "tags": _codes(validator, form.tags, MAX_TAGS, *path, "tags"),
    }


def _sense(validator: Validator, sense: VocabularySenseInput, place: int) -> dict[str, Any]:
    path = ("senses", str(place))
    note = validator.line(sense.note or "", MAX_MEANING_LENGTH, *path, "note", empty=True) or None
    return {
        "glosses": _lines(validator, sense.glosses, MAX_GLOSSES, MAX_MEANING_LENGTH, *path, "glosses"),
        "partsOfSpeech": _codes(validator, sense.parts_of_speech, MAX_PARTS_OF_SPEECH, *path, "partsOfSpeech"),
        "fields": _codes(validator, sense.fields, MAX_FIELDS, *path, "fields"),
        "misc": _codes(validator, sense.misc, MAX_LABELS, *path, "misc"),
        "dialects": _codes(validator, sense.dialects, MAX_DIALECTS, *path, "dialects"),
        "note": note,
        "forms": _lines(validator, sense.forms or [], MAX_FORMS_OF_SENSE, MAX_FORM, *path, "forms", empty=True),
    }


def _lines(
    validator: Validator, texts: Sequence[str], maximum: int, length: int, *path: str, empty: bool = False
) -> list[str]:
    """Different lines, at least one unless the list may be empty."""
    if texts or not empty:
        validator.size(texts, maximum, *path)
    lines = [validator.line(text, length, *path, str(place)) for place, text in enumerate(texts[:maximum])]
    return list(dict.fromkeys(lines))


def _codes(validator: Validator, codes: Sequence[Any] | None, maximum: int, *path: str) -> list[str]:
    if codes:
        validator.size(codes, maximum, *path)
    return list(dict.fromkeys(code.value for code in codes or ()))
