"""Exports: files of finished jobs, downloaded by signed links, and files streamed from the database."""

import asyncio
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from common.executors import COMPUTING, run_in
from common.task_set import cancel_and_wait
from common.text import truncate
from db.core.read_session import ReadSession
from db.core.transaction import run_transaction
from db.queries.jobs import role_of_download
from db.services.administration import write_export_look
from db.services.export_streams import BYTE_ORDER_MARK, Batch, export_batches
from domain.enums import ExportFormat, ExportKind, Role
from domain.errors import BadUserInput, ClientError, NotFound, ServiceUnavailable, Unauthenticated
from domain.exports import (
    ARCHIVE_MEDIA_TYPE,
    ARCHIVE_NAME,
    LINE_FORMATS,
    MEDIA_TYPES,
    ExportRequest,
    role_of_file,
)
from domain.rate_limits import EXPORTS
from domain.request_stats import RequestStatistics
from domain.timestamps import parse_timestamp
from domain.viewer import Viewer, includes_role
from jobs.export_files import archive_key, rows_key
from server.context import RequestInfo
from server.http.compression import accepts_gzip
from server.http.request_log import get_request_id
from server.http.responses import get_accept_encoding
from server.http.stored_file import find_file
from server.http.streaming_response import StreamingResponse
from server.rest.errors import error_response
from server.rest.export_slots import ExportSlots, Slot
from server.settings import Settings
from server.state import AppState

log = structlog.get_logger()

_FORMATS = {request_format.value.lower(): request_format for request_format in ExportFormat}
_STREAMED_FORMATS = {request_format.value.lower(): request_format for request_format in LINE_FORMATS}


async def download(request: Request) -> ASGIApp:
    """Send the file of a job. The signed link needs no token."""
    state: AppState = request.state.shinjp
    job_id, file_name = request.path_params["job_id"], request.path_params["file_name"]
    storage, is_archive = state.services.export_files.storage, file_name == ARCHIVE_NAME
    key = archive_key(job_id) if is_archive else rows_key(job_id)
    query = request.query_params
    try:
        state.services.export_links.check(
            request.scope["path"], query.get("expires", ""), query.get("signature", ""), datetime.now(UTC)
        )
        await _check_owner(state, job_id, file_name)
        file = await find_file(storage, key)
    except ClientError as error:
        return error_response(request, error)
    if is_archive:
        return file.respond(request.headers, _headers(ARCHIVE_MEDIA_TYPE, file_name, gzipped=False))
    media_type = MEDIA_TYPES[_FORMATS[file_name.rpartition(".")[2]]]
    if _requests_byte_order_mark(request, _FORMATS[file_name.rpartition(".")[2]]):
        # Some clients read only the first member of a gzip file, so the mark cannot be a member of its own.
        marked = file.decompress(BYTE_ORDER_MARK.encode())
        return StreamingResponse(marked, _headers(media_type, file_name, gzipped=False))
    headers = _headers(media_type, file_name, gzipped=_accepts_gzip(request))
    if _accepts_gzip(request):
        return file.respond(request.headers, headers)
    return StreamingResponse(file.decompress(), headers)


async def _check_owner(state: AppState, job_id: UUID, file_name: str) -> None:
    """Raises NotFound if the owner has been blocked, or lost the role that the file requires."""
    reads = ReadSession(state.services.database, None, RequestStatistics())
    found = await reads.row(role_of_download, job_id=job_id)
    if found is None or found.role is None or not includes_role(Role(found.role), role_of_file(file_name)):
        raise NotFound("File not found.")


