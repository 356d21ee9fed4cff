"""GraphiQL for a browser, from files of this server alone: it works with no network at all."""

import asyncio
import html
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from server.http.compression import accepts_gzip
from server.http.origins import is_loopback_host
from server.http.responses import get_accept_encoding

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
TABS = FOLDER / "tabs"

_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        # Monaco, the editor in GraphiQL, writes its styles at run time.
        "style-src 'self' 'unsafe-inline'",
        # The bundler puts small fonts and images into the style sheet.
        "font-src 'self' data:",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

_EMPTY_CONFIGURATION = '<script type="application/json" id="configuration">{}</script>'

_NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>ShinJP GraphQL</title>
<h1>ShinJP GraphQL</h1>
<p>The server works. GraphiQL, the page to explore it, is not built: that needs Node 20.19 or newer, and then
<code>make graphiql</code>.</p>
<p>The schema is at <a href="/schema.graphql">/schema.graphql</a>. Operations go to this address by POST:</p>
<pre>curl -H 'Content-Type: application/json' -d '{"query": "{ books(first: 3) { nodes { title } } }"}' \\
    ADDRESS</pre>
</html>
"""


_CLOSED = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>ShinJP GraphQL</title>
<h1>ShinJP GraphQL</h1>
<p>This is the address of an API. Introspection is off here, and with it GraphiQL, the page to explore the API. An
operator can turn both on by <code>INTROSPECTION=true</code>.</p>
<p>Operations are sent to this address by POST.</p>
</html>
"""
_COMPRESSED = ".gz"


class _Assets(StaticFiles):
    """Their names change with their content, so a browser may keep them for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        # Beside them lies the page itself, without its configuration.
        if not path.startswith("assets/") or path.endswith(_COMPRESSED):
            raise HTTPException(404)
        # The build compressed them once.
        gzip = accepts_gzip(get_accept_encoding(scope)) and (await self._find(path + _COMPRESSED)) is not None
        response = await super().get_response(path + _COMPRESSED if gzip else path, scope)
        if gzip:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    async def _find(self, path: str) -> os.stat_result | None:
        return (await asyncio.to_thread(self.lookup_path, path))[1]


def graphiql_assets(static: Path = STATIC) -> StaticFiles:
    """What the page loads."""
    return _Assets(directory=static, check_dir=False)


def graphiql_page(token: Callable[[], str] | None, static: Path = STATIC) -> Callable[[Request], Awaitable[Response]]:
    """The page. `token`: makes one to sign in with, in development, where the page is opened by a name of this machine
    for itself; without it a person gives a header.
    """

    async def page(request: Request) -> Response:
        built = _built(static)
        content = _not_built(request) if built is None else _configured(built, request, token)
        headers = {"Content-Security-Policy": _CONTENT_SECURITY_POLICY, "Cache-Control": "no-store"}
        return HTMLResponse(content, headers=headers)

    return page


async def closed_page(_: Request) -> Response:
    """Where introspection is off: GraphiQL without a schema shows a wall of errors, and completes nothing."""
    return HTMLResponse(_CLOSED, headers={"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store"})


def _built(static: Path) -> str | None:
    """Read at each visit, so that a build shows without a restart."""
    try:
        return (static / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _configured(built: str, request: Request, token: Callable[[], str] | None) -> str:
    configuration: dict[str, Any] = {"endpoint": request.scope["path"], "tabs": _tabs()}
    # A page of a stranger whose name resolves to this machine could read it.
    if token is not None and is_loopback_host(request.headers.get("host")):
        configuration["token"] = token()
    # Without `<` nothing in it can end the script.
    embedded = json.dumps(configuration).replace("<", "\\u003c")
    return built.replace(_EMPTY_CONFIGURATION, _EMPTY_CONFIGURATION.replace("{}", embedded))


def _not_built(request: Request) -> str:
    host = request.headers.get("host", "localhost")
    address = f"{request.scope.get('scheme', 'http')}://{host}{request.scope['path']}"
    return _NOT_BUILT.replace("ADDRESS", html.escape(address))


def _tabs() -> list[dict[str, str]]:
    """The queries that a person finds on the first visit, in the order of their file names."""
    return [{"query": path.read_text(encoding="utf-8")} for path in sorted(TABS.glob("*.graphql"))]
