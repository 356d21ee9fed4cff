"""Creates, continues and deletes uploads. The content is in the storage."""

from db.commands import uploads as commands
from db.commands import users as user_commands
from db.core.transaction import Transaction
from db.queries.uploads import UploadRow, UploadUsageRow, upload_usage, uploads_by_id
from domain.ids import UploadId, new_id
from domain.uploads import MAX_PARTS, UPLOAD_LIFETIME, UploadLimitReached, UploadLimits


async def create_upload(transaction: Transaction, file_name: str, size: int, limits: UploadLimits) -> UploadRow:
    """Create an empty upload. Three statements.

    Raises UploadLimitReached if the learner's files would exceed the limit of their bytes, or too many of them are not
    complete.
    """
    # Of concurrent requests each counts the files of those before it.
    await transaction.row(user_commands.lock_settings)
    [usage] = await transaction.rows(upload_usage)
    if usage.size + size > limits.max_bytes_per_user:
        message = f"Your uploaded files would exceed the limit of {limits.max_bytes_per_user:,} bytes."
        raise _limit_reached(message, usage, "UPLOAD_MAX_BYTES_PER_LEARNER")
    if usage.unfinished >= limits.max_unfinished_per_user:
        message = f"{limits.max_unfinished_per_user} of your uploads are not complete; continue or delete one of them."
        raise _limit_reached(message, usage, "UPLOAD_MAX_UNFINISHED_PER_LEARNER")
    [upload] = await transaction.rows(
        commands.insert_upload,
        id=new_id(),
        file_name=file_name,
        size=size,
        expires_at=transaction.now + UPLOAD_LIFETIME,
    )
    return upload


async def find_continuable(transaction: Transaction, id: UploadId, limits: UploadLimits) -> UploadRow | None:
    """Like `find_upload`, for a part to be added. Two statements.

    Raises UploadLimitReached if the file or all files of the learner have too many parts. Concurrent requests can
    exceed the latter by one part for each file.
    """
    upload = await find_upload(transaction, id)
    if upload is None:
        return None
    if len(upload.parts) >= MAX_PARTS:
        message = f"The upload has {MAX_PARTS} parts; upload the file again with longer requests."
        raise UploadLimitReached(message, "MAX_PARTS")
    [usage] = await transaction.rows(upload_usage)
    if usage.parts >= limits.max_parts_per_user:
        message = (
            f"Your uploaded files have {usage.parts} parts, the maximum is {limits.max_parts_per_user}: delete one and "
            "upload it again with longer requests."
        )
        raise _limit_reached(message, usage, "UPLOAD_MAX_PARTS_PER_LEARNER")
    return upload


async def find_upload(transaction: Transaction, id: UploadId) -> UploadRow | None:
    """Return an unexpired upload of the viewer. One statement."""
    return await transaction.row(uploads_by_id, ids=[id])


async def add_part(transaction: Transaction, id: UploadId, offset: int, part: str, size: int) -> UploadRow | None:
    """Add a stored part, unless the upload is no longer at the offset. One statement."""
    return await transaction.row(commands.add_part, id=id, offset=offset, part=part, added=size)


async def delete_upload(transaction: Transaction, id: UploadId) -> UploadRow | None:
    """Delete an upload and return it, for its parts to be deleted after the commit. One statement."""
    return await transaction.row(commands.delete_upload, id=id)


def _limit_reached(message: str, usage: UploadUsageRow, limit: str) -> UploadLimitReached:
    expires_at = usage.first_expires_at
    until = "" if expires_at is None else f" The first expires at {expires_at:%Y-%m-%d %H:%M} UTC."
    return UploadLimitReached(message + until, limit)
