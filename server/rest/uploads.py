"""Resumable uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload) with creation, expiration and
termination."""

import base64
import binascii
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from common.executors import FILES, run_in
from common.storage import StorageFullError, StoredFileWriter, translate_full_storage
from common.text import truncate
from db.core.transaction import run_transaction
from db.queries.uploads import UploadRow
from db.services import uploads as upload_service
from domain.errors import (
    BadUserInput,
    ClientError,
    NotFound,
    RateLimited,
    ServiceUnavailable,
    Unauthenticated,
)
from domain.ids import UploadId, UserId
from domain.rate_limits import UPLOAD_REQUESTS, UPLOADS
from domain.request_stats import RequestStatistics
from domain.text import is_single_line, is_visible_text
from domain.uploads import MAX_CONCURRENT_REQUESTS, MAX_FILE_NAME_LENGTH, UploadLimitReached, UploadLimits
from domain.viewer import Viewer
from jobs.uploaded_files import delete_unused
from server.context import RequestInfo
from server.http.request_log import get_request_id
from server.rest.errors import RequestRejected, check_coding, error_response
from server.settings import Settings
from server.state import AppState

_VERSION = "1.0.0"
_EXTENSIONS = "creation,expiration,termination"
_CONTENT_TYPE = "application/offset+octet-stream"
_NUMBER = re.compile(r"[0-9]{1,15}")
_WRITE_BYTES = 256 * 1024
_MAX_METADATA_LENGTH = 4_000
_RETRY_AFTER_SECONDS = 10


