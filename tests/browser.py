"""A browser that can reach this machine only."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, async_playwright

# The first one has no window, and takes a seventh less processor time.
PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")
LOCAL = ("127.0.0.1", "localhost")
# `localhost` and 127.0.0.1 are different sites.
NO_OTHER_HOST = "--host-resolver-rules=MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Skips the test if Chromium is not installed."""
    path = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if path is None:
        pytest.skip("Chromium is not here (Debian: apt install chromium-headless-shell).")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[NO_OTHER_HOST])
        yield browser
        await browser.close()


@asynccontextmanager
async def browser_profile(
    browser: Browser, *, ignored: tuple[str, ...] = (), service_workers: Literal["allow", "block"] = "block"
) -> AsyncIterator[BrowserContext]:
    """A new profile. At exit, fails on console errors and on requests to other hosts.

    `ignored`: prefixes of console errors that the test causes. Service workers hide requests from Playwright's routes.
    Requests are watched, not routed: Playwright answers preflights itself and turns the browser's cache off where
    requests are routed.
    """
    context = await browser.new_context(service_workers=service_workers)
    problems: list[str] = []

    def check_host(url: str) -> None:
        if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname not in LOCAL:
            problems.append(f"requested {url}")

    def check_message(message: ConsoleMessage) -> None:
        # The browser requests a favicon for a page without one.
        is_of_icon = message.location["url"].endswith("/favicon.ico")
        if message.type == "error" and not is_of_icon and not message.text.startswith(ignored):
            problems.append(message.text)

    context.on("request", lambda request: check_host(request.url))
    context.on("page", lambda page: page.on("websocket", lambda socket: check_host(socket.url)))
    # Violations of the Content-Security-Policy and of CORS are console errors.
    context.on("console", check_message)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    yield context
    await context.close()
    assert not problems, problems
