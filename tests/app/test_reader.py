"""A book and its pages: words with the dictionary, and the position, which is saved without a network, too."""

import asyncio
import re
from collections.abc import AsyncIterator

import asyncpg
import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.app.pages import AppServer, Requests, open_as, overflow, response_to, serious_faults
from tests.browser import browser_profile
from tests.databases import column

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    async with browser_profile(
        browser, ignored=("Failed to load resource: net::ERR_INTERNET_DISCONNECTED",)
    ) as context:
        yield context


async def open_book(page: Page, server: AppServer, title: str, user: str = "Demo learner") -> str:
    """Opens a book from the library. Returns the path of its screen."""
    await open_as(page, server, f"/library?search={title}", user)
    link = page.get_by_role("link", name=title, exact=True)
    path = str(await link.get_attribute("href")).removeprefix("/app")
    await link.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    return path


def words(page: Page, state: str) -> Locator:
    return page.locator(f"article .word[data-state={state}]")


async def test_book_is_one_request(page: Page, app_server: AppServer, requests: Requests) -> None:
    path = await open_book(page, app_server, "三つの名前")
    requests.operations.clear()
    await page.goto(app_server.url(path))
    await expect(page.get_by_role("link", name="Start reading")).to_be_visible()
    await expect(page.get_by_role("heading", name="Words of the text")).to_be_visible()
    assert requests.operations == ["Book"]
    assert await serious_faults(page) == []


async def test_pages_are_one_request_each(page: Page, app_server: AppServer, requests: Requests) -> None:
    path = await open_book(page, app_server, "図書館の手紙")
    requests.operations.clear()
    async with page.expect_response(response_to("SaveReadingPosition")):
        await page.goto(app_server.url(f"{path}/1"))
        await expect(page.get_by_text("Page 1 of 2")).to_be_visible()
    # The next page is loaded before it is opened.
    assert requests.operations == ["Reader", "Reader", "SaveReadingPosition"]
    assert await serious_faults(page) == []
    first = await page.get_by_role("article").inner_text()
    await page.keyboard.press("ArrowRight")
    await expect(page).to_have_url(app_server.url(f"{path}/2"))
    await expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    assert await page.get_by_role("article").inner_text() != first
    await page.get_by_role("link", name="Previous page").click()
    await expect(page.get_by_text("Page 1 of 2")).to_be_visible()
    assert requests.operations.count("Reader") == 2


async def test_card_of_a_word(page: Page, app_server: AppServer) -> None:
    path = await open_book(page, app_server, "失敗したパン")
    await page.goto(app_server.url(f"{path}/1"))
    word = words(page, "unknown").first
    unknown = await word.element_handle()
    assert unknown is not None
    await word.focus()
    await page.keyboard.press("Enter")
    entry = page.get_by_role("dialog")
    await expect(entry.get_by_role("list", name="Meanings")).to_be_visible()
    assert await serious_faults(page) == []

    received = asyncio.Event()

    async def delay(route: Route) -> None:
        await received.wait()
        await route.continue_()

    await page.route("**/graphql", delay)
    await entry.get_by_role("button", name="Make a card").click()
    # Immediately, before the server has received it.
    await expect(entry.get_by_text("In your cards")).to_be_visible()
    assert await unknown.get_attribute("data-state") == "learning"
    async with page.expect_response(response_to("CreateCard")) as response:
        received.set()
    created = (await (await response.value).json())["data"]["createCards"]
    assert created["errors"] == []
    await page.unroute("**/graphql")
    await page.keyboard.press("Escape")
    await expect(entry).to_have_count(0)
    assert await unknown.evaluate("word => word === document.activeElement")

    connection = await asyncpg.connect(app_server.database_url)
    sentence = await connection.fetchval("select text from card_contexts order by card_id desc limit 1")
    await connection.close()
    assert sentence.endswith(("。", "」", "？"))
    assert sentence in (await page.get_by_role("article").evaluate(TEXT)).replace("\n", "")


# The text without furigana.
TEXT = """article => {
  const copy = article.cloneNode(true);
  copy.querySelectorAll('rt, rp').forEach((reading) => reading.remove());
  return copy.textContent;
}"""


async def test_inflected_word(page: Page, app_server: AppServer) -> None:
    path = await open_book(page, app_server, "山の町のバス")
    await page.goto(app_server.url(f"{path}/1"))
    await page.get_by_role("article").get_by_role("button", name="行きました", exact=True).first.click()
    steps = page.get_by_role("list", name="Inflection").get_by_role("listitem")
    await expect(steps).to_have_text(["行く", "polite", "past", "行きました"])


