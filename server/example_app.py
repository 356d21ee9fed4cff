"""Serves the example front end of `examples/web` in development."""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from server.http.built_pages import Assets, Tokens, demo_users, read_template, render

APP_PATH = "/app"
# Of its versions among the trusted documents: registering a build retires all others of this name. Not one that another
# app may have.
APP_NAME = "shinjp-example"
BUILD = Path(__file__).parent.parent / "examples" / "web" / "dist"

# Styles in attributes are set by scripts, as React does, which the policy allows.
_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

_SERVICE_WORKER = "service-worker.js"
_SERVICE_WORKER_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
    # Browsers ask for a new worker with each visit.
    "Cache-Control": "no-cache",
    # Without this header, its scope would not include `/app`.
    "Service-Worker-Allowed": APP_PATH,
}

_NOT_READY = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="2">
<title>ShinJP</title>
<h1>ShinJP</h1>
<p>The app is not ready: <code>make serve</code> builds it in the background, if Node 20.19 or newer is installed.</p>
<p>This page reloads until its documents are registered.</p>
</html>
"""


def read_version(build: Path = BUILD) -> str | None:
    """Return the version of a build, which its documents are; None if there is no build."""
    try:
        return sha256((build / "documents.json").read_bytes()).hexdigest()[:12]
    except FileNotFoundError:
        return None


def app_routes(tokens: Tokens, is_registered: Callable[[Request, str], bool], build: Path = BUILD) -> list[BaseRoute]:
    """Return the routes of the app: its assets, its service worker, and its page for every screen.

    `is_registered`: whether the documents of a version are trusted documents of the server.
    """
    page = _page(tokens, is_registered, build)
    return [
        Mount(f"{APP_PATH}/assets", Assets(build)),
        Route(f"{APP_PATH}/{_SERVICE_WORKER}", _service_worker(build)),
        Route(APP_PATH, page),
        Route(f"{APP_PATH}/{{screen:path}}", page),
    ]


def _service_worker(build: Path) -> Callable[[Request], Awaitable[Response]]:
    async def service_worker(_: Request) -> Response:
        path = build / _SERVICE_WORKER
        if not await asyncio.to_thread(path.is_file):
            raise HTTPException(404)
        return FileResponse(path, media_type="text/javascript", headers=_SERVICE_WORKER_HEADERS)

    return service_worker


def _page(
    tokens: Tokens, is_registered: Callable[[Request, str], bool], build: Path
) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        template, version = read_template(build), read_version(build)
        headers = {"Content-Security-Policy": _CONTENT_SECURITY_POLICY, "Cache-Control": "no-store"}
        if template is None or version is None or not is_registered(request, version):
            # The service worker does not store it, and shows the page of the former build.
            return HTMLResponse(_NOT_READY, 503, headers)
        users = demo_users(request, tokens)
        return HTMLResponse(render(template, {} if users is None else {"users": users}), headers=headers)

    return page
