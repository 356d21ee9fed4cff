"""The list of books, with what the learner knows and has read."""

import pytest
from playwright.async_api import Page, expect

from tests.app.pages import AppServer, Requests, open_as, overflow, serious_faults

pytestmark = pytest.mark.timeout(300)


async def test_first_view_is_one_request(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/library")
    await expect(page.get_by_role("article")).to_have_count(24)
    await expect(page.get_by_text("You know").first).to_be_visible()
    assert requests.operations == ["Library"]
    assert await serious_faults(page) == []


async def test_list_continues_at_its_end(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/library")
    books = page.get_by_role("article")
    await expect(books).to_have_count(24)
    button = page.get_by_role("button", name="Show more")
    await button.focus()
    await expect(books).to_have_count(48)
    await expect(button).to_be_focused()
    titles = (
        await page.get_by_role("heading", level=2)
        .get_by_role("link")
        .evaluate_all("links => links.map(({ href }) => href)")
    )
    assert len(set(titles)) == 48


async def test_filters_are_in_the_address(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/library")
    books = page.get_by_role("article")
    await expect(books).to_have_count(24)
    await page.get_by_label("Title or author").press_sequentially("sanshirou")
    await expect(books).to_have_count(1)
    await expect(books).to_contain_text("三四郎")
    # Typing pauses once.
    assert requests.operations == ["Library", "Library"]
    await page.get_by_label("Title or author").fill("")
    await page.get_by_label("Level").select_option("N5")
    await page.get_by_label("Words that I know").select_option("0.8")
    await page.get_by_label("Order").select_option("COVERAGE")
    await expect(page).to_have_url(app_server.url("/library?level=N5&known=0.8&order=COVERAGE"))
    await expect(books.first).to_contain_text("You know")
    shown = await books.all_inner_texts()
    await page.reload()
    await expect(books).to_have_count(len(shown))
    assert await books.all_inner_texts() == shown


async def test_visitors_see_no_coverage(page: Page, app_server: AppServer, requests: Requests) -> None:
    # An address that a learner shared.
    await open_as(page, app_server, "/library?known=0.8&order=COVERAGE", user="")
    await expect(page.get_by_role("article")).to_have_count(24)
    await expect(page.get_by_text("You know")).to_have_count(0)
    await expect(page.get_by_label("Words that I know")).to_have_count(0)
    assert requests.operations == ["Library"]


async def test_small_screen_in_japanese(page: Page, app_server: AppServer) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await page.add_init_script("localStorage.setItem('shinjp:language', 'ja')")
    await open_as(page, app_server, "/library")
    await expect(page.get_by_role("heading", level=1)).to_have_text("図書室")
    await expect(page.get_by_role("article")).to_have_count(24)
    assert await overflow(page) == 0
