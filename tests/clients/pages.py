"""Pages of another origin than the server's, each with one GraphQL client from npm."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Browser, Request
from starlette.applications import Starlette
from starlette.requests import Request as PageRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tests.browser import browser_profile
from tests.servers import app_address

BUNDLES = Path(__file__).parent / "dist"
# Errors that a client throws are also console errors.
EXPECTED_ERRORS = ("Failed to load resource: the server responded with a status of 4",)
SECONDS = 30


@dataclass(frozen=True)
class Sent:
    """A GraphQL request that the browser sent."""

    method: str
    operation: str | None
    has_query: bool


@dataclass
class Pages:
    """Opens a page for each run. `endpoint`: the server's, on another site than `origin`."""

    browser: Browser
    origin: str
    endpoint: str

    async def run(self, client: str, scenario: str, token: str | None = None, **options: Any) -> "Run":
        """The result of the page's `window.run`, and the requests that it sent."""
        sent: list[Sent] = []
        async with asyncio.timeout(SECONDS), browser_profile(self.browser, ignored=EXPECTED_ERRORS) as context:
            page = await context.new_page()
            await page.goto(f"{self.origin}/{client}")
            await page.wait_for_function("window.run !== undefined")
            page.on("request", lambda request: self._note(request, sent))
            result = await page.evaluate(
                "([scenario, endpoint, token, options]) => window.run(scenario, endpoint, token, options)",
                [scenario, self.endpoint, token, options],
            )
        return Run(result, sent)

    def _note(self, request: Request, sent: list[Sent]) -> None:
        if not request.url.startswith(self.endpoint):
            return
        if request.method == "POST":
            parameters = json.loads(request.post_data or "{}")
        else:
            parameters = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
        name = parameters.get("operationName") or operation_name(parameters.get("query", ""))
        sent.append(Sent(request.method, name, "query" in parameters))


@dataclass(frozen=True)
class Run:
    result: Any
    sent: list[Sent] = field(default_factory=list)


def operation_name(query: str) -> str | None:
    words = query.replace("(", " ").replace("{", " ").split()
    return words[1] if len(words) > 1 else None


@asynccontextmanager
async def page_server() -> AsyncIterator[str]:
    """Serves a page for each bundle; yields their origin. `localhost` is another site than the server's 127.0.0.1."""
    app = Starlette(routes=[Mount("/bundles", StaticFiles(directory=BUNDLES)), Route("/{client}", _page)])
    async with app_address(app) as address:
        yield f"http://localhost:{urlsplit(f'http://{address}').port}"


async def _page(request: PageRequest) -> Response:
    script = f"/bundles/{request.path_params['client']}.js"
    return HTMLResponse(f'<!doctype html><link rel="icon" href="data:,"><script type="module" src="{script}"></script>')
