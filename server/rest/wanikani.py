"""Fetches a learner's progress in WaniKani to an upload, which `startImport` then imports.

A request of its own, because it takes up to minutes, and because the token of WaniKani may be in no job and no log: it
exists in the memory of this process until the request ends.
"""

import asyncio
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from common.executors import FILES, run_in
from common.storage import StorageFullError
from db.core.transaction import Transaction, run_transaction
from db.queries.uploads import UploadRow
from db.services import uploads as upload_service
from domain.errors import BadUserInput, ClientError, ServiceUnavailable, Unauthenticated
from domain.ids import UserId
from domain.rate_limits import UPLOADS
from domain.request_stats import RequestStatistics
from domain.timestamps import parse_timestamp
from domain.uploads import UploadLimits
from domain.user_errors import InvalidInput
from domain.viewer import Viewer
from jobs.uploaded_files import delete_unused, save_upload
from server.context import RequestInfo
from server.http.request_log import get_request_id
from server.rest.errors import check_coding, error_response
from server.settings import Settings
from server.state import AppState

_FILE_NAME = "wanikani.jsonl"
_MAX_BODY_BYTES = 4_000
_TOKEN = re.compile(r"[\x21-\x7e]{1,200}")
# Of a process. Each one waits for WaniKani most of the time.
_MAX_CONCURRENT = 20
_TIMEOUT_SECONDS = 300.0
_RETRY_AFTER_SECONDS = 60


class WaniKaniFetch:
    """ASGI application for `POST /imports/wanikani` with the JSON object `{"token", "updatedAfter"}`."""

    def __init__(self, settings: Settings) -> None:
        self._limits: UploadLimits = settings.upload_limits()
        self._api_url = settings.wanikani_url
        self._running: set[UserId] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientError as error:
            response = error_response(request, error)
        sent: ASGIApp = response
        await sent(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method != "POST":
            return Response(status_code=405, headers={"Allow": "POST"})
        viewer = await RequestInfo.from_connection(request).viewer()
        if viewer is None:
            raise Unauthenticated("Authentication required.")
        token, updated_after = _parse(await _read_body(request))
        state: AppState = request.state.shinjp
        with self._slot(viewer.id):
            await state.services.rate_limits.acquire(UPLOADS, viewer.client_id)
            with tempfile.TemporaryDirectory(prefix="shinjp-wanikani-") as directory:
                path = Path(directory) / _FILE_NAME
                items = await self._fetch(token, path, updated_after)
                content = await run_in(FILES, path.read_bytes)
            id = await self._save(request, viewer, state, content)
        return JSONResponse({"uploadId": id, "itemCount": items}, 201, {"Cache-Control": "no-store"})

    async def _fetch(self, token: str, path: Path, updated_after: datetime | None) -> int:
        # At first use, because its HTTP client takes long to import.
        from content.wanikani.client import WaniKaniClient, WaniKaniError, WaniKaniProblem
        from content.wanikani.progress import fetch_progress

        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS), WaniKaniClient(token, self._api_url) as client:
                return await fetch_progress(client, path, updated_after)
        except WaniKaniError as error:
            if error.problem is WaniKaniProblem.INVALID_TOKEN:
                raise BadUserInput(str(error)) from None
            raise ServiceUnavailable(str(error), retry_after=_RETRY_AFTER_SECONDS) from None
        except TimeoutError:
            message = "WaniKani does not respond in time; retry later."
            raise ServiceUnavailable(message, retry_after=_RETRY_AFTER_SECONDS) from None

    async def _save(self, request: Request, viewer: Viewer, state: AppState, content: bytes) -> str:
        """Save a complete upload. Raises BadUserInput if the learner has no room for it."""
        storage, part = state.services.uploads, f"wanikani.{secrets.token_hex(16)}"
        try:
            await run_in(FILES, save_upload, storage, part, content)
        except StorageFullError:
            raise ServiceUnavailable("The server is out of disk space; please retry later.", retry_after=600) from None
        except OSError as error:
            raise ServiceUnavailable("The file cannot be stored; please retry later.") from error
        save = partial(_save_upload, part=part, size=len(content), limits=self._limits)
        now, request_id = datetime.now(UTC), get_request_id(request)
        try:
            upload = await run_transaction(state.services.database, viewer, now, request_id, RequestStatistics(), save)
        except BaseException as error:
            await run_in(FILES, delete_unused, storage, [part])
            if isinstance(error, InvalidInput):
                raise BadUserInput(str(error)) from None
            raise
        return str(upload.id)

    @contextmanager
    def _slot(self, user_id: UserId) -> Iterator[None]:
        if user_id in self._running or len(self._running) >= _MAX_CONCURRENT:
            message = "Progress in WaniKani is being fetched already; retry later."
            raise ServiceUnavailable(message, retry_after=_RETRY_AFTER_SECONDS)
        self._running.add(user_id)
        try:
            yield
        finally:
            self._running.discard(user_id)


async def _save_upload(transaction: Transaction, part: str, size: int, limits: UploadLimits) -> UploadRow:
    upload = await upload_service.create_upload(transaction, _FILE_NAME, size, limits)
    added = await upload_service.add_part(transaction, upload.id, 0, part, size)
    assert added is not None
    return added


async def _read_body(request: Request) -> bytes:
    check_coding(request)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MAX_BODY_BYTES:
                raise BadUserInput(f"The body has more than {_MAX_BODY_BYTES:,} bytes.")
    except ClientDisconnect:
        raise BadUserInput("The body is incomplete.") from None
    return bytes(body)


def _parse(body: bytes) -> tuple[str, datetime | None]:
    """The token and `updatedAfter`. Messages do not repeat the body, which may have a token."""
    try:
        values = orjson.loads(body)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise BadUserInput("The body must be a JSON object with the token.")
    token, updated_after = values.get("token"), values.get("updatedAfter")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise BadUserInput("token must be a personal access token of WaniKani.")
    return token, None if updated_after is None else parse_timestamp(updated_after)
