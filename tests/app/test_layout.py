"""What all screens have in common: boxes and their labels, the header of a phone, languages of content, empty lists."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from domain.ids import global_id
from tests.app.pages import AppServer, first_ids, open_as

pytestmark = pytest.mark.timeout(300)

# The distances between the middles of boxes and of the first lines of their labels.
DISTANCES = """() => [...document.querySelectorAll("main label > :is([type=checkbox], [type=radio])")].map((input) => {
    const label = input.parentElement;
    const box = input.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents([...label.childNodes].findLast((node) => node.textContent.trim() !== ""));
    const text = range.getClientRects()[0];
    return Math.abs((box.top + box.bottom) / 2 - (text.top + text.bottom) / 2);
})"""
# English sentences, which a page in Japanese marks as English.
UNMARKED_ENGLISH = r"""() => {
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        const { textContent, parentElement } = walker.currentNode;
        if (/\b[a-z]{2,} [a-z]{2,}/.test(textContent) && !parentElement.closest("[lang=en]")) found.push(textContent);
    }
    return found;
}"""


@pytest.mark.parametrize("width", [1280, 390])
async def test_boxes_are_in_line_with_their_labels(page: Page, app_server: AppServer, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await open_as(page, app_server, user="Administrator")
    ids = await first_ids(page, app_server)
    for screen in (
        "/library",
        "/textbooks",
        "/textbooks/generate",
        "/statistics",
        "/settings",
        "/admin/users",
        "/admin/webhooks",
        f"/editorial/words/{ids.word}",
    ):
        await page.goto(app_server.url(screen))
        await expect(page.locator("main :is([type=checkbox], [type=radio])").first).to_be_visible()
        assert max(await page.evaluate(DISTANCES)) < 4, screen


async def test_header_of_a_phone(page: Page, app_server: AppServer) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await open_as(page, app_server)
    await expect(page.get_by_role("link", name="Settings")).to_be_visible()
    boxes = await page.get_by_role("banner").get_by_role("combobox").all()
    tops = [box["y"] for box in [await one.bounding_box() for one in boxes] if box is not None]
    assert len(tops) == 3
    assert len(set(tops)) == 1


async def test_heat_map_ends_today(page: Page, app_server: AppServer) -> None:
    """On a phone it scrolls, and its end is visible first."""
    await page.set_viewport_size({"width": 390, "height": 844})
    await open_as(page, app_server)
    today = page.locator(".heat-map rect").last
    await expect(today).to_be_visible()
    box = await today.bounding_box()
    assert box is not None
    assert box["x"] < 390


async def test_english_content_is_marked_in_japanese(page: Page, app_server: AppServer) -> None:
    await page.add_init_script("localStorage.setItem('shinjp:language', 'ja')")
    await open_as(page, app_server)
    ids = await first_ids(page, app_server)
    for screen in (
        "/textbooks",
        f"/textbooks/{ids.textbook}",
        f"/textbooks/{ids.textbook}/{ids.chapter}",
        f"/books/{ids.book}",
        "/dictionary?q=taberu",
        "/dictionary/kanji",
        "/review",
    ):
        await page.goto(app_server.url(screen))
        await expect(page.locator("main :lang(en)").first).to_be_visible()
        found: list[Any] = await page.evaluate(UNMARKED_ENGLISH)
        assert found == [], screen


async def test_messages_of_the_server_are_marked_as_english(page: Page, app_server: AppServer) -> None:
    await page.add_init_script("localStorage.setItem('shinjp:language', 'ja')")
    await open_as(page, app_server, "/books/unknown")
    await expect(page.get_by_role("heading", level=1)).to_have_text("このページを読み込めませんでした。")
    await expect(page.get_by_role("alert").locator("[lang=en]")).to_contain_text("not a global id")


async def test_empty_list_is_not_a_table(page: Page, app_server: AppServer) -> None:
    missing = global_id("Book", uuid4())
    await open_as(page, app_server, f"/admin/audit?entityId={missing}", user="Administrator")
    await expect(page.get_by_text("There is nothing yet.")).to_be_visible()
    await expect(page.get_by_role("table")).to_have_count(0)
