"""Bounds of strings and lists: invisible strings, control characters, lengths and sizes."""

from typing import Any

import pytest

from engine.request.variables import MAX_VARIABLE_VALUES
from resolvers.mutations.notifications import MAX_PREFERENCES
from tests.domain.test_text import INVISIBLE
from tests.schema.places import Place
from tests.schema.test_edge_values import PLACES, Platform, first_of_each_kind, named, platform, role_of

__all__ = ["platform"]

# The kind and maximum length of each string input.
#   line: a name or title of one line; prose: any number of lines; both must be visible.
#   optional: a line that an empty string removes.
#   search: must have a search term. match: is compared only. coded: has a defined format.
STRINGS: dict[str, tuple[str, int]] = {
    "CreateBookInput.title": ("line", 500),
    "CreateBookInput.titleReading": ("optional", 500),
    "CreateBookInput.author": ("line", 200),
    "CreateBookInput.description": ("prose", 10_000),
    "CreateBookInput.coverUrl": ("optional coded", 2_000),
    "UpdateBookInput.title": ("line", 500),
    "UpdateBookInput.titleReading": ("optional", 500),
    "UpdateBookInput.author": ("line", 200),
    "UpdateBookInput.description": ("prose", 10_000),
    "UpdateBookInput.coverUrl": ("optional coded", 2_000),
    "ImportBookTextInput.text": ("coded", 200_000),
    "UpdateBookPageInput.text": ("coded", 10_000),
    "InsertBookPageInput.text": ("coded", 10_000),
    "GenerateTextbookInput.title": ("line", 500),
    "GenerateTextbookInput.topics": ("line", 100),
    "GenerateTextbookInput.idempotencyKey": ("line", 100),
    "UpdateTextbookInput.title": ("line", 500),
    "UpdateTextbookInput.description": ("optional prose", 10_000),
    "CreateTextbookInput.title": ("line", 500),
    "CreateTextbookInput.description": ("optional prose", 10_000),
    "CreateTextbookInput.topics": ("line", 100),
    "CreateChapterInput.title": ("line", 500),
    "CreateChapterInput.summary": ("prose", 2_000),
    "CreateChapterInput.content": ("prose", 30_000),
    "UpdateChapterInput.title": ("line", 500),
    "UpdateChapterInput.summary": ("prose", 2_000),
    "UpdateChapterInput.content": ("prose", 30_000),
    "ExerciseInput.title": ("line", 200),
    "ExerciseInput.task": ("line", 300),
    "ExerciseInput.options": ("line", 300),
    "PromptInput.text": ("line", 300),
    "PromptInput.translation": ("optional", 300),
    # Of translations, which have no options.
    "PromptInput.answers": ("match", 300),
    "PromptInput.explanation": ("optional", 300),
    "RequestTextAnalysisInput.text": ("prose", 200_000),
    "RequestTextAnalysisInput.idempotencyKey": ("line", 100),
    "OptimizeSchedulingInput.idempotencyKey": ("line", 200),
    "StartVacationInput.idempotencyKey": ("line", 200),
    "ExtendTodayLimitsInput.idempotencyKey": ("line", 200),
    "ReviewInput.idempotencyKey": ("line", 200),
    "ExerciseAttemptInput.idempotencyKey": ("line", 200),
    "PromptAnswerInput.text": ("prose", 300),
    "UpdateStudySettingsInput.timeZone": ("coded", 0),
    "RequestDataExportInput.idempotencyKey": ("line", 100),
    "DeleteAccountInput.confirmation": ("coded", 0),
    "RunScheduleInput.name": ("coded", 0),
    "Admin.schemaUsage(coordinate:)": ("coded", 0),
    "UpdateProfileInput.displayName": ("line", 255),
    "UpdateProfileInput.locale": ("coded", 0),
    "SetUserRoleInput.reason": ("prose", 500),
    "BlockUserInput.reason": ("prose", 500),
    "UnblockUserInput.reason": ("optional prose", 500),
    "PurgeCacheInput.tags": ("coded", 60),
    "CreateWebhookInput.url": ("coded", 2_000),
    "ReportContentInput.comment": ("optional prose", 2_000),
    "ReportContentInput.proposal": ("optional prose", 2_000),
    "ResolveReportInput.answer": ("optional prose", 2_000),
    "CorrectVocabularyInput.word": ("line", 60),
    "CorrectVocabularyInput.reading": ("line", 60),
    "CorrectVocabularyInput.source": ("line", 500),
    "CorrectVocabularyInput.note": ("optional prose", 2_000),
    "VocabularyFormInput.text": ("line", 60),
    "VocabularySenseInput.glosses": ("line", 300),
    "VocabularySenseInput.note": ("optional", 300),
    "VocabularySenseInput.forms": ("line", 60),
    "CorrectSentenceInput.japanese": ("line", 80),
    "CorrectSentenceInput.english": ("line", 300),
    "CorrectSentenceInput.source": ("line", 500),
    "CorrectSentenceInput.note": ("optional prose", 2_000),
    "CorrectKanjiInput.meanings": ("line", 100),
    "CorrectKanjiInput.onyomi": ("line", 30),
    "CorrectKanjiInput.kunyomi": ("line", 30),
    "CorrectKanjiInput.nanori": ("line", 30),
    "CorrectKanjiInput.source": ("line", 500),
    "CorrectKanjiInput.note": ("optional prose", 2_000),
    "CreateGroupInput.name": ("line", 200),
    "CreateGroupInput.description": ("optional prose", 2_000),
    "UpdateGroupInput.name": ("line", 200),
    "UpdateGroupInput.description": ("optional prose", 2_000),
    "JoinGroupInput.code": ("coded", 100),
    "AssignToGroupInput.note": ("optional prose", 1_000),
    "CustomWordInput.word": ("line", 100),
    "CustomWordInput.reading": ("optional", 100),
    "CustomWordInput.meaning": ("optional prose", 500),
    "ImportNoteTypeInput.name": ("line", 200),
    "ImportNoteTypeInput.expression": ("line", 200),
    "ImportNoteTypeInput.reading": ("line", 200),
    "ImportNoteTypeInput.meaning": ("line", 200),
    "ImportNoteTypeInput.sentence": ("line", 200),
    "ImportChoiceInput.form": ("line", 100),
    "ImportChoiceInput.reading": ("line", 100),
    "ConfirmImportInput.decks": ("line", 200),
    "CardContextInput.text": ("prose", 500),
    "TagCardsInput.tags": ("line", 50),
    "ResetCardsInput.idempotencyKey": ("line", 200),
    "BuryCardsInput.idempotencyKey": ("line", 200),
    "UnburyCardsInput.idempotencyKey": ("line", 200),
    "RescheduleCardsInput.idempotencyKey": ("line", 200),
    "UndoScheduleChangeInput.idempotencyKey": ("line", 200),
    "UndoLimitExtensionInput.idempotencyKey": ("line", 200),
    "UntagCardsInput.tags": ("line", 50),
    "CardFilter.tags": ("match", 0),
    "StudySessionFilter.tags": ("match", 0),
    "StatisticsFilter.tags": ("match", 0),
    "BookFilter.author": ("search", 100),
    "CardFilter.search": ("search", 100),
    "BookFilter.search": ("search", 100),
    "TextbookFilter.search": ("search", 100),
    "TextbookFilter.topic": ("match", 0),
    "Query.searchVocabulary(query:)": ("search", 100),
    "Query.analyzeText(text:)": ("match", 2_000),
    "Query.checkAnswer(answer:)": ("match", 300),
    "Query.kanji(character:)": ("match", 0),
    "Query.searchKanji(query:)": ("search", 100),
    "KanjiFilter.component": ("match", 0),
    "KanjiFilter.reading": ("search", 100),
    "KanjiFilter.meaning": ("search", 100),
    "UserFilter.search": ("match", 100),
    "ReportFilter.objectId": ("match", 0),
}
# The maximum size of each list input.
LISTS = {
    "Query.nodes(ids:)": 100,
    "Viewer.changes(types:)": None,
    "Viewer.jobs(kinds:)": None,
    "BookFilter.jlptLevels": None,
    "TextbookFilter.jlptLevels": None,
    "VocabularyFilter.jlptLevels": None,
    "VocabularyFilter.partsOfSpeech": None,
    "CardFilter.jlptLevels": None,
    "CardFilter.kinds": None,
    "StatisticsFilter.jlptLevels": None,
    "StatisticsFilter.kinds": None,
    "StudySessionFilter.jlptLevels": None,
    "StudySessionFilter.kinds": None,
    "KanjiFilter.jlptLevels": None,
    "KanjiFilter.grades": None,
    "GenerateTextbookInput.topics": 20,
    "CreateCardsInput.vocabularyIds": 1_000,
    "CreateCardsInput.contexts": 1_000,
    "CreateKanjiCardsInput.kanjiIds": 1_000,
    "SetCardsSuspendedInput.cardIds": 1_000,
    "DeleteCardsInput.cardIds": 1_000,
    "RestoreCardsInput.cardIds": 1_000,
    "FlagCardsInput.cardIds": 1_000,
    "ResetCardsInput.cardIds": 1_000,
    "BuryCardsInput.cardIds": 1_000,
    "UnburyCardsInput.cardIds": 1_000,
    "RescheduleCardsInput.cardIds": 1_000,
    "TagCardsInput.cardIds": 1_000,
    "TagCardsInput.tags": 10,
    "UntagCardsInput.cardIds": 1_000,
    "UntagCardsInput.tags": 10,
    "CardFilter.flags": None,
    "CardFilter.tags": 10,
    "StudySessionFilter.tags": 10,
    "StatisticsFilter.tags": 10,
    "ReviewCardsInput.reviews": 1_000,
    "UndoReviewsInput.reviewIds": 1_000,
    "UpdateStudySettingsInput.learningSteps": 10,
    "UpdateStudySettingsInput.relearningSteps": 10,
    "UpdateStudySettingsInput.easyDays": 7,
    "AnswerExercisesInput.attempts": 100,
    "ExerciseAttemptInput.answers": 8,
    "PurgeCacheInput.tags": 100,
    "CreateCustomCardsInput.words": 200,
    "CreateTextbookInput.topics": 20,
    "CreateChapterInput.vocabularyIds": 16,
    "UpdateChapterInput.vocabularyIds": 16,
    "ReorderChaptersInput.chapterIds": 50,
    "SetChapterExercisesInput.exercises": 4,
    "ExerciseInput.options": 8,
    "ExerciseInput.prompts": 8,
    "PromptInput.answers": 10,
    "ConfirmImportInput.noteTypes": 100,
    "ConfirmImportInput.decks": 200,
    "ConfirmImportInput.choices": 500,
    "ChooseImportWordsInput.choices": 500,
    "ImportNoteTypeInput.kinds": 20,
    "SetBookVocabularyInput.vocabularyIds": 1_000,
    "NotificationFilter.kinds": None,
    "CreateWebhookInput.eventKinds": 4,
    "MarkNotificationsReadInput.ids": 100,
    "UpdateNotificationPreferencesInput.preferences": MAX_PREFERENCES,
    "CorrectVocabularyInput.forms": 24,
    "VocabularyFormInput.tags": 4,
    "CorrectVocabularyInput.senses": 30,
    "VocabularySenseInput.glosses": 16,
    "VocabularySenseInput.partsOfSpeech": 8,
    "VocabularySenseInput.fields": 4,
    "VocabularySenseInput.misc": 6,
    "VocabularySenseInput.dialects": 4,
    "VocabularySenseInput.forms": 8,
    "CorrectKanjiInput.meanings": 15,
    "CorrectKanjiInput.onyomi": 8,
    "CorrectKanjiInput.kunyomi": 20,
    "CorrectKanjiInput.nanori": 25,
}
# Samples of the items of lists.
ITEMS: dict[str, Any] = {
    "CorrectVocabularyInput.forms": {"text": "語", "kind": "KANJI"},
    "CorrectVocabularyInput.senses": {"glosses": ["word"]},
    "SetChapterExercisesInput.exercises": {
        "kind": "CHOICE",
        "title": "t",
        "task": "t",
        "answerLanguage": "ENGLISH",
        "options": ["a"],
        "prompts": [{"text": "t", "option": 0}],
    },
    "ExerciseInput.options": "a",
    "ExerciseInput.prompts": {"text": "t", "option": 0},
    "PromptInput.answers": "a",
    "VocabularyFormInput.tags": "ATEJI",
    "VocabularySenseInput.glosses": "word",
    "VocabularySenseInput.partsOfSpeech": "NOUN",
    "VocabularySenseInput.fields": "FOOD",
    "VocabularySenseInput.misc": "RARE",
    "VocabularySenseInput.dialects": "KANSAI",
    "VocabularySenseInput.forms": "語",
    **{f"CorrectKanjiInput.{name}": "語" for name in ("meanings", "onyomi", "kunyomi", "nanori")},
}
CURSORS = ("(after:)", "(before:)", "(since:)")
OF_STRINGS = [place for place in PLACES if place.named == "String" and not place.coordinate.endswith(CURSORS)]
SHOWING = ("line", "prose", "optional", "optional prose")
OF_LISTS = [place for place in PLACES if place.is_list]
SHOWN = [place for place in OF_STRINGS if STRINGS[place.coordinate][0] in SHOWING]
# One for each rule. Strings with the same rule have the same validator, which has more tests in tests/domain.
WITH_ALL_STRINGS = first_of_each_kind(OF_STRINGS, lambda place: STRINGS.get(place.coordinate, ("none",))[0])
SOME_INVISIBLE = ("nothing", "a space", "a null byte", "zero-width space, joiner, non-joiner")


