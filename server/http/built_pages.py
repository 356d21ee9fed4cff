"""Serves pages that npm has built: a template with a configuration, and assets with content hashes in their names."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from server.http.compression import accepts_gzip
from server.http.origins import is_loopback_host
from server.http.responses import get_accept_encoding

Tokens = Callable[[], Mapping[str, str]]

_EMPTY_CONFIGURATION = '<script type="application/json" id="configuration">{}</script>'
_COMPRESSED = ".gz"


class Assets(StaticFiles):
    """The folder `assets` of a build, which browsers may cache forever."""

    def __init__(self, build: Path) -> None:
        super().__init__(directory=build / "assets", check_dir=False)
        # The first request would fail if there is no build.
        self.config_checked = True

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path.endswith(_COMPRESSED):
            raise HTTPException(404)
        # Compressed by the build.
        gzip = accepts_gzip(get_accept_encoding(scope)) and await self._exists(path + _COMPRESSED)
        response = await super().get_response(path + _COMPRESSED if gzip else path, scope)
        if gzip:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    async def _exists(self, path: str) -> bool:
        return (await asyncio.to_thread(self.lookup_path, path))[1] is not None

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        try:
            return super().lookup_path(path)
        except (OSError, ValueError):
            # A name that no file can have: too long, or with null characters.
            return "", None


def read_template(build: Path) -> str | None:
    """Read the page on each request, so that a new build is served without a restart. None if it is not built."""
    try:
        return (build / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def render(template: str, configuration: Mapping[str, Any]) -> str:
    """Write the configuration into the page."""
    # Escaping `<` keeps values from closing the script element.
    embedded = json.dumps(configuration).replace("<", "\\u003c")
    return template.replace(_EMPTY_CONFIGURATION, _EMPTY_CONFIGURATION.replace("{}", embedded))


def demo_users(request: Request, tokens: Tokens | None) -> list[dict[str, str]] | None:
    """Return the users whose tokens the page may have, or None.

    By DNS rebinding a page of another host could read them, and by `fetch` any page of a loopback host. Old browsers
    and other clients send no Sec-Fetch-Dest.
    """
    is_navigation = request.headers.get("sec-fetch-dest", "document") == "document"
    if tokens is None or not is_navigation or not is_loopback_host(request.headers.get("host")):
        return None
    return [{"name": name, "token": token} for name, token in tokens().items()]
