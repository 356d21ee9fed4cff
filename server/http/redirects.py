"""Addresses that people write in another way than they are."""

from starlette.requests import Request
from starlette.responses import Response


async def without_slash(request: Request) -> Response:
    """To the same address without the slash at its end, on whichever host this one is: what `Host` says is no part."""
    path: str = request.scope["path"].rstrip("/")
    query: str = request.scope["query_string"].decode("latin-1")
    location = f"{path}?{query}" if query else path
    return Response(status_code=307, headers={"Location": location, "Cache-Control": "no-store"})
