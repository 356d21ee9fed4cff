"""The dictionary: search while typing, reasons of matches, stroke order."""

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.app.pages import AppServer, Requests, open_as, overflow, response_to, serious_faults
from tests.databases import column

pytestmark = pytest.mark.timeout(300)

KANSAI_WORD = """
    select word from vocabulary join vocabulary_senses on vocabulary_id = vocabulary.id
    where 'ksb' = any(dialects) order by jlpt_level desc nulls last, word limit 1
"""


async def test_first_view_is_one_request(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/dictionary?q=食べられなかった")
    first = page.get_by_role("article", name="食べる").first
    await expect(first).to_contain_text("to eat")
    await expect(first.get_by_role("list", name="Inflection").get_by_role("listitem")).to_have_text(
        ["食べる", "passive or potential", "negative", "past", "食べられなかった"]
    )
    assert requests.operations == ["Dictionary"]
    assert await serious_faults(page) == []


async def test_former_requests_are_cancelled(page: Page, app_server: AppServer, requests: Requests) -> None:
    # A request that is not sent yet would be skipped.
    async with page.expect_response(response_to("Dictionary")):
        await open_as(page, app_server, "/dictionary")
    received = asyncio.Event()

    async def delay_first(route: Route) -> None:
        if '"ta"' in (route.request.post_data or ""):
            await received.wait()
        await route.fallback()

    await page.route("**/graphql", delay_first)
    field = page.get_by_role("searchbox")
    async with page.expect_request(lambda request: '"ta"' in (request.post_data or "")):
        await field.fill("ta")
    async with page.expect_event("requestfailed") as failed:
        await field.fill("tabenakatta")
    assert "ERR_ABORTED" in str((await failed.value).failure)
    received.set()
    await expect(page.get_by_role("article").first).to_contain_text("食べる")
    await expect(page).to_have_url(app_server.url("/dictionary?q=tabenakatta"))
    assert requests.operations == ["Dictionary"] * 3
    await page.unroute_all(behavior="wait")


async def test_details_of_a_word(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/dictionary?q=日本")
    word = page.get_by_role("article", name="日本 にほん").first
    await word.get_by_role("button", name="Details of 日本").click()
    await expect(word.get_by_role("list", name="Meanings")).to_contain_text("Japan")
    await expect(word.locator(".sentence ruby").first).to_be_visible()
    strokes = word.get_by_role("img", name="Stroke order of 日").locator(".stroke")
    await expect(strokes).to_have_count(4)
    assert await serious_faults(page) == []
    first = await strokes.first.element_handle()
    assert first is not None
    await word.get_by_role("button", name="Draw again: 日").click()
    await expect(strokes).to_have_count(4)
    # A new drawing, which starts again.
    assert not await first.evaluate("stroke => stroke.isConnected")
    await page.emulate_media(reduced_motion="reduce")
    assert await strokes.first.evaluate("stroke => getComputedStyle(stroke).animationName") == "none"


async def test_labels_of_meanings(page: Page, app_server: AppServer) -> None:
    [word] = await column(app_server.database_url, KANSAI_WORD)
    await open_as(page, app_server, f"/dictionary?q={word}")
    found = page.get_by_role("article").filter(has=page.get_by_role("heading", name=word)).first
    await found.get_by_role("button", name="Details").click()
    await expect(found.get_by_role("list", name="Meanings")).to_contain_text("Kansai dialect")
    await page.get_by_label("Language", exact=True).select_option("ja")
    await expect(page.get_by_role("list", name="意味")).to_contain_text("関西弁")


async def test_kanji_are_found_by_their_parts(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/dictionary/kanji?component=氵&max=8")
    found = page.locator("[data-kanji]")
    await expect(page.locator("[data-kanji=泳]")).to_contain_text("swim")
    assert requests.operations == ["Kanji"]
    assert await serious_faults(page) == []
    await page.get_by_label("Meaning in English").fill("swim")
    await expect(found).to_have_count(1)
    await expect(page).to_have_url(re.compile("meaning=swim"))
    await page.get_by_label("Meaning in English").fill("")
    await page.get_by_label("Reading").fill("ei")
    await page.get_by_label("Strokes, at least").fill("8")
    await expect(found.first).to_have_attribute("data-kanji", "泳")
    await page.get_by_role("button", name="Strokes and words of 泳").click()
    await expect(page.get_by_role("img", name="Stroke order of 泳").locator("path.stroke")).to_have_count(8)
    await expect(page.get_by_role("link", name="泳ぐ")).to_be_visible()
    assert await serious_faults(page) == []
    await page.get_by_role("button", name="Kanji with 永").first.click()
    await expect(page.get_by_label("Component", exact=True)).to_have_value("永")


async def test_kanji_on_a_small_screen_in_japanese(page: Page, app_server: AppServer) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await page.add_init_script("localStorage.setItem('shinjp:language', 'ja')")
    await open_as(page, app_server, "/dictionary/kanji", user="")
    await expect(page.locator("[data-kanji]").first).to_be_visible()
    await page.locator("[data-kanji]").first.get_by_role("button", name="筆順と単語").click()
    await expect(page.locator(".stroke-order").first).to_be_visible()
    assert await overflow(page) == 0


async def test_card_of_a_word(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/dictionary?q=憂鬱")
    word = page.get_by_role("article", name="憂鬱").first
    await expect(word).to_be_visible()
    async with page.expect_response(response_to("CreateCard")) as response:
        await word.get_by_role("button", name="Make a card").click()
        await expect(word.get_by_text("In your cards")).to_be_visible()
    assert (await (await response.value).json())["data"]["createCards"]["errors"] == []


async def test_visitor_in_japanese_on_a_small_screen(page: Page, app_server: AppServer) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await page.add_init_script("localStorage.setItem('shinjp:language', 'ja')")
    await open_as(page, app_server, "/dictionary?q=tabemono", user="")
    word = page.get_by_role("article").first
    await word.get_by_role("button", name="食べ物の詳細").click()
    await expect(word.get_by_role("img", name="物の筆順")).to_be_visible()
    await expect(page.get_by_role("button", name="カードを作る")).to_have_count(0)
    assert await overflow(page) == 0
