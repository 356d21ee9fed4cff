"""Serves GraphiQL from local files, so that it works offline."""

import html
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from server.http.built_pages import Assets, Tokens, demo_users, read_template, render

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


def graphiql_assets(static: Path = STATIC) -> Assets:
    """Return the application that serves the page's assets."""
    return Assets(static)


def graphiql_page(tokens: Tokens | None, static: Path = STATIC) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of the page.

    `tokens`: issues tokens of users, by their names, for pages that are opened on a loopback host.
    """

    async def page(request: Request) -> Response:
        template = read_template(static)
        content = _render_not_built(request) if template is None else _render(template, request, tokens)
        headers = {"Content-Security-Policy": _CONTENT_SECURITY_POLICY, "Cache-Control": "no-store"}
        return HTMLResponse(content, headers=headers)

    return page


async def closed_page(_: Request) -> Response:
    """Respond if introspection is disabled, because GraphiQL needs the schema."""
    return HTMLResponse(_CLOSED, headers={"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store"})


def _render(template: str, request: Request, tokens: Tokens | None) -> str:
    configuration: dict[str, Any] = {"endpoint": request.scope["path"], "tabs": _load_tabs()}
    users = demo_users(request, tokens)
    if users is not None:
        configuration["users"] = users
    return render(template, configuration)


def _render_not_built(request: Request) -> str:
    host = request.headers.get("host", "localhost")
    address = f"{request.scope.get('scheme', 'http')}://{host}{request.scope['path']}"
    return _NOT_BUILT.replace("ADDRESS", html.escape(address))


def _load_tabs() -> list[dict[str, str]]:
    """Return the default tabs, ordered by file name."""
    return [{"query": path.read_text(encoding="utf-8")} for path in sorted(TABS.glob("*.graphql"))]
