"""Mutations by which chapters and exercises are written by hand."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import strawberry

from common.text import truncate
from db.core.transaction import Transaction
from db.queries.textbooks import ChapterRow, TextbookRow
from db.services import textbook_editing as editing_service
from db.services import textbooks as textbook_service
from db.services.textbook_editing import Edited
from domain.enums import AnswerLanguage, ExerciseKind, JlptLevel
from domain.exercises import MAX_ANSWER_LENGTH, MAX_EXERCISES, MAX_OPTIONS, MAX_PROMPTS, Exercise, Prompt, Solution
from domain.ids import ChapterId, ExerciseId, TextbookId, VocabularyId
from domain.list_sizes import MAX_CHAPTERS, MAX_TOPICS, MAX_WORDS_OF_CHAPTER
from domain.rate_limits import WRITES
from domain.textbooks.model import MAX_CONTENT_LENGTH
from domain.user_errors import UserErrorCode
from domain.validation import Validator, validated_id
from resolvers.context import Context, Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.mutations.textbooks import MAX_DESCRIPTION, MAX_TITLE, MAX_TOPIC, TextbookPayload
from resolvers.rate_limits import rate_limited

MAX_SUMMARY, MAX_EXERCISE_TITLE, MAX_ACCEPTED = 2_000, 200, 10


@dataclass(kw_only=True)
class CreateTextbookInput:
    title: str
    description: str | None = None
    jlpt_level: JlptLevel
    topics: list[str]
    is_public: bool | None = False


@dataclass(kw_only=True)
class CreateChapterInput:
    textbook_id: strawberry.ID
    expected_version: int
    title: str
    summary: str
    content: str
    vocabulary_ids: list[strawberry.ID] | None = None


@dataclass(kw_only=True)
class UpdateChapterInput:
    id: strawberry.ID
    expected_version: int
    title: str | None = None
    summary: str | None = None
    content: str | None = None
    vocabulary_ids: list[strawberry.ID] | None = None


@dataclass(kw_only=True)
class DeleteChapterInput:
    id: strawberry.ID
    expected_version: int


@dataclass(kw_only=True)
class RestoreChapterInput:
    id: strawberry.ID
    expected_version: int


@dataclass(kw_only=True)
class ReorderChaptersInput:
    textbook_id: strawberry.ID
    expected_version: int
    chapter_ids: list[strawberry.ID]


@dataclass(kw_only=True)
class PromptInput:
    text: str
    translation: str | None = None
    option: int | None = None
    answers: list[str] | None = None
    explanation: str | None = None


@dataclass(kw_only=True)
class ExerciseInput:
    id: strawberry.ID | None = None
    kind: ExerciseKind
    title: str
    task: str
    answer_language: AnswerLanguage
    options: list[str] | None = None
    prompts: list[PromptInput]


@dataclass(kw_only=True)
class SetChapterExercisesInput:
    chapter_id: strawberry.ID
    expected_version: int
    exercises: list[ExerciseInput]


@dataclass(kw_only=True)
class CopyTextbookToLibraryInput:
    id: strawberry.ID
    expected_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterPayload(Payload):
    """The chapter, None if it was deleted, and its textbook with a new version."""

    chapter: ChapterRow | None = None
    textbook: TextbookRow | None = None


@returns_user_errors(TextbookPayload)
@rate_limited(WRITES)
async def create_textbook(info: Info, input: CreateTextbookInput) -> TextbookPayload:
    validator = Validator()
    validator.size(input.topics, MAX_TOPICS, "topics")
    values = {
        "title": validator.line(input.title, MAX_TITLE, "title"),
        "description": validator.text(input.description or "", MAX_DESCRIPTION, "description", empty=True),
        "jlpt_level": input.jlpt_level.value,
        "topics": [
            validator.line(topic, MAX_TOPIC, "topics", str(index))
            for index, topic in enumerate(input.topics[:MAX_TOPICS])
        ],
        "is_public": bool(input.is_public),
    }
    validator.raise_if_invalid()
    save = partial(textbook_service.create_textbook, values=values)
    return TextbookPayload(textbook=await info.context.run_transaction(save))


@returns_user_errors(ChapterPayload, current="textbook")
@rate_limited(WRITES)
async def create_chapter(info: Info, input: CreateChapterInput) -> ChapterPayload:
    validator = Validator()
    id = validator.parse_id(TextbookId, input.textbook_id, "textbookId")
    texts, words = _texts(input, validator), _words(input.vocabulary_ids or [], validator)
    validator.raise_if_invalid()
    save = partial(
        editing_service.create_chapter,
        textbook_id=id,
        expected_version=input.expected_version,
        texts=texts,
        words=words,
    )
    return await _save(info.context, save)


@returns_user_errors(ChapterPayload, current="textbook")
@rate_limited(WRITES)
async def update_chapter(info: Info, input: UpdateChapterInput) -> ChapterPayload:
    validator = Validator()
    id = validator.parse_id(ChapterId, input.id, "id")
    texts = _texts(input, validator)
    words = None if input.vocabulary_ids is None else _words(input.vocabulary_ids, validator)
    validator.raise_if_invalid()
    save = partial(
        editing_service.update_chapter, id=id, expected_version=input.expected_version, texts=texts, words=words
    )
    return await _save(info.context, save)


@returns_user_errors(ChapterPayload, current="textbook")
@rate_limited(WRITES)
async def delete_chapter(info: Info, input: DeleteChapterInput) -> ChapterPayload:
    id = validated_id(ChapterId, input.id, "id")
    save = partial(editing_service.delete_chapter, id=id, expected_version=input.expected_version)
    return await _save(info.context, save)


@returns_user_errors(ChapterPayload, current="textbook")
@rate_limited(WRITES)
async def restore_chapter(info: Info, input: RestoreChapterInput) -> ChapterPayload:
    id = validated_id(ChapterId, input.id, "id")
    save = partial(editing_service.restore_chapter, id=id, expected_version=input.expected_version)
    return await _save(info.context, save)


@returns_user_errors(TextbookPayload, current="textbook")
@rate_limited(WRITES)
async def reorder_chapters(info: Info, input: ReorderChaptersInput) -> TextbookPayload:
    validator = Validator()
    id = validator.parse_id(TextbookId, input.textbook_id, "textbookId")
    validator.size(input.chapter_ids, MAX_CHAPTERS, "chapterIds")
    validator.raise_if_invalid()
    ids = validator.parse_ids(ChapterId, input.chapter_ids, "chapterIds")
    validator.raise_if_invalid()
    save = partial(editing_service.reorder_chapters, textbook_id=id, expected_version=input.expected_version, ids=ids)
    return TextbookPayload(textbook=await info.context.run_transaction(save))


@returns_user_errors(ChapterPayload, current="textbook")
@rate_limited(WRITES)
async def set_chapter_exercises(info: Info, input: SetChapterExercisesInput) -> ChapterPayload:
    validator = Validator()
    id = validator.parse_id(ChapterId, input.chapter_id, "chapterId")
    if input.exercises:
        validator.size(input.exercises, MAX_EXERCISES, "exercises")
    exercises = [_exercise(validator, each, place) for place, each in enumerate(input.exercises[:MAX_EXERCISES])]
    ids = [exercise_id for exercise_id, _ in exercises]
    for place, exercise_id in enumerate(ids):
        if exercise_id is not None and exercise_id in ids[:place]:
            message = "The exercise is given twice; omit the id of a new one."
            validator.add_error(UserErrorCode.INVALID, message, "exercises", str(place), "id")
    validator.raise_if_invalid()
    save = partial(editing_service.set_exercises, id=id, expected_version=input.expected_version, exercises=exercises)
    return await _save(info.context, save)


@returns_user_errors(TextbookPayload, current="textbook")
@rate_limited(WRITES)
async def copy_textbook_to_library(info: Info, input: CopyTextbookToLibraryInput) -> TextbookPayload:
    id = validated_id(TextbookId, input.id, "id")
    save = partial(editing_service.copy_to_library, id=id, expected_version=input.expected_version)
    return TextbookPayload(textbook=await info.context.run_transaction(save))


async def _save(context: Context, save: Callable[[Transaction], Awaitable[Edited]]) -> ChapterPayload:
    chapter, textbook = await context.run_transaction(save)
    return ChapterPayload(chapter=chapter, textbook=textbook)


def _texts(input: CreateChapterInput | UpdateChapterInput, validator: Validator) -> dict[str, str]:
    """The validated texts by column, without omitted ones."""
    texts = {}
    if input.title is not None:
        texts["title"] = validator.line(input.title, MAX_TITLE, "title")
    if input.summary is not None:
        texts["summary"] = validator.text(input.summary, MAX_SUMMARY, "summary")
    if input.content is not None:
        texts["content"] = validator.text(input.content, MAX_CONTENT_LENGTH, "content")
    return texts


def _words(ids: Sequence[strawberry.ID], validator: Validator) -> list[VocabularyId]:
    if ids:
        validator.size(ids, MAX_WORDS_OF_CHAPTER, "vocabularyIds")
    return list(dict.fromkeys(validator.parse_ids(VocabularyId, ids[:MAX_WORDS_OF_CHAPTER], "vocabularyIds")))


def _exercise(validator: Validator, input: ExerciseInput, place: int) -> tuple[ExerciseId | None, Exercise]:
    path = ("exercises", str(place))
    id = None if input.id is None else validator.parse_id(ExerciseId, input.id, *path, "id")
    is_typed = input.kind is ExerciseKind.TRANSLATION
    options = input.options or []
    if is_typed == bool(options):
        message = "options: a translation is typed, other exercises have options."
        validator.add_error(UserErrorCode.INVALID, message, *path, "options")
    elif options:
        validator.size(options, MAX_OPTIONS, *path, "options")
    options = _lines(validator, options[:MAX_OPTIONS], *path, "options")
    for index, option in enumerate(options):
        # An answer is the index of an option, so that the other one would be wrong.
        if option in options[:index]:
            message = f"The option {truncate(option)!r} is given twice."
            validator.add_error(UserErrorCode.INVALID, message, *path, "options", str(index))
    validator.size(input.prompts, MAX_PROMPTS, *path, "prompts")
    prompts = enumerate(input.prompts[:MAX_PROMPTS])
    pairs = [_prompt(validator, prompt, options, *path, "prompts", str(index)) for index, prompt in prompts]
    exercise = Exercise(
        input.kind,
        validator.line(input.title, MAX_EXERCISE_TITLE, *path, "title"),
        validator.line(input.task, MAX_ANSWER_LENGTH, *path, "task"),
        input.answer_language,
        tuple(prompt for prompt, _ in pairs),
        tuple(options),
        tuple(solution for _, solution in pairs),
    )
    return id, exercise


def _prompt(validator: Validator, input: PromptInput, options: Sequence[str], *path: str) -> tuple[Prompt, Solution]:
    own = Validator()

    def optional(value: str | None, name: str) -> str | None:
        return own.line(value or "", MAX_ANSWER_LENGTH, name, empty=True) or None

    prompt = Prompt(own.line(input.text, MAX_ANSWER_LENGTH, "text"), optional(input.translation, "translation"))
    answers = input.answers or []
    if answers or not options:
        own.size(answers, MAX_ACCEPTED, "answers")
    accepted = _lines(own, answers[:MAX_ACCEPTED], "answers")
    solution = Solution(
        accepted[0] if accepted else "", tuple(accepted), None, optional(input.explanation, "explanation")
    )
    if options:
        if input.option is None:
            own.add_error(UserErrorCode.REQUIRED, "option: name the right one by its index.", "option")
        else:
            own.number(input.option, 0, len(options) - 1, "option")
            solution = Solution(options[input.option % len(options)], (), input.option, solution.explanation)
    # The path of an error has at most `MAX_ERROR_PATH` parts; the message names the field.
    validator.errors.extend(replace(error, path=path) for error in own.errors)
    return prompt, solution


def _lines(validator: Validator, values: Sequence[str], *path: str) -> list[str]:
    return [validator.line(value, MAX_ANSWER_LENGTH, *path, str(index)) for index, value in enumerate(values)]
