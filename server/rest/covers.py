"""Uploaded covers of books."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from domain.covers import MEDIA_TYPES
from domain.errors import ErrorCode, ServiceUnavailable
from server.error_format import error_dict
from server.http.cache_headers import etag_matches
from server.http.request_log import get_request_id
from server.rest.errors import error_response
from server.state import AppState

# A file never changes: another cover has another name. Browsers show it as an image only, on pages of any origin.
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


async def send_cover(request: Request) -> Response:
    """Send an image. Its name cannot be guessed, so that covers of unpublished books need no token."""
    state: AppState = request.state.shinjp
    name: str = request.path_params["file_name"]
    try:
        content = await state.services.covers.read(name)
    except OSError:
        return error_response(request, ServiceUnavailable("The file cannot be read; please retry later."))
    if content is None:
        error = error_dict("File not found.", {"code": ErrorCode.NOT_FOUND.value}, get_request_id(request))
        return JSONResponse({"errors": [error]}, 404)
    etag = f'"{name}"'
    headers = {**_HEADERS, "ETag": etag}
    if etag_matches(etag.encode(), request.headers.get("if-none-match", "")):
        return Response(None, 304, headers)
    return Response(content, 200, headers, MEDIA_TYPES[name.rpartition(".")[2]])
