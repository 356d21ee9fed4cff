"""The mutation that uploads the cover of a book, for editors."""

from dataclasses import dataclass
from functools import partial

import strawberry

from common.executors import FILES, run_in
from common.storage import StorageFullError
from db.services import books as book_service
from db.services import covers as cover_service
from db.services import uploads as upload_service
from domain.covers import MAX_COVER_BYTES, CoverError, is_stored_cover, parse_cover
from domain.errors import ServiceUnavailable
from domain.ids import BookId, UploadId
from domain.rate_limits import UPLOADS
from domain.uploads import UploadedFile
from domain.user_errors import InvalidInput, UserErrorCode, invalid_input
from domain.validation import validated_id
from jobs.uploaded_files import delete_unused, read_upload
from resolvers.arguments import parse_upload_id
from resolvers.context import Context, Info
from resolvers.mutations.books import BookPayload
from resolvers.mutations.payload_base import returns_user_errors
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class CoverFileInput:
    upload_id: strawberry.ID | None = strawberry.UNSET
    file: UploadedFile | None = strawberry.UNSET


@dataclass(kw_only=True)
class SetBookCoverInput:
    book_id: strawberry.ID
    expected_version: int
    image: CoverFileInput


@returns_user_errors(BookPayload, current="book")
@rate_limited(UPLOADS)
async def set_book_cover(info: Info, input: SetBookCoverInput) -> BookPayload:
    context, id, version = info.context, validated_id(BookId, input.book_id, "bookId"), input.expected_version
    # Before the file is read. It is checked again when the cover is saved.
    await context.run_transaction(partial(book_service.lock_book, id=id, expected_version=version, path="bookId"))
    if input.image.file:
        path, content, upload_id = "file", input.image.file.content, None
    else:
        # Either is given, by @oneOf; the id may be empty.
        path, upload_id = "uploadId", parse_upload_id(input.image.upload_id or "", "image", "uploadId")
        content = await _read_upload(context, upload_id)
    try:
        image = parse_cover(content)
    except CoverError as error:
        raise invalid_input(UserErrorCode.INVALID, f"image: {error}.", "image", path) from None
    covers = context.services.covers
    try:
        cover_url = await covers.save(content, image)
    except StorageFullError:
        message = "The server is out of space for covers; please retry later."
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message, "image", path) from None
    except OSError as error:
        raise ServiceUnavailable("The file cannot be stored; please retry later.") from error
    save = partial(cover_service.set_cover, id=id, expected_version=version, cover_url=cover_url)
    try:
        book, former = await context.run_transaction(save)
    except InvalidInput:
        await covers.delete(cover_url)
        raise
    if is_stored_cover(former):
        await covers.delete(former)
    if upload_id is not None:
        await _delete_upload(context, upload_id)
    return BookPayload(book=book)


async def _read_upload(context: Context, id: UploadId) -> bytes:
    """Raises InvalidInput."""
    upload = await context.run_transaction(partial(upload_service.find_upload, id=id))
    if upload is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Upload not found; it may have expired.", "image", "uploadId")
    if not upload.is_complete:
        message = f"{upload.received} of {upload.size} bytes of the upload were received."
        raise invalid_input(UserErrorCode.INVALID, message, "image", "uploadId")
    if upload.size > MAX_COVER_BYTES:
        message = f"image: the file has {upload.size:,} bytes; the maximum is {MAX_COVER_BYTES:,}."
        raise invalid_input(UserErrorCode.INVALID, message, "image", "uploadId")
    try:
        return await run_in(FILES, read_upload, context.services.uploads, upload.parts)
    except FileNotFoundError:
        raise invalid_input(UserErrorCode.NOT_FOUND, "The upload has expired.", "image", "uploadId") from None
    except OSError as error:
        raise ServiceUnavailable("The file cannot be read; please retry later.") from error


async def _delete_upload(context: Context, id: UploadId) -> None:
    deleted = await context.run_transaction(partial(upload_service.delete_upload, id=id))
    if deleted is not None:
        await run_in(FILES, delete_unused, context.services.uploads, deleted.parts)
