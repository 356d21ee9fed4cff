"""Downloads of the reports of imports, by signed links."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.types import ASGIApp

from common.executors import COMPUTING, run_in
from db.core.read_session import ReadSession
from db.queries.imports import imports_by_id, reports
from db.queries.users import admitted_viewer
from domain.enums import Role
from domain.errors import ClientError, NotFound
from domain.ids import ImportId, UserId
from domain.imports.report import REPORT_HEADER, decompress_report
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from server.http.streaming_response import StreamingResponse
from server.rest.errors import error_response
from server.state import AppState

_HEADERS = {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": 'attachment; filename="report.csv"',
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
}


async def download_report(request: Request) -> ASGIApp:
    """Send a row for each note of an import. The signed link needs no token."""
    state: AppState = request.state.shinjp
    query, parameters = request.query_params, request.path_params
    # The signature covers the path, which has the learner.
    viewer = Viewer(UserId(parameters["user_id"]), Role.LEARNER)
    id = ImportId(parameters["import_id"])
    try:
        state.services.export_links.check(
            request.scope["path"], query.get("expires", ""), query.get("signature", ""), datetime.now(UTC)
        )
        reads = ReadSession(state.services.database, viewer, RequestStatistics())
        if await reads.row(admitted_viewer, viewer_id=viewer.id) is None:
            raise NotFound("File not found.")
        if await reads.row(imports_by_id, ids=[id], viewer_id=viewer.id) is None:
            raise NotFound("File not found.")
    except ClientError as error:
        return error_response(request, error)
    return StreamingResponse(_rows(reads, viewer, id), _HEADERS)


async def _rows(reads: ReadSession, viewer: Viewer, id: ImportId) -> AsyncGenerator[bytes, None]:
    yield REPORT_HEADER.encode()
    after = 0
    while found := await reads.rows(reports, import_id=id, viewer_id=viewer.id, after=after):
        for row in found:
            yield await run_in(COMPUTING, decompress_report, row.content)
        after = found[-1].position