async def test_furigana_are_a_preference(page: Page, app_server: AppServer) -> None:
    path = await open_book(page, app_server, "二階の声")
    await page.goto(app_server.url(f"{path}/1"))
    await expect(page.locator("article ruby").first).to_be_visible()
    some = await page.locator("article ruby").count()
    await page.get_by_label("Furigana").select_option("all")
    assert await page.locator("article ruby").count() > some
    await page.get_by_label("Furigana").select_option("off")
    await expect(page.locator("article ruby")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("article")).to_be_visible()
    await expect(page.locator("article ruby")).to_have_count(0)


async def test_position_is_saved_without_a_network(page: Page, app_server: AppServer) -> None:
    path = await open_book(page, app_server, "十年前の私から")
    # The next page is loaded, and the position saved.
    async with page.expect_response(response_to("SaveReadingPosition")):
        await page.get_by_role("link", name="Start reading").click()
    await expect(page.get_by_text("Page 1 of 2")).to_be_visible()
    await page.context.set_offline(True)
    async with page.expect_event("requestfailed"):
        await page.keyboard.press("ArrowRight")
    await expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    assert await page.evaluate("localStorage.getItem('shinjp:positions:Demo learner')")
    async with page.expect_response(response_to("SaveReadingPosition")) as response:
        await page.context.set_offline(False)
    saved = (await (await response.value).json())["data"]["updateReadingProgress"]
    assert (saved["errors"], saved["progress"]["status"]) == ([], "FINISHED")
    await page.wait_for_function("localStorage.getItem('shinjp:positions:Demo learner') === null")
    await page.goto(app_server.url(path))
    await expect(page.get_by_role("link", name="Read again")).to_be_visible()


async def test_questions_after_the_last_page(page: Page, app_server: AppServer) -> None:
    path = await open_book(page, app_server, "赤いかさ")
    await page.goto(app_server.url(f"{path}/1"))
    questions = page.get_by_role("group")
    await expect(questions).to_have_count(4)
    for index in range(4):
        await questions.nth(index).get_by_role("radio").first.check()
    await page.get_by_role("button", name="Check the answers").click()
    await expect(questions.get_by_role("status")).to_have_text([re.compile("Right|Wrong")] * 4)


async def test_answers_to_questions_are_saved_once(browser: Browser, app_server: AppServer) -> None:
    async with browser_profile(browser, ignored=("Failed to load resource: net::ERR_FAILED",)) as context:
        await _answer_twice(await context.new_page(), app_server)


async def _answer_twice(page: Page, app_server: AppServer) -> None:
    path = await open_book(page, app_server, "赤いかさ")
    await page.goto(app_server.url(f"{path}/1"))
    await page.get_by_role("group").first.get_by_role("radio").first.check()
    count = "select count(*) from exercise_attempts"
    [before] = await column(app_server.database_url, count)

    async def lose_response(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/graphql", lose_response, times=1)
    answer = page.get_by_role("button", name="Check the answers")
    await answer.click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await answer.click()
    await expect(page.get_by_role("group").first.get_by_role("status")).to_be_visible()
    assert await column(app_server.database_url, count) == [before + 1]
    await answer.click()
    await expect(page.get_by_role("alert")).to_have_count(0)
    await expect(answer).to_be_enabled()
    assert await column(app_server.database_url, count) == [before + 2]


async def test_visitor_in_japanese_on_a_small_screen(page: Page, app_server: AppServer, requests: Requests) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await page.add_init_script("localStorage.setItem('shinjp:language', 'ja')")
    await open_book(page, app_server, "北の町からの手紙", user="")
    assert await overflow(page) == 0
    await page.get_by_role("link", name="読み始める").click()
    await expect(page.get_by_text("2ページ中1ページ")).to_be_visible()
    await page.get_by_role("article").get_by_role("button").first.click()
    await expect(page.get_by_role("dialog").get_by_role("list", name="意味")).to_be_visible()
    await expect(page.get_by_role("button", name="カードを作る")).to_have_count(0)
    assert await overflow(page) == 0
    assert "SaveReadingPosition" not in requests.operations


async def test_book_without_text(page: Page, app_server: AppServer) -> None:
    path = await open_book(page, app_server, "三四郎")
    await expect(page.get_by_text("not available here")).to_be_visible()
    await page.goto(app_server.url(f"{path}/3"))
    await expect(page.get_by_text("not available here")).to_be_visible()
