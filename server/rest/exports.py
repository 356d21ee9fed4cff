"""Exports: files of finished jobs, downloaded by signed links, and files streamed from the database."""

import gzip
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from common.executors import COMPUTING, FILES, run_in
from common.text import truncate
from db.core.transaction import run_transaction
from db.services.administration import write_export_look
from db.services.export_streams import BYTE_ORDER_MARK, Batch, export_batches
from domain.enums import ExportFormat, ExportKind
from domain.errors import BadUserInput, ClientError, NotFound, Unauthenticated
from domain.exports import MEDIA_TYPES, ExportRequest
from domain.rate_limits import EXPORTS
from domain.request_stats import RequestStatistics
from domain.timestamps import parse_timestamp
from domain.viewer import Viewer
from server.context import RequestInfo
from server.error_format import error_dict, error_headers, http_status
from server.http.compression import accepts_gzip
from server.http.request_log import get_request_id
from server.http.responses import get_accept_encoding
from server.http.streaming_response import CancellableResponse, StreamingResponse
from server.observability.error_log import record_error
from server.rest.export_slots import ExportSlots, Slot
from server.settings import Settings
from server.state import AppState

_CHUNK = 256 * 1024
_FORMATS = {request_format.value.lower(): request_format for request_format in ExportFormat}


async def download(request: Request) -> ASGIApp:
    """Send the file of a job. The signed link needs no token."""
    state: AppState = request.state.shinjp
    job_id, file_name = request.path_params["job_id"], request.path_params["file_name"]
    path = state.services.export_files.path(job_id)
    query = request.query_params
    try:
        state.services.export_links.check(
            request.scope["path"], query.get("expires", ""), query.get("signature", ""), datetime.now(UTC)
        )
        if not path.exists():
            raise NotFound("File not found.")
    except ClientError as error:
        return _error_response(request, error)
    media_type = MEDIA_TYPES[_FORMATS[file_name.rpartition(".")[2]]]
    if _requests_byte_order_mark(request, _FORMATS[file_name.rpartition(".")[2]]):
        # Some clients read only the first member of a gzip file, so the mark cannot be a member of its own.
        marked = _decompress(path, BYTE_ORDER_MARK.encode())
        return StreamingResponse(marked, _headers(media_type, file_name, gzipped=False))
    headers = _headers(media_type, file_name, gzipped=_accepts_gzip(request))
    if _accepts_gzip(request):
        return CancellableResponse(FileResponse(path, headers=headers))
    return StreamingResponse(_decompress(path), headers)


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
            response = _error_response(request, error)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> ASGIApp:
        if request.method != "GET":
            return Response(status_code=405, headers={"Allow": "GET"})
        viewer = await RequestInfo.from_connection(request).viewer()
        if viewer is None:
            raise Unauthenticated("Authentication required.")
        export = _parse_request(request)
        export.check_allowed(viewer)
        state: AppState = request.state.shinjp
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
        batches = export_batches(
            state.services.database, viewer, export, byte_order_mark=_requests_byte_order_mark(request, export.format)
        )
        gzipped = _accepts_gzip(request)
        headers = _headers(MEDIA_TYPES[export.format], export.file_name, gzipped=gzipped)
        slot = Slot(viewer.id)
        chunks = self.slots.send(slot, _acquire_rate_limit(viewer, state, _encode(batches, gzipped=gzipped)))
        # Reads the first rows before the response starts, so that an error has a status.
        first = await anext(chunks)
        return StreamingResponse(
            chunks, headers, first=first, max_duration=self._max_seconds, interruption=slot.interruption
        )


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
    if kind.upper() not in ExportKind.__members__ or kind != kind.lower() or ending not in _FORMATS:
        raise NotFound(f"Unknown export {truncate(name)!r}; use reviews.csv, cards.jsonl or the like.")
    since, until = (_parse_timestamp_parameter(request, parameter) for parameter in ("from", "to"))
    export = ExportRequest.between(ExportKind(kind.upper()), _FORMATS[ending], since, until)
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


async def _decompress(path: Path, start: bytes = b"") -> AsyncGenerator[bytes, None]:
    if start:
        yield start
    with await run_in(FILES, gzip.open, path, "rb") as file:
        while chunk := await run_in(FILES, file.read, _CHUNK):
            assert isinstance(chunk, bytes)
            yield chunk


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


def _error_response(request: Request, error: ClientError) -> Response:
    record_error(error)
    body: dict[str, Any] = {"errors": [error_dict(error.message, error.extensions, get_request_id(request))]}
    status = 404 if isinstance(error, NotFound) else http_status(error.code)
    return JSONResponse(body, status, error_headers(status, error.extensions))