class StreamedExport:
    """ASGI application for `GET /exports/reviews.csv` and the like: streams the viewer's rows from the database.

    Parameters: the timestamps `from` and `to`; `bom=1` adds a byte order mark to CSV, which some spreadsheets need.
    """

    def __init__(self, settings: Settings) -> None:
        self._max_seconds = settings.export_timeout_seconds
        self.slots = ExportSlots(settings.max_direct_exports, settings.export_patience_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response: ASGIApp
        try:
            response = await self._respond(request)
        except ClientError as error:
            response = error_response(request, error)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> ASGIApp:
        if request.method not in ("GET", "HEAD"):
            return Response(status_code=405, headers={"Allow": "GET, HEAD"})
        request_info = RequestInfo.from_connection(request)
        viewer = await request_info.viewer()
        if viewer is None:
            raise Unauthenticated("Authentication required.")
        export = _parse_request(request)
        export.check_allowed(viewer)
        state: AppState = request.state.shinjp
        batches = export_batches(
            state.services.database, viewer, export, byte_order_mark=_requests_byte_order_mark(request, export.format)
        )
        gzipped = _accepts_gzip(request)
        headers = _headers(MEDIA_TYPES[export.format], export.file_name, gzipped=gzipped)
        encoded = _encode(batches, gzipped=gzipped)
        if request.method == "HEAD":
            # Reads nothing, so it is no export.
            return StreamingResponse(encoded, headers)
        if export.kind is ExportKind.LEARNERS:
            look = partial(write_export_look, export=export)
            await run_transaction(
                state.services.database,
                viewer,
                datetime.now(UTC),
                get_request_id(request),
                RequestStatistics(),
                look,
            )
        slot = Slot(viewer.id)
        limited = _acquire_rate_limit(viewer, state, encoded)
        chunks = self.slots.send(slot, _while_admitted(limited, slot, viewer, request_info))
        # Reads the first rows before the response starts, so that an error has a status.
        first = await anext(chunks)
        return StreamingResponse(
            chunks, headers, first=first, max_duration=self._max_seconds, interruption=slot.interruption
        )


async def _while_admitted(
    chunks: AsyncGenerator[bytes, None], slot: Slot, viewer: Viewer, request_info: RequestInfo
) -> AsyncGenerator[bytes, None]:
    """Yield the chunks, and interrupt the export as soon as the viewer is blocked or deleted, or has another role."""
    with request_info.state.viewer_cache.watch(viewer) as changed:
        watching = asyncio.create_task(_interrupt_when_refused(changed, slot, viewer, request_info))
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    yield chunk
        finally:
            await cancel_and_wait(watching)


async def _interrupt_when_refused(
    changed: asyncio.Event, slot: Slot, viewer: Viewer, request_info: RequestInfo
) -> None:
    while True:
        await changed.wait()
        changed.clear()
        try:
            is_admitted = await request_info.viewer() == viewer
        except ServiceUnavailable:
            # The export reads from the same database.
            continue
        except ClientError:
            is_admitted = False
        if not is_admitted:
            log.info("export interrupted", viewer=str(viewer.id))
            slot.interrupt()
            return


async def _acquire_rate_limit(
    viewer: Viewer, state: AppState, chunks: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    """Count the export after it got a slot, then yield its chunks. Raises RateLimited."""
    await state.services.rate_limits.acquire(EXPORTS, viewer.client_id)
    async with aclosing(chunks):
        async for chunk in chunks:
            yield chunk


def _parse_request(request: Request) -> ExportRequest:
    name = request.path_params["name"]
    kind, _, ending = name.partition(".")
    if kind.upper() not in ExportKind.__members__ or kind != kind.lower() or ending not in _STREAMED_FORMATS:
        raise NotFound(f"Unknown export {truncate(name)!r}; use reviews.csv, cards.jsonl or the like.")
    since, until = (_parse_timestamp_parameter(request, parameter) for parameter in ("from", "to"))
    export = ExportRequest.between(ExportKind(kind.upper()), _STREAMED_FORMATS[ending], since, until)
    if since is not None and until is not None and until <= since:
        raise BadUserInput(f"`to` must be after `from`: {until.isoformat()} is not after {since.isoformat()}.")
    return export


def _parse_timestamp_parameter(request: Request, name: str) -> datetime | None:
    value = request.query_params.get(name)
    if value is None:
        return None
    try:
        return parse_timestamp(value)
    except BadUserInput as error:
        # A plus sign in a query string is decoded as a space.
        hint = " Percent-encode + as %2B." if " " in value else ""
        raise BadUserInput(f"{name}: {error.message}{hint}") from None


async def _encode(batches: AsyncGenerator[Batch, None], *, gzipped: bool) -> AsyncGenerator[bytes, None]:
    compressor = zlib.compressobj(level=4, wbits=31) if gzipped else None
    async with aclosing(batches):
        async for batch in batches:
            content = batch.text.encode()
            if compressor is not None:
                content = await run_in(COMPUTING, compressor.compress, content)
            yield content
    if compressor is not None:
        yield compressor.flush()


def _requests_byte_order_mark(request: Request, format: ExportFormat) -> bool:
    """JSON has no byte order mark (RFC 8259, section 8.1)."""
    return format is ExportFormat.CSV and request.query_params.get("bom") == "1"


def _accepts_gzip(request: Request) -> bool:
    return accepts_gzip(get_accept_encoding(request.scope))


def _headers(media_type: str, file_name: str, *, gzipped: bool) -> dict[str, str]:
    headers = {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "Cache-Control": "private, no-store",
        "Vary": "Accept-Encoding",
        # Keeps browsers from rendering markup in the file.
        "X-Content-Type-Options": "nosniff",
    }
    return headers | ({"Content-Encoding": "gzip"} if gzipped else {})
