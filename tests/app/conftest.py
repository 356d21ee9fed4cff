"""The example app in a browser, signed in as the demo learner, on a server with content and a worker."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.app import processes
from tests.app.pages import AppServer, Requests
from tests.app.processes import AppServers
from tests.browser import browser_profile

# A busy machine takes longer than Playwright's five seconds.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
async def app_template(servers: tuple[str, str], template: str) -> AsyncIterator[str]:
    """The name of a database with content and the app's documents."""
    async with processes.app_template(servers, template) as name:
        yield name


@pytest.fixture(scope="session")
async def app_servers(
    servers: tuple[str, str], app_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AppServers]:
    app_servers = AppServers(servers, app_template, tmp_path_factory)
    yield app_servers
    await app_servers.close()


# For each file: its tests change what the demo learner studies.
@pytest.fixture(scope="module")
async def app_server(request: pytest.FixtureRequest, app_servers: AppServers) -> AsyncIterator[AppServer]:
    """`shinjp serve` with a worker, on a database of its own, with the app's documents registered."""
    files = [item.path for item in request.session.items if "app_server" in getattr(item, "fixturenames", ())]
    async with app_servers.take(another=files[-1] != request.path) as server:
        yield server


@pytest.fixture
async def context(browser: Browser, app_server: AppServer) -> AsyncIterator[BrowserContext]:
    """A new profile with an English interface. Fails on console errors and on requests to other hosts."""
    async with browser_profile(browser) as context:
        yield context


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    page = await context.new_page()
    # On a busy machine a new page may not have the focus.
    await page.bring_to_front()
    return page


@pytest.fixture
async def requests(page: Page) -> Requests:
    """The GraphQL requests of the page."""
    return Requests(page)
