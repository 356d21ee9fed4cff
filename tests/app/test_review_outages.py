"""Answers of a study session while the network, the server or the page goes away: each is saved once."""

import json
import signal
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from tests.app.pages import AppServer, open_as, operation_name
from tests.app.processes import app_database, app_process
from tests.app.study import all_sent, answers, grade, nothing_left, shown_card
from tests.browser import browser_profile

pytestmark = pytest.mark.timeout(300)

# Failed requests are errors of the console.
FAILED_REQUESTS = ("Failed to load resource", "WebSocket connection to")


@pytest.fixture(scope="module")
async def study_server(
    servers: tuple[str, str], app_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AppServer]:
    directory = tmp_path_factory.mktemp("study")
    async with app_database(servers, app_template) as settings, app_process(directory, settings) as server:
        yield server


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    async with browser_profile(browser, ignored=FAILED_REQUESTS) as context:
        yield context


async def test_network_is_cut_in_the_middle(page: Page, context: BrowserContext, study_server: AppServer) -> None:
    before = await answers(study_server)
    await open_as(page, study_server, "/review")
    await grade(page, "3")
    await all_sent(page)
    await context.set_offline(True)
    for key in "3412":
        await grade(page, key)
    await page.keyboard.press("u")
    await grade(page, "1")
    await expect(page.locator("[data-count=pending] dd")).to_have_text("4")
    await expect(page.locator("[data-notice=waiting]")).to_be_visible()
    await context.set_offline(False)
    await all_sent(page)
    assert (await answers(study_server))[len(before) :] == [4, 4, 5, 2, 2]


async def test_answers_survive_the_page(page: Page, context: BrowserContext, study_server: AppServer) -> None:
    before = await answers(study_server)
    await open_as(page, study_server, "/review")
    await shown_card(page)
    await context.set_offline(True)
    for key in "34":
        await grade(page, key)
    await page.close()
    await context.set_offline(False)
    # Any screen sends what is left.
    other = await context.new_page()
    await open_as(other, study_server)
    await nothing_left(other)
    assert (await answers(study_server))[len(before) :] == [4, 5]


async def test_response_is_lost(page: Page, study_server: AppServer) -> None:
    """The server saved the answers, and the app does not know: it sends them again, and undoes what was undone."""
    before = await answers(study_server)
    lost = 0

    async def lose_first(route: Route) -> None:
        nonlocal lost
        name = operation_name(json.loads(route.request.post_data or "{}")["documentId"])
        if name == "ReviewCards" and lost == 0:
            lost += 1
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/graphql", lose_first)
    await open_as(page, study_server, "/review")
    first = await shown_card(page)
    await grade(page, "4")
    await expect(page.locator("[data-notice=waiting]")).to_be_visible()
    await page.keyboard.press("u")
    assert await shown_card(page) == first
    await grade(page, "3")
    await page.get_by_role("button", name="Send now").click()
    await all_sent(page)
    assert lost == 1
    assert (await answers(study_server))[len(before) :] == [4]


async def test_server_is_killed(
    page: Page, servers: tuple[str, str], app_template: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("killed")
    async with app_database(servers, app_template) as settings:
        async with app_process(directory, settings) as server:
            before = await answers(server)
            await open_as(page, server, "/review")
            await grade(page, "3")
            await all_sent(page)
            await server.process.stop(signal.SIGKILL)
        for key in "42":
            await grade(page, key)
        await expect(page.locator("[data-notice=waiting]")).to_be_visible()
        port = server.origin.rpartition(":")[2]
        async with app_process(directory, {**settings, "PORT": port}) as server:
            await all_sent(page)
            assert (await answers(server))[len(before) :] == [4, 5, 3]


@pytest.fixture
async def installed(browser: Browser, study_server: AppServer) -> AsyncIterator[Page]:
    """A study session whose page has a service worker."""
    async with browser_profile(browser, ignored=FAILED_REQUESTS, service_workers="allow") as context:
        page = await context.new_page()
        await open_as(page, study_server, "/review")
        await shown_card(page)
        await page.evaluate("navigator.serviceWorker.ready.then(() => {})")
        await page.wait_for_function("navigator.serviceWorker.controller?.state === 'activated'")
        yield page


async def test_reload_without_a_network(installed: Page, study_server: AppServer) -> None:
    page, before = installed, await answers(study_server)
    for key in "34":
        await grade(page, key)
    await all_sent(page)
    await page.context.set_offline(True)
    await grade(page, "3")
    card = await shown_card(page)
    await page.reload()
    # Neither the card whose answer waits, nor those whose answers the server has.
    assert await shown_card(page) == card
    await expect(page.locator("[data-count=pending] dd")).to_have_text("1")
    for key in "42":
        await grade(page, key)
    card = await shown_card(page)
    await page.reload()
    assert await shown_card(page) == card
    await grade(page, "4")
    await page.context.set_offline(False)
    await all_sent(page)
    assert (await answers(study_server))[len(before) :] == [4, 5, 4, 5, 3, 5]
    await grade(page, "3")
    await all_sent(page)
    assert len(await answers(study_server)) == len(before) + 7


async def test_other_screens_without_a_network(installed: Page, study_server: AppServer) -> None:
    page = installed
    await page.context.set_offline(True)
    await page.goto(study_server.url("/textbooks/generate"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Generate a textbook")
    await expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    await expect(page.get_by_label("Signed in as")).to_have_value("Demo learner")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_label("Title")).to_be_visible()


async def test_two_tabs(page: Page, context: BrowserContext, study_server: AppServer) -> None:
    """Also without the network, a card that is graded in one tab leaves the other one."""
    other = await context.new_page()
    await open_as(page, study_server, "/review")
    await open_as(other, study_server, "/review")
    first = await shown_card(page)
    assert await shown_card(other) == first
    await context.set_offline(True)
    await grade(page, "3")
    second = await shown_card(page)
    await expect(other.locator("[data-card]")).to_have_attribute("data-card", second)
    await context.set_offline(False)
    await all_sent(other)
    await grade(other, "3")
    await all_sent(page)
    await expect(page.locator("[data-card]")).to_have_attribute("data-card", await shown_card(other))


async def test_two_devices(page: Page, browser: Browser, study_server: AppServer) -> None:
    async with browser_profile(browser) as context:
        other = await context.new_page()
        await open_as(page, study_server, "/review")
        await open_as(other, study_server, "/review")
        first = await shown_card(page)
        assert await shown_card(other) == first
        await grade(page, "3")
        await expect(other.locator("[data-card]")).not_to_have_attribute("data-card", first)
        await all_sent(page)
        await expect(page.locator("[data-card]")).to_have_attribute("data-card", await shown_card(other))
