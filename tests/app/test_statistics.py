"""The screen of statistics: charts with tables, and the choice of a period."""

import pytest
from playwright.async_api import Page, expect

from tests.app.pages import AppServer, Requests, open_as, overflow, run_as, serious_faults
from tests.app.study import all_sent, grade

pytestmark = pytest.mark.timeout(300)


async def test_first_view_is_one_request(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/statistics")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Statistics")
    await expect(page.locator("[data-metric=reviews] dd")).not_to_have_text("0")
    # Charts that have values: reviews, time, cards, three of retention, and the forecast.
    for title in ("Reviews by week", "Time by week", "Cards", "Retention by interval", "Due in the next 30 days"):
        panel = page.locator("section.panel", has=page.get_by_role("heading", name=title, exact=True))
        await expect(panel.locator("canvas")).to_be_visible()
    assert requests.operations == ["Statistics"]
    assert await serious_faults(page) == []


async def test_charts_are_tables_too(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/statistics")
    panel = page.locator("section.panel", has=page.get_by_role("heading", name="Due in the next 30 days"))
    await panel.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(panel.get_by_role("row")).to_have_count(31)
    await expect(panel.get_by_role("columnheader")).to_have_text(["Day", "Mature", "Young", "Learning"])
    assert await serious_faults(page) == []


async def test_period_is_chosen(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/statistics")
    reviews = page.locator("[data-metric=reviews] dd")
    of_year = await reviews.inner_text()
    await page.get_by_label("30 days").check()
    await expect(page.get_by_role("heading", name="Reviews by day")).to_be_visible()
    await expect(reviews).not_to_have_text(of_year)
    await page.reload()
    await expect(page.get_by_label("30 days")).to_be_checked()
    await page.get_by_label("All").check()
    await expect(page.get_by_role("heading", name="Reviews by month")).to_be_visible()
    assert requests.operations == ["Statistics"] * 4


async def test_narrow_screen_in_japanese(page: Page, app_server: AppServer) -> None:
    await page.add_init_script("localStorage.setItem('shinjp:language', 'ja')")
    await page.set_viewport_size({"width": 390, "height": 844})
    await open_as(page, app_server, "/statistics")
    await expect(page.get_by_role("heading", level=1)).to_have_text("統計")
    await expect(page.locator(".chart canvas").first).to_be_visible()
    assert await overflow(page) == 0


async def test_signed_out(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/statistics", user="")
    await expect(page.get_by_text("Sign in to see your statistics.")).to_be_visible()


async def test_prediction_is_compared_with_reality(page: Page, app_server: AppServer) -> None:
    """SM-2 predicts nothing; FSRS predicts each review from then on."""
    await open_as(page, app_server, "/statistics")
    panel = page.locator("section.panel", has=page.get_by_role("heading", name="Predicted and real retention"))
    await expect(panel).to_contain_text("Only FSRS predicts retention")
    update = "mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) { job { id } } }"
    assert await run_as(page, app_server, "Demo learner", update, scheduler="FSRS") == {"job": None}
    await page.goto(app_server.url("/review"))
    for _ in range(6):
        await grade(page, "3")
    await all_sent(page)
    await page.goto(app_server.url("/statistics"))
    await expect(panel.locator("canvas")).to_be_visible()
    await panel.locator("summary").click()
    await expect(panel.get_by_role("columnheader")).to_have_text(["Predicted", "Real", "Predicted"])
    await expect(panel.get_by_role("row").last).to_contain_text("%")
    assert await serious_faults(page) == []
