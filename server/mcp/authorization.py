"""Where clients get tokens for the tools (RFC 9728, protected resource metadata)."""

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.settings import Settings

METADATA_PATH = "/.well-known/oauth-protected-resource/mcp"


def metadata_url(settings: Settings) -> str | None:
    """None if tokens are issued by no authorization server, or the public address is unknown."""
    return f"{settings.base_url}{METADATA_PATH}" if settings.base_url and settings.jwt_jwks_url else None


def challenge(settings: Settings) -> str:
    """WWW-Authenticate of a response with status 401."""
    url = metadata_url(settings)
    return "Bearer" if url is None else f'Bearer resource_metadata="{url}"'


def send_metadata(settings: Settings, path: str) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """The endpoint with the metadata of the resource at `path`."""
    metadata = {
        "resource": f"{settings.base_url}{path}",
        "authorization_servers": [settings.jwt_issuer],
        "bearer_methods_supported": ["header"],
    }

    async def send(_: Request) -> Response:
        return JSONResponse(metadata, headers={"Cache-Control": "public, max-age=3600"})

    return send
