"""Serves GraphiQL from local files, so that it works offline."""

import asyncio
import html
import json
import os
from collections.abc import Awaitable, Callable, Mapping
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
        # GraphiQL's editor, Monaco, creates styles at run time.
        "style-src 'self' 'unsafe-inline'",
        # The bundler inlines small fonts and images into the style sheet.
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
<p>The server is running. GraphiQL is not built: run <code>make graphiql</code>, which needs Node 20.19 or newer.</p>
<p>The schema is at <a href="/schema.graphql">/schema.graphql</a>. Send operations to this URL by POST:</p>
<pre>curl -H 'Content-Type: application/json' -d '{"query": "{ books(first: 3) { nodes { title } } }"}' \\
    ADDRESS</pre>
</html>
"""


_CLOSED = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>ShinJP GraphQL</title>
<h1>ShinJP GraphQL</h1>
<p>This is a GraphQL API. Introspection and GraphiQL are disabled; an operator can enable them by
<code>INTROSPECTION=true</code>.</p>
<p>Send operations to this URL by POST.</p>
</html>
"""
_COMPRESSED = ".gz"


class _Assets(StaticFiles):
    """Assets with content hashes in their names, which browsers may cache forever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        # The folder also contains the page without its configuration.
        if not path.startswith("assets/") or path.endswith(_COMPRESSED):
            raise HTTPException(404)
        # Compressed by the build.
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
    """Return the application that serves the page's assets."""
    return _Assets(directory=static, check_dir=False)


def graphiql_page(
    tokens: Callable[[], Mapping[str, str]] | None, static: Path = STATIC
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of the page.

    `tokens`: issues tokens of users, by their names, for pages that are opened on a loopback host.
    """

    async def page(request: Request) -> Response:
        template = _read_template(static)
        content = _render_not_built(request) if template is None else _render(template, request, tokens)
        headers = {"Content-Security-Policy": _CONTENT_SECURITY_POLICY, "Cache-Control": "no-store"}
        return HTMLResponse(content, headers=headers)

    return page


async def closed_page(_: Request) -> Response:
    """Respond if introspection is disabled, because GraphiQL needs the schema."""
    return HTMLResponse(_CLOSED, headers={"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store"})


def _read_template(static: Path) -> str | None:
    """Read the page on each request, so that a new build is served without a restart. None if it is not built."""
    try:
        return (static / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _render(template: str, request: Request, tokens: Callable[[], Mapping[str, str]] | None) -> str:
    configuration: dict[str, Any] = {"endpoint": request.scope["path"], "tabs": _load_tabs()}
    if tokens is not None and _may_have_tokens(request):
        configuration["users"] = [{"name": name, "token": token} for name, token in tokens().items()]
    # Escaping `<` keeps values from closing the script element.
    embedded = json.dumps(configuration).replace("<", "\\u003c")
    return template.replace(_EMPTY_CONFIGURATION, _EMPTY_CONFIGURATION.replace("{}", embedded))


def _may_have_tokens(request: Request) -> bool:
    """By DNS rebinding a page of another host could read them, and by `fetch` any page of a loopback host.

    Old browsers and other clients send no Sec-Fetch-Dest.
    """
    is_navigation = request.headers.get("sec-fetch-dest", "document") == "document"
    return is_navigation and is_loopback_host(request.headers.get("host"))


def _render_not_built(request: Request) -> str:
    host = request.headers.get("host", "localhost")
    address = f"{request.scope.get('scheme', 'http')}://{host}{request.scope['path']}"
    return _NOT_BUILT.replace("ADDRESS", html.escape(address))


def _load_tabs() -> list[dict[str, str]]:
    """Return the default tabs, ordered by file name."""
    return [{"query": path.read_text(encoding="utf-8")} for path in sorted(TABS.glob("*.graphql"))]
