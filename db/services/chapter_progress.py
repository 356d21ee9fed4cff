"""Saves the progress in chapters."""

from datetime import datetime

from db.commands.chapter_progress import save_chapter_progress
from db.core.transaction import Transaction
from db.queries.textbooks import chapters_by_id
from domain.ids import ChapterId
from domain.timestamps import clamp_to_now
from domain.user_errors import UserErrorCode, invalid_input


async def save_progress(
    transaction: Transaction, chapter_id: ChapterId, *, is_read: bool, read_at: datetime | None
) -> None:
    """Save whether a chapter is read, and the time of reading, at most the current time. Two statements.

    A later time of reading wins. Raises InvalidInput for a chapter that the viewer cannot see.
    """
    if await transaction.row(chapters_by_id, ids=[chapter_id]) is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Chapter not found.", "chapterId")
    time = clamp_to_now(read_at, transaction.now)
    await transaction.rows(save_chapter_progress, chapter_id=chapter_id, is_read=is_read, read_at=time)
