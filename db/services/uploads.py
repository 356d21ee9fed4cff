"""Creates, continues and deletes uploads. The content is in the storage."""

from db.commands import uploads as commands
from db.commands import users as user_commands
from db.core.transaction import Transaction
from db.queries.uploads import UploadRow, upload_usage, uploads_by_id
from domain.ids import UploadId, new_id
from domain.uploads import UPLOAD_LIFETIME, UploadLimits
from domain.user_errors import UserErrorCode, invalid_input


async def create_upload(transaction: Transaction, file_name: str, size: int, limits: UploadLimits) -> UploadRow:
    """Create an empty upload. Three statements.

    Raises InvalidInput if the learner's files would exceed the limit of their bytes.
    """
    # Of concurrent requests each counts the files of those before it.
    await transaction.row(user_commands.lock_settings)
    [usage] = await transaction.rows(upload_usage)
    if usage.size + size > limits.max_bytes_per_user:
        until = (
            ""
            if usage.first_expires_at is None
            else f" The first expires at {usage.first_expires_at:%Y-%m-%d %H:%M} UTC."
        )
        message = f"Your uploaded files would exceed the limit of {limits.max_bytes_per_user:,} bytes.{until}"
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message)
    [upload] = await transaction.rows(
        commands.insert_upload,
        id=new_id(),
        file_name=file_name,
        size=size,
        expires_at=transaction.now + UPLOAD_LIFETIME,
    )
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
