"""The first screen: what is due, the streak and the year, kept current by a subscription."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, Response, expect

from tests.app.pages import AppServer, Requests, open_as, overflow, serious_faults

pytestmark = pytest.mark.timeout(300)

MAX_SCRIPT_BYTES = 250_000
TOKEN = "JSON.parse(document.getElementById('configuration').textContent).users[0].token"
DUE = "{ viewer { dashboard { dueNow } dueCards(first: 1) { nodes { id } } } }"
REVIEW = "mutation ($input: ReviewCardsInput!) { reviewCards(input: $input) { errors { code } } }"


async def test_first_view_is_one_request(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Hana")
    await expect(page.locator("[data-metric=due] dd")).not_to_have_text("0")
    await expect(page.locator(".heat-map rect")).to_have_count(366)
    assert requests.operations == ["Home"]
    assert await serious_faults(page) == []


async def test_first_view_loads_little_script(page: Page, app_server: AppServer) -> None:
    loaded: dict[str, int] = {}

    async def measure(response: Response) -> None:
        if response.url.endswith(".js"):
            size = (await response.request.sizes())["responseBodySize"]
            assert size < 1_000 or response.headers["content-encoding"] == "gzip"
            loaded[response.url] = size

    page.on("response", measure)
    await open_as(page, app_server)
    await expect(page.locator(".heat-map rect")).to_have_count(366)
    assert 0 < sum(loaded.values()) < MAX_SCRIPT_BYTES


async def test_follows_a_review_of_another_client(page: Page, app_server: AppServer) -> None:
    async with page.expect_websocket() as opened:
        await open_as(page, app_server)
    # The first event has the present state: changes follow.
    await (await opened.value).wait_for_event("framereceived", lambda frame: "dashboardUpdated" in str(frame))
    due = page.locator("[data-metric=due] dd")
    await expect(due).not_to_have_text("0")
    before = int(await due.inner_text())

    async def send(query: str, variables: dict[str, Any]) -> Any:
        response = await page.request.post(
            f"{app_server.origin}/graphql",
            headers={"Authorization": f"Bearer {await page.evaluate(TOKEN)}"},
            data={"query": query, "variables": variables},
        )
        return (await response.json())["data"]

    [card] = (await send(DUE, {}))["viewer"]["dueCards"]["nodes"]
    review = {"cardId": card["id"], "quality": 4, "idempotencyKey": str(uuid4())}
    await send(REVIEW, {"input": {"reviews": [review]}})
    await expect(due).to_have_text(str(before - 1))


async def test_fits_a_phone_in_japanese(page: Page, app_server: AppServer) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.emulate_media(color_scheme="dark")
    await open_as(page, app_server)
    await page.get_by_role("combobox", name="Language").select_option("ja")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Hanaさん、こんにちは")
    await expect(page.locator("html")).to_have_attribute("lang", "ja")
    assert await overflow(page) == 0
    assert await serious_faults(page) == []


async def test_signed_out_visitor_is_shown_the_library(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, user="")
    await expect(page.get_by_role("link", name="Open the library")).to_be_visible()


async def test_keyboard_reaches_the_content_first(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server)
    await expect(page.locator(".heat-map rect")).to_have_count(366)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
