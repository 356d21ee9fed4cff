"""Redirects."""

from starlette.requests import Request
from starlette.responses import Response


async def redirect_trailing_slash(request: Request) -> Response:
    """Redirect to the path without its trailing slash. The location is relative: it does not depend on `Host`."""
    path: str = request.scope["path"].rstrip("/")
    query: str = request.scope["query_string"].decode("latin-1")
    location = f"{path}?{query}" if query else path
    return Response(status_code=307, headers={"Location": location, "Cache-Control": "no-store"})
