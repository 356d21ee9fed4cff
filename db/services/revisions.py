"""Reverts changes of books, textbooks and chapters, by the values before them in the audit log."""

import re
from typing import Any
from uuid import UUID

import orjson

from db.core.transaction import Transaction
from db.queries.administration import AuditEntryRow, audit_entries_by_id
from db.queries.books import BookRow
from db.queries.textbooks import TextbookRow
from db.services.book_pages import decode_pages, revert_pages
from db.services.books import set_words, update_book
from db.services.textbook_editing import reorder_chapters, revert_exercises, update_chapter
from db.services.textbooks import update_textbook
from domain.covers import is_stored_cover
from domain.field_changes import has_excerpts
from domain.ids import BookId, ChapterId, TextbookId, VocabularyId
from domain.user_errors import UserErrorCode, invalid_input

_OF_PAGES = ("updatePage", "insertPage", "movePage", "deletePage")
_REVERTIBLE = {
    "Book": ("update", "setWords", *_OF_PAGES),
    "Textbook": ("update", "reorder"),
    "Chapter": ("update", "setExercises"),
}


def is_revertible(entry: AuditEntryRow) -> bool:
    # Those of private textbooks do not have what was written, and those by learners only parts of it.
    is_complete = entry.changes != "{}" and not has_excerpts(entry.changes)
    if not is_complete or entry.action not in _REVERTIBLE.get(entry.entity, ()):
        return False
    return entry.entity != "Book" or bool(_former_values(entry))


async def revert_book(transaction: Transaction, id: UUID, expected_version: int) -> BookRow:
    """Give the fields or pages that a revision changed their values before it. Up to twelve statements.

    Raises InvalidInput for an unknown revision, one that cannot be reverted, and like the changes themselves.
    """
    entry, before = await _read(transaction, id, ("Book",))
    book_id = BookId(entry.entity_id)
    if entry.action in _OF_PAGES:
        pages = (decode_pages(_values(entry, side)) for side in ("before", "after"))
        book, _ = await revert_pages(transaction, book_id, expected_version, *pages)
        return book
    if entry.action == "setWords":
        words = [VocabularyId(UUID(word)) for word in before["vocabulary_ids"]]
        return await set_words(transaction, book_id, expected_version, words)
    publish = before.pop("published_at") is not None if "published_at" in before else None
    return await update_book(transaction, book_id, expected_version, before, publish=publish)


async def revert_textbook(transaction: Transaction, id: UUID, expected_version: int) -> TextbookRow:
    """The same of a textbook or a chapter. Up to eleven statements. Raises like the changes themselves."""
    entry, before = await _read(transaction, id, ("Textbook", "Chapter"))
    if entry.action == "setExercises":
        exercises = before.get("exercises")
        if exercises is None or not all(isinstance(exercise, dict) for exercise in exercises):
            message = "The revision does not have the former exercises."
            raise invalid_input(UserErrorCode.INVALID, message, "revisionId")
        _, textbook = await revert_exercises(transaction, ChapterId(entry.entity_id), expected_version, exercises)
        return textbook
    if entry.entity == "Chapter":
        words = before.pop("vocabulary_ids", None)
        ids = None if words is None else [VocabularyId(UUID(word)) for word in words]
        _, textbook = await update_chapter(transaction, ChapterId(entry.entity_id), expected_version, before, ids)
        return textbook
    textbook_id = TextbookId(entry.entity_id)
    if entry.action == "reorder":
        order = [ChapterId(UUID(chapter)) for chapter in before["chapter_ids"]]
        return await reorder_chapters(transaction, textbook_id, expected_version, order)
    return await update_textbook(transaction, textbook_id, expected_version, before)


async def _read(transaction: Transaction, id: UUID, entities: tuple[str, ...]) -> tuple[AuditEntryRow, dict[str, Any]]:
    """Return the entry, and the values before it by column.

    Row-level security hides entries of other content.
    """
    entry = await transaction.row(audit_entries_by_id, ids=[id])
    if entry is None or entry.entity not in entities:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Revision not found.", "revisionId")
    if not is_revertible(entry):
        message = f"The revision by {entry.action} cannot be reverted."
        raise invalid_input(UserErrorCode.INVALID, message, "revisionId")
    return entry, _former_values(entry)


def _former_values(entry: AuditEntryRow) -> dict[str, Any]:
    """Return the values before a change that can be restored, by column."""
    before = _values(entry, "before")
    # A time of publication may have passed.
    before.pop("publish_at", None)
    # Its file was deleted.
    if is_stored_cover(before.get("cover_url")):
        del before["cover_url"]
    return before


def _values(entry: AuditEntryRow, side: str) -> dict[str, Any]:
    return {_snake_case(name): change[side] for name, change in orjson.loads(entry.changes).items()}


def _snake_case(name: str) -> str:
    """Return the column of a name in the audit log."""
    return re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), name)