def test_every_string_and_every_list_of_the_schema_has_a_rule() -> None:
    assert {place.coordinate for place in OF_STRINGS} == set(STRINGS)
    assert {place.coordinate for place in OF_LISTS} == set(LISTS)


def errors(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Errors of the request and of fields, and user errors of payloads."""
    found = list(body.get("errors", ()))

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            found.extend(value.get("errors") or ())
            if isinstance(value.get("error"), dict):
                found.append(value["error"])
            for below in value.values():
                walk(below)
        elif isinstance(value, list):
            for below in value:
                walk(below)

    walk(body.get("data"))
    return found


async def put(platform: Platform, place: Place, value: Any) -> list[dict[str, Any]]:
    answer = await platform.put(place, [value] if place.is_list else value, role_of(place))
    assert "INTERNAL_SERVER_ERROR" not in answer.error_codes, (value, answer.body)
    # The samples of other places may have been used before.
    return [error for error in errors(answer.body) if error.get("code") not in ("CONFLICT", "ALREADY_EXISTS")]


@pytest.mark.parametrize("place", OF_STRINGS, ids=named)
async def test_invisible_string_is_rejected(platform: Platform, place: Place) -> None:
    rule, _ = STRINGS[place.coordinate]
    for case, text in INVISIBLE.items():
        if place not in WITH_ALL_STRINGS and case not in SOME_INVISIBLE:
            continue
        if "\ud800" in text or rule == "match":
            continue
        found = await put(platform, place, text)
        is_blank = not text.strip()
        assert bool(found) != (rule.startswith("optional") and is_blank and "\x00" not in text), (case, found)


@pytest.mark.parametrize("place", SHOWN, ids=named)
async def test_declared_length_of_strings_is_enforced(platform: Platform, place: Place) -> None:
    _, longest = STRINGS[place.coordinate]
    for character in ("𠮷", "a", '"', "\\") if place in WITH_ALL_STRINGS else ("𠮷",):
        found = await put(platform, place, character * longest)
        assert not [error for error in found if error.get("code") in ("TOO_LONG", "INVALID", "REQUIRED")], found
        [refused, *_] = await put(platform, place, character * (longest + 1))
        assert refused["code"] == "TOO_LONG"
        assert str(longest + 1) in refused["message"]


@pytest.mark.parametrize("place", SHOWN, ids=named)
async def test_line_has_no_control_characters(platform: Platform, place: Place) -> None:
    for text in ("a\nb", "a\x1bb", "a\u2028b", "a\u202eb") if place in WITH_ALL_STRINGS else ("a\nb",):
        found = [error.get("code") for error in await put(platform, place, text)]
        assert ("INVALID" in found) != ("prose" in STRINGS[place.coordinate][0]), (text, found)


def longest_items(place: Place, sample: Any, number: int) -> list[Any]:
    """Distinct items of maximum length."""
    if place.coordinate == "ReviewCardsInput.reviews":
        return [{**sample, "idempotencyKey": f"{index:04}" + "𠮷" * 196} for index in range(number)]
    if place.coordinate == "AnswerExercisesInput.attempts":
        return [{**sample, "idempotencyKey": f"{index:04}" + "𠮷" * 196} for index in range(number)]
    if place.coordinate == "GenerateTextbookInput.topics":
        return [f"{index:02}" + "𠮷" * 98 for index in range(number)]
    if place.coordinate in ("TagCardsInput.tags", "UntagCardsInput.tags"):
        return [f"{index:02}" + "𠮷" * 48 for index in range(number)]
    if place.coordinate == "PurgeCacheInput.tags":
        return [f"Book:{index:03}".ljust(60, "x") for index in range(number)]
    return [sample] * number


@pytest.mark.parametrize("place", OF_LISTS, ids=named)
async def test_declared_size_of_lists_is_enforced(platform: Platform, place: Place) -> None:
    sample = _item(place, platform)
    most = LISTS[place.coordinate]
    if most is None:
        values: dict[str, list[Any]] = {
            "Int": [1, 2],
            "PartOfSpeech": ["NOUN", "ADVERB"],
            "ChangeType": ["CARD"],
            "CardKind": ["RECALL"],
            "JobKind": ["EXPORT"],
            "NotificationKind": ["WELCOME"],
        }
        items = values.get(place.named, ["N5", "N4"])
        most = MAX_VARIABLE_VALUES // len(items) - 100
        answer = await platform.put(place, items * most, role_of(place))
        assert answer.error_codes == [], str(answer.body)[:300]
        return
    found = (await platform.put(place, longest_items(place, sample, most), role_of(place))).body
    assert "INTERNAL_SERVER_ERROR" not in str(found)
    assert not [error for error in errors(found) if error.get("code") == "TOO_LONG"], errors(found)[:3]
    refused = errors((await platform.put(place, longest_items(place, sample, most + 1), role_of(place))).body)
    assert refused
    assert str(most + 1) in refused[0]["message"]


def _item(place: Place, platform: Platform) -> Any:
    if place.coordinate == "ReviewCardsInput.reviews":
        return {"cardId": platform.samples["cardId"], "quality": 4, "idempotencyKey": "k"}
    if place.coordinate == "CreateCardsInput.contexts":
        return {"vocabularyId": platform.samples["vocabularyId"], "text": "文"}
    if place.coordinate in ITEMS:
        return ITEMS[place.coordinate]
    if place.coordinate == "CreateCustomCardsInput.words":
        return {"word": "推し活"}
    if place.coordinate == "ConfirmImportInput.noteTypes":
        return {"name": "Rows", "expression": "Word"}
    if place.coordinate in ("ConfirmImportInput.choices", "ChooseImportWordsInput.choices"):
        return {"form": "今日", "vocabularyId": platform.samples["vocabularyId"]}
    if place.coordinate == "ImportNoteTypeInput.kinds":
        return "RECALL"
    if place.named == "Int":
        return 10
    if place.named == "Float":
        return 0.5
    if place.coordinate == "AnswerExercisesInput.attempts":
        return {"exerciseId": platform.samples["exerciseId"], "answers": [{"option": 0}], "idempotencyKey": "k"}
    if place.coordinate == "ExerciseAttemptInput.answers":
        return {"option": 0}
    if place.coordinate == "UpdateNotificationPreferencesInput.preferences":
        return {"kind": "WELCOME", "channel": "EMAIL", "enabled": True}
    name = place.coordinate if place.coordinate in platform.samples else place.coordinate.rpartition(".")[2]
    return platform.samples[name][0] if name in platform.samples else platform.samples["book"]


async def test_tags_that_json_escapes_are_rejected(platform: Platform) -> None:
    [place] = [place for place in OF_LISTS if place.coordinate == "PurgeCacheInput.tags"]
    for tag in ('"' * 60, "\\" * 60, "\x01", "a b", "é", "x" * 61, ""):
        assert (await platform.put(place, [tag], "admin")).error_codes == ["BAD_USER_INPUT"], tag