class Uploads:
    """ASGI application for `/uploads` and `/uploads/{upload_id}`."""

    def __init__(self, settings: Settings) -> None:
        self._limits: UploadLimits = settings.upload_limits()
        self._base_url = settings.base_url
        self._running: Counter[UserId] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientError as error:
            response = error_response(request, error)
        response.headers["Tus-Resumable"] = _VERSION
        sent: ASGIApp = response
        await sent(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        id = request.path_params.get("upload_id")
        # For clients behind proxies that know no PATCH.
        method = request.headers.get("x-http-method-override", request.method).upper()
        if method == "OPTIONS":
            headers = {"Tus-Version": _VERSION, "Tus-Extension": _EXTENSIONS}
            return Response(None, 204, {**headers, "Tus-Max-Size": str(self._limits.max_bytes)})
        allowed = ("OPTIONS", "POST") if id is None else ("DELETE", "HEAD", "OPTIONS", "PATCH")
        if method not in allowed:
            message = f"Method {truncate(method)} is not allowed; use {' or '.join(allowed)}."
            raise RequestRejected(message, HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": ", ".join(allowed)})
        if request.headers.get("tus-resumable") != _VERSION:
            message = f"Tus-Resumable must be {_VERSION}."
            raise RequestRejected(message, HTTPStatus.PRECONDITION_FAILED, {"Tus-Version": _VERSION})
        viewer = await RequestInfo.from_connection(request).viewer()
        if viewer is None:
            raise Unauthenticated("Authentication required.")
        try:
            return await self._respond_to(request, viewer, method, id)
        except UploadLimitReached as error:
            raise RequestRejected(str(error), HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit=error.limit) from None

    async def _respond_to(self, request: Request, viewer: Viewer, method: str, id: UploadId | None) -> Response:
        if id is None:
            return await self._create(request, viewer)
        await _state(request).services.rate_limits.acquire(UPLOAD_REQUESTS, viewer.client_id)
        if method == "HEAD":
            upload = await _run(request, viewer, partial(upload_service.find_upload, id=id))
            return Response(None, 200, _headers(_found(upload)))
        if method == "DELETE":
            return await _delete(request, viewer, id)
        with self._slot(viewer.id):
            return await self._append(request, viewer, id)

    @contextmanager
    def _slot(self, user_id: UserId) -> Iterator[None]:
        if self._running[user_id] >= MAX_CONCURRENT_REQUESTS:
            message = (
                f"{MAX_CONCURRENT_REQUESTS} of your requests continue uploads; retry when one of them has finished."
            )
            raise RateLimited(message, retry_after=_RETRY_AFTER_SECONDS, limit="MAX_CONCURRENT_REQUESTS")
        self._running[user_id] += 1
        try:
            yield
        finally:
            self._running[user_id] -= 1
            if not self._running[user_id]:
                del self._running[user_id]

    async def _create(self, request: Request, viewer: Viewer) -> Response:
        size = _number(request, "upload-length")
        if not 0 < size <= self._limits.max_bytes:
            raise RequestRejected(
                f"Upload-Length is {size}; it must be between 1 and {self._limits.max_bytes}.",
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                limit="UPLOAD_MAX_BYTES",
            )
        name = _file_name(request.headers.get("upload-metadata", ""))
        await _state(request).services.rate_limits.acquire(UPLOADS, viewer.client_id)
        create = partial(upload_service.create_upload, file_name=name, size=size, limits=self._limits)
        upload = await _run(request, viewer, create)
        return Response(None, 201, _headers(upload) | {"Location": f"{self._base_url}/uploads/{upload.id}"})

    async def _append(self, request: Request, viewer: Viewer, id: UploadId) -> Response:
        content_type = request.headers.get("content-type", "")
        if content_type.strip().lower() != _CONTENT_TYPE:
            message = f"Content-Type must be {_CONTENT_TYPE}, not {truncate(content_type or 'absent')}."
            raise RequestRejected(message, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        check_coding(request)
        offset = _number(request, "upload-offset")
        find = partial(upload_service.find_continuable, id=id, limits=self._limits)
        upload = _found(await _run(request, viewer, find))
        if upload.received != offset:
            raise _conflict(upload)
        storage = _state(request).services.uploads
        part = f"{id}.{offset}.{secrets.token_hex(8)}"
        file: StoredFileWriter | None = None
        try:
            with translate_full_storage():
                file = await run_in(FILES, storage.create, part)
                size = await self._receive(request, file, upload.size - offset)
                if size:
                    await run_in(FILES, file.finish)
        except StorageFullError:
            raise ServiceUnavailable("The server is out of disk space; please retry later.", retry_after=600) from None
        except OSError as error:
            raise ServiceUnavailable("The file cannot be stored; please retry later.") from error
        finally:
            if file is not None:
                await run_in(FILES, file.discard)
        if size:
            added = await _run(
                request, viewer, partial(upload_service.add_part, id=id, offset=offset, part=part, size=size)
            )
            if added is None:
                await run_in(FILES, delete_unused, storage, [part])
                raise _conflict(_found(await _run(request, viewer, partial(upload_service.find_upload, id=id))))
            upload = added
        return Response(None, 204, _headers(upload))

    async def _receive(self, request: Request, file: StoredFileWriter, remaining: int) -> int:
        """Write the body to the file and return its size. What arrived before the client left is stored as well."""
        limit = min(self._limits.max_chunk_bytes, remaining)
        size, buffer = 0, bytearray()
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise self._too_long(remaining)
                buffer += chunk
                if len(buffer) >= _WRITE_BYTES:
                    await run_in(FILES, file.write, bytes(buffer))
                    buffer.clear()
        except ClientDisconnect:
            pass
        await run_in(FILES, file.write, bytes(buffer))
        return size

    def _too_long(self, remaining: int) -> RequestRejected:
        if remaining < self._limits.max_chunk_bytes:
            message = f"The request is longer than the {remaining} bytes that are left of Upload-Length."
            return RequestRejected(message, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        message = f"A request can have {self._limits.max_chunk_bytes} bytes; set the chunk size of your client to it."
        return RequestRejected(message, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit="UPLOAD_CHUNK_BYTES")


async def _delete(request: Request, viewer: Viewer, id: UploadId) -> Response:
    deleted = _found(await _run(request, viewer, partial(upload_service.delete_upload, id=id)))
    await run_in(FILES, delete_unused, _state(request).services.uploads, deleted.parts)
    return Response(None, 204)


async def _run(request: Request, viewer: Viewer, work: Any) -> Any:
    now, database = datetime.now(UTC), _state(request).services.database
    return await run_transaction(database, viewer, now, get_request_id(request), RequestStatistics(), work)


def _state(request: Request) -> AppState:
    state: AppState = request.state.shinjp
    return state


def _found(upload: UploadRow | None) -> UploadRow:
    if upload is None:
        raise NotFound("Upload not found; it may have expired.")
    return upload


def _conflict(upload: UploadRow) -> RequestRejected:
    return RequestRejected(f"Upload-Offset must be {upload.received}, which was received so far.", HTTPStatus.CONFLICT)


def _headers(upload: UploadRow) -> dict[str, str]:
    return {
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.size),
        "Upload-Expires": format_datetime(upload.expires_at.astimezone(UTC), usegmt=True),
        "Cache-Control": "no-store",
    }


def _number(request: Request, name: str) -> int:
    value = request.headers.get(name)
    if value is None or not _NUMBER.fullmatch(value):
        raise BadUserInput(f"{name.title()} must be a number of bytes, not {truncate(value or 'absent')!r}.")
    return int(value)


def _file_name(metadata: str) -> str:
    """Return the value of `filename` in Upload-Metadata, or a default. Raises BadUserInput."""
    if len(metadata) > _MAX_METADATA_LENGTH:
        raise BadUserInput(f"Upload-Metadata has {len(metadata)} characters; the maximum is {_MAX_METADATA_LENGTH}.")
    for pair in metadata.split(","):
        key, _, value = pair.strip().partition(" ")
        if key != "filename":
            continue
        try:
            name = base64.b64decode(value, validate=True).decode().strip()
        except (binascii.Error, ValueError):
            raise BadUserInput("Upload-Metadata: filename is not Base64 of UTF-8.") from None
        if name and not (is_visible_text(name) and is_single_line(name)):
            raise BadUserInput("Upload-Metadata: filename has control characters.")
        return name[-MAX_FILE_NAME_LENGTH:] or "file"
    return "file"
