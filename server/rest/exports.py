"""Files: downloaded by their links when a job made them, or sent while they are made."""

import gzip
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from common.executors import COMPUTING, FILES, run_in
from common.text import truncate
from db.services.export_streams import BYTE_ORDER_MARK, Batch, export_batches
from domain.enums import ExportFormat, ExportKind
from domain.errors import BadUserInput, ClientError, NotFound, Unauthenticated
from domain.exports import MEDIA_TYPES, ExportRequest
from domain.rate_limits import EXPORTS
from domain.timestamps import parse_timestamp
from domain.viewer import Viewer
from server.context import RequestInfo
from server.graphql.error_format import error_dict, error_headers, http_status
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
    """The file of a job, by its link: who has the link needs no token."""
    state: AppState = request.state.shinjp
    job_id, file_name = request.path_params["job_id"], request.path_params["file_name"]
    path = state.services.export_files.path(job_id)
    asked = request.query_params
    try:
        state.services.export_links.check(
            request.scope["path"], asked.get("expires", ""), asked.get("signature", ""), datetime.now(UTC)
        )
        if not path.exists():
            raise NotFound("File not found.")
    except ClientError as error:
        return _error(request, error)
    media_type = MEDIA_TYPES[_FORMATS[file_name.rpartition(".")[2]]]
    if _asks_for_mark(request, _FORMATS[file_name.rpartition(".")[2]]):
        # Some clients do not read on after the first member of a gzip file, so the mark cannot be put before it.
        marked = _decompressed(path, BYTE_ORDER_MARK.encode())
        return StreamingResponse(marked, _headers(media_type, file_name, gzipped=False))
    headers = _headers(media_type, file_name, gzipped=_takes_gzip(request))
    if _takes_gzip(request):
        return CancellableResponse(FileResponse(path, headers=headers))
    return StreamingResponse(_decompressed(path), headers)


class DirectExports:
    """`GET /exports/reviews.csv` and the like: a file of the viewer's, sent while it is read from the database.

    Parameters: `from` and `to`, timestamps; `bom=1`, for CSV a byte order mark, by which some spreadsheets know UTF-8.
    """

    def __init__(self, settings: Settings) -> None:
        self._max_seconds = settings.export_timeout_seconds
        self.slots = ExportSlots(settings.max_direct_exports, settings.export_patience_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response: ASGIApp
        try:
            response = await self._answer(request)
        except ClientError as error:
            response = _error(request, error)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> ASGIApp:
        if request.method != "GET":
            return Response(status_code=405, headers={"Allow": "GET"})
        viewer = await RequestInfo.from_connection(request).viewer()
        if viewer is None:
            raise Unauthenticated("Authentication required.")
        asked = _request(request)
        asked.check_allowed(viewer)
        state: AppState = request.state.shinjp
        batches = export_batches(
            state.services.database, viewer, asked, byte_order_mark=_asks_for_mark(request, asked.format)
        )
        gzipped = _takes_gzip(request)
        headers = _headers(MEDIA_TYPES[asked.format], asked.file_name, gzipped=gzipped)
        slot = Slot(viewer.id)
        chunks = self.slots.send(slot, _counted(viewer, state, _encoded(batches, gzipped=gzipped)))
        # Nothing is sent before the first rows are there, or it is clear that there are none: an error has a status.
        first = await anext(chunks)
        return StreamingResponse(
            chunks, headers, first=first, max_duration=self._max_seconds, interruption=slot.interruption
        )


async def _counted(viewer: Viewer, state: AppState, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Against the learner's limit over time, where there is room for it. Raises RateLimited."""
    await state.services.rate_limits.take(EXPORTS, viewer.client_id)
    async with aclosing(chunks):
        async for chunk in chunks:
            yield chunk


def _request(request: Request) -> ExportRequest:
    name = request.path_params["name"]
    kind, _, ending = name.partition(".")
    if kind.upper() not in ExportKind.__members__ or kind != kind.lower() or ending not in _FORMATS:
        raise NotFound(f"{truncate(name)!r} is not an export. There are reviews.csv, cards.jsonl and the like.")
    since, until = (_moment(request, parameter) for parameter in ("from", "to"))
    asked = ExportRequest.between(ExportKind(kind.upper()), _FORMATS[ending], since, until)
    if since is not None and until is not None and until <= since:
        raise BadUserInput(f"to: {until.isoformat()} is not after `from`, {since.isoformat()}.")
    return asked


def _moment(request: Request, name: str) -> datetime | None:
    value = request.query_params.get(name)
    if value is None:
        return None
    try:
        return parse_timestamp(value)
    except BadUserInput as error:
        # In a query string a plus sign is a blank.
        hint = " In an address, + is written %2B." if " " in value else ""
        raise BadUserInput(f"{name}: {error.message}{hint}") from None


async def _encoded(batches: AsyncGenerator[Batch, None], *, gzipped: bool) -> AsyncGenerator[bytes, None]:
    compressor = zlib.compressobj(level=4, wbits=31) if gzipped else None
    async with aclosing(batches):
        async for batch in batches:
            content = batch.text.encode()
            if compressor is not None:
                content = await run_in(COMPUTING, compressor.compress, content)
            yield content
    if compressor is not None:
        yield compressor.flush()


async def _decompressed(path: Path, start: bytes = b"") -> AsyncGenerator[bytes, None]:
    if start:
        yield start
    with await run_in(FILES, gzip.open, path, "rb") as file:
        while chunk := await run_in(FILES, file.read, _CHUNK):
            assert isinstance(chunk, bytes)
            yield chunk


def _asks_for_mark(request: Request, format: ExportFormat) -> bool:
    """JSON has no byte order mark (RFC 8259, section 8.1)."""
    return format is ExportFormat.CSV and request.query_params.get("bom") == "1"


def _takes_gzip(request: Request) -> bool:
    return accepts_gzip(get_accept_encoding(request.scope))


def _headers(media_type: str, file_name: str, *, gzipped: bool) -> dict[str, str]:
    headers = {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "Cache-Control": "private, no-store",
        "Vary": "Accept-Encoding",
        # A file that has markup in it is never taken for a page.
        "X-Content-Type-Options": "nosniff",
    }
    return headers | ({"Content-Encoding": "gzip"} if gzipped else {})


def _error(request: Request, error: ClientError) -> Response:
    record_error(error)
    body: dict[str, Any] = {"errors": [error_dict(error.message, error.extensions, get_request_id(request))]}
    status = 404 if isinstance(error, NotFound) else http_status(error.code)
    return JSONResponse(body, status, error_headers(status, error.extensions))
