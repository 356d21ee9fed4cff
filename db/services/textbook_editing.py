"""Chapters and exercises by hand, in a version of the textbook, and copies of textbooks in the library."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from db.commands import textbook_editing as commands
from db.commands.ordered_words import word_values
from db.commands.textbook_editing import LockedChapterRow
from db.core.transaction import Transaction
from db.queries.exercises import ExerciseRow, exercises_by_chapter_id
from db.queries.textbooks import ChapterRow, TextbookRow, chapters_by_id
from db.services.administration import write_audit_entry
from db.services.optimistic_lock import check_version
from db.services.textbook_audit import write_textbook_entry
from db.services.textbooks import lock_textbook
from domain.enums import TextbookStatus
from domain.exercises import Exercise, encode_options, encode_prompts, encode_solutions
from domain.ids import ChapterId, ExerciseId, TextbookId, VocabularyId, new_id
from domain.list_sizes import MAX_CHAPTERS, MAX_STORED_CHAPTERS
from domain.user_errors import UserErrorCode, invalid_input
from domain.validation import require_found

# The chapter, None if it was deleted, and its textbook.
Edited = tuple[ChapterRow | None, TextbookRow]


async def create_chapter(
    transaction: Transaction,
    textbook_id: TextbookId,
    expected_version: int,
    texts: Mapping[str, str],
    words: Sequence[VocabularyId],
) -> Edited:
    """Add a chapter at the end. Up to eight statements.

    Raises InvalidInput for an unknown textbook or word, a version conflict, a textbook that is being generated and one
    with the maximum number of chapters; Forbidden for a textbook that the viewer sees, but may not change.
    """
    textbook = await _lock(transaction, textbook_id, expected_version, "textbookId")
    [stored] = await transaction.rows(commands.count_chapters, textbook_id=textbook_id)
    if stored.number >= MAX_STORED_CHAPTERS:
        message = f"The textbook has {MAX_STORED_CHAPTERS} chapters. Deleted ones count until they are purged."
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message, "textbookId")
    position = await _next_position(transaction, textbook_id, "textbookId")
    id = ChapterId(new_id())
    values = {f"new_{name}": text for name, text in texts.items()}
    await transaction.rows(commands.insert_chapter, chapter_id=id, textbook_id=textbook_id, position=position, **values)
    await _insert_words(transaction, id, words)
    written = {**texts, "vocabulary_ids": _ids(words)}
    await write_textbook_entry(transaction, "create", "Chapter", id, {}, written, is_public=textbook.is_public)
    return await _finish(transaction, id, textbook_id)


async def update_chapter(
    transaction: Transaction,
    id: ChapterId,
    expected_version: int,
    texts: Mapping[str, str],
    words: Sequence[VocabularyId] | None,
) -> Edited:
    """Change texts and words of a chapter. Up to nine statements. Raises like `create_chapter`."""
    before, textbook = await _lock_chapter(transaction, id, expected_version)
    known = [row.vocabulary_id for row in await transaction.rows(commands.words.select, chapter_id=id)]
    found = {"title": before.title, "summary": before.summary, "content": before.content}
    written = {**found, **texts}
    words = known if words is None else words
    if written == found and known == [*words]:
        return before, textbook
    values = {f"new_{name}": text for name, text in written.items()}
    await transaction.rows(commands.update_chapter, chapter_id=id, **values)
    if known != [*words]:
        await transaction.rows(commands.words.delete, chapter_id=id)
        await _insert_words(transaction, id, words)
    states = ({**texts, "vocabulary_ids": _ids(ids)} for texts, ids in ((found, known), (written, words)))
    await write_textbook_entry(transaction, "update", "Chapter", id, *states, is_public=textbook.is_public)
    return await _finish(transaction, id, before.textbook_id)


async def delete_chapter(transaction: Transaction, id: ChapterId, expected_version: int) -> Edited:
    """Soft-delete a chapter. Five statements. Raises like `create_chapter`."""
    before, textbook = await _lock_chapter(transaction, id, expected_version)
    await transaction.rows(commands.delete_chapter, chapter_id=id)
    deleted = {"deleted_at": transaction.now}
    await write_textbook_entry(transaction, "delete", "Chapter", id, {}, deleted, is_public=textbook.is_public)
    [textbook] = await transaction.rows(commands.touch_textbook, textbook_id=before.textbook_id)
    return None, textbook


async def restore_chapter(transaction: Transaction, id: ChapterId, expected_version: int) -> Edited:
    """Restore a deleted chapter as the last one. Up to seven statements. Raises like `create_chapter`."""
    before, textbook = await _lock_chapter(transaction, id, expected_version, deleted=True)
    if before.deleted_at is None:
        return before, textbook
    position = await _next_position(transaction, before.textbook_id, "id")
    await transaction.rows(commands.restore_chapter, chapter_id=id, position=position)
    deleted = {"deleted_at": before.deleted_at}
    await write_textbook_entry(transaction, "restore", "Chapter", id, deleted, {}, is_public=textbook.is_public)
    return await _finish(transaction, id, before.textbook_id)


async def reorder_chapters(
    transaction: Transaction, textbook_id: TextbookId, expected_version: int, ids: Sequence[ChapterId]
) -> TextbookRow:
    """Put the chapters into this order. Six statements.

    Raises InvalidInput unless `ids` has each chapter once, and like `create_chapter`.
    """
    before = await _lock(transaction, textbook_id, expected_version, "textbookId")
    found = [chapter.id for chapter in await transaction.rows(commands.chapters_of_textbook, textbook_id=textbook_id)]
    if sorted(ids) != sorted(found):
        message = f"chapterIds: name each of the {len(found)} chapters once."
        raise invalid_input(UserErrorCode.INVALID, message, "chapterIds")
    await transaction.rows(commands.reorder_chapters, **commands.order_values(ids))
    await transaction.rows(commands.finish_order, textbook_id=textbook_id)
    states = ({"chapter_ids": _ids(order)} for order in (found, ids))
    await write_textbook_entry(transaction, "reorder", "Textbook", textbook_id, *states, is_public=before.is_public)
    [textbook] = await transaction.rows(commands.touch_textbook, textbook_id=textbook_id)
    return textbook


async def set_exercises(
    transaction: Transaction,
    id: ChapterId,
    expected_version: int,
    exercises: Sequence[tuple[ExerciseId | None, Exercise]],
) -> Edited:
    """Replace the exercises of a chapter. Seven statements.

    An exercise with its former id keeps the attempts of learners. Raises InvalidInput if it is not one of the chapter
    or has another kind or number of prompts, and like `create_chapter`.
    """
    before, textbook = await _lock_chapter(transaction, id, expected_version, "chapterId")
    rows = await transaction.rows(exercises_by_chapter_id, ids=[id])
    known = {row.id: row for row in rows}
    for place, (exercise_id, exercise) in enumerate(exercises):
        if exercise_id is not None:
            _check_same_shape(known.get(exercise_id), exercise, place)
    entries = [
        {
            "id": str(exercise_id or new_id()),
            "kind": exercise.kind.value,
            "title": exercise.title,
            "task": exercise.task,
            "answerLanguage": exercise.answer_language.value,
            "prompts": orjson.loads(encode_prompts(exercise.prompts)),
            "options": orjson.loads(encode_options(exercise.options)),
            "solutions": orjson.loads(encode_solutions(exercise.solutions)),
        }
        for exercise_id, exercise in exercises
    ]
    return await _exchange(transaction, before, textbook, entries)


async def revert_exercises(
    transaction: Transaction, id: ChapterId, expected_version: int, entries: Sequence[Mapping[str, Any]]
) -> Edited:
    """Give a chapter the exercises that it had before a revision, as its audit entry has them. Seven statements.

    Those that still have their kind and number of prompts keep the attempts of learners. Raises like `create_chapter`.
    """
    chapter, textbook = await _lock_chapter(transaction, id, expected_version)
    known = {str(row.id): row for row in await transaction.rows(exercises_by_chapter_id, ids=[id])}
    fitting = [
        entry
        if (row := known.get(entry["id"])) is None or _has_shape(row, entry["kind"], len(entry["prompts"]))
        else {**entry, "id": str(new_id())}
        for entry in entries
    ]
    return await _exchange(transaction, chapter, textbook, fitting)


async def copy_to_library(transaction: Transaction, id: TextbookId, expected_version: int) -> TextbookRow:
    """Copy a public textbook with its chapters and exercises; the copy has no owner. Four statements.

    Raises InvalidInput for an unknown textbook, one that is not public or not complete, and a version conflict.
    """
    source = await _lock(transaction, id, expected_version, "id")
    if not source.is_public or source.status != TextbookStatus.READY:
        raise invalid_input(UserErrorCode.INVALID, "Only complete public textbooks can be copied.", "id")
    copy_id = new_id()
    [copy] = await transaction.rows(commands.copy_textbook, textbook_id=id, copy_id=copy_id)
    await transaction.rows(commands.copy_chapters, textbook_id=id, copy_id=copy_id)
    await write_audit_entry(transaction, "copyToLibrary", "Textbook", copy.id, {}, {"textbook_id": str(id)})
    return copy


def _check_same_shape(known: ExerciseRow | None, exercise: Exercise, place: int) -> None:
    if known is None:
        message = "The chapter has no such exercise; omit the id of a new one."
        raise invalid_input(UserErrorCode.NOT_FOUND, message, "exercises", str(place), "id")
    if not _has_shape(known, exercise.kind, len(exercise.prompts)):
        message = "Its kind or number of prompts differs, so attempts would not fit: omit the id for a new exercise."
        raise invalid_input(UserErrorCode.INVALID, message, "exercises", str(place), "id")


def _has_shape(exercise: ExerciseRow, kind: str, prompts: int) -> bool:
    return exercise.kind == kind and len(orjson.loads(exercise.prompts)) == prompts


async def _exchange(
    transaction: Transaction, chapter: LockedChapterRow, textbook: TextbookRow, entries: Sequence[Mapping[str, Any]]
) -> Edited:
    [exchanged] = await transaction.rows(
        commands.exchange_exercises, chapter_id=chapter.id, entries=orjson.dumps(entries).decode()
    )
    states = ({"exercises": exercises} for exercises in (orjson.loads(exchanged.former), entries))
    await write_textbook_entry(
        transaction, "setExercises", "Chapter", chapter.id, *states, is_public=textbook.is_public
    )
    return await _finish(transaction, chapter.id, chapter.textbook_id)


async def _lock(transaction: Transaction, id: TextbookId, expected_version: int, path: str) -> TextbookRow:
    textbook = await lock_textbook(transaction, id, path)
    check_version(textbook, expected_version)
    if textbook.status == TextbookStatus.GENERATING:
        raise invalid_input(UserErrorCode.INVALID, "The textbook is being generated.", path)
    return textbook


async def _lock_chapter(
    transaction: Transaction, id: ChapterId, expected_version: int, path: str = "id", *, deleted: bool = False
) -> tuple[LockedChapterRow, TextbookRow]:
    chapter = await transaction.row(commands.find_chapter, chapter_id=id)
    if chapter is None or (chapter.deleted_at is not None and not deleted):
        raise invalid_input(UserErrorCode.NOT_FOUND, "Chapter not found.", path)
    return chapter, await _lock(transaction, chapter.textbook_id, expected_version, path)


async def _next_position(transaction: Transaction, id: TextbookId, path: str) -> int:
    found = await transaction.rows(commands.chapters_of_textbook, textbook_id=id)
    if len(found) >= MAX_CHAPTERS:
        message = f"The textbook has {MAX_CHAPTERS} chapters, the maximum."
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message, path)
    if not found or found[-1].position < MAX_CHAPTERS:
        return found[-1].position + 1 if found else 1
    # Deleted chapters have left gaps.
    await transaction.rows(commands.reorder_chapters, **commands.order_values([chapter.id for chapter in found]))
    await transaction.rows(commands.finish_order, textbook_id=id)
    return len(found) + 1


async def _insert_words(transaction: Transaction, id: ChapterId, words: Sequence[VocabularyId]) -> None:
    if words:
        known = await transaction.rows(commands.words.insert, chapter_id=id, **word_values(words))
        require_found(words, {row.vocabulary_id for row in known}, "Word not found.", "vocabularyIds")


async def _finish(transaction: Transaction, id: ChapterId, textbook_id: TextbookId) -> Edited:
    [textbook] = await transaction.rows(commands.touch_textbook, textbook_id=textbook_id)
    [chapter] = await transaction.rows(chapters_by_id, ids=[id])
    return chapter, textbook


def _ids(ids: Sequence[UUID]) -> list[str]:
    return [str(id) for id in ids]
