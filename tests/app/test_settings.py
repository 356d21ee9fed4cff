"""The settings: study, scheduling, vacation, notifications, profile, exports and the account."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.app.pages import AppServer, Requests, open_as, overflow, response_to, serious_faults
from tests.browser import browser_profile

pytestmark = pytest.mark.timeout(300)


async def test_first_view_is_one_request(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/settings")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    await expect(page.get_by_label("New cards a day")).to_be_visible()
    assert requests.operations == ["Settings"]
    assert await serious_faults(page) == []


async def test_changed_limit_is_kept(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/settings")
    limit, form = page.get_by_label("New cards a day"), page.get_by_role("form", name="Study")
    changed = str(int(await limit.input_value()) + 1)
    await limit.fill(changed)
    await limit.press("Enter")
    await expect(form.get_by_role("status")).to_have_text("Saved.")
    await page.reload()
    await expect(limit).to_have_value(changed)
    assert requests.operations == ["Settings", "UpdateStudySettings", "Settings"]


async def test_error_is_next_to_its_field(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/settings")
    zone = page.get_by_label("Time zone")
    await zone.fill("Asia/Nowhere")
    await page.get_by_role("form", name="Study").get_by_role("button", name="Save").click()
    await expect(zone).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_role("alert")).to_contain_text("Asia/Nowhere")
    await page.reload()
    await expect(zone).not_to_have_value("Asia/Nowhere")


async def test_retention_and_vacation(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/settings")
    form = page.get_by_role("form", name="Scheduling")
    await form.get_by_label("Algorithm").select_option("FSRS")
    retention = form.get_by_label("Desired retention in percent")
    changed = "91" if await retention.input_value() == "90" else "90"
    await retention.fill(changed)
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("status")).to_have_text("Saved.")
    vacation = page.get_by_role("region", name="Vacation")
    day = await page.evaluate("() => new Date(Date.now() + 200 * 86_400_000).toISOString().slice(0, 10)")
    await vacation.get_by_label("First day").fill(day)
    await vacation.get_by_label("Last day").fill(day)
    await vacation.get_by_role("button", name="Start a vacation").click()
    await vacation.get_by_role("button", name="End the vacation").click()
    await expect(vacation.get_by_role("button", name="Start a vacation")).to_be_visible()
    await page.reload()
    await expect(retention).to_have_value(changed)


async def test_notification_preference_is_kept(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/settings")
    box = page.get_by_role("checkbox", name="Export is ready: By e-mail")
    changed = not await box.is_checked()
    async with page.expect_response(response_to("UpdateNotificationPreferences")):
        await box.set_checked(changed)
    await page.reload()
    await expect(box).to_be_checked(checked=changed)


async def test_parameters_are_fitted_by_a_job(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/settings")
    section = page.get_by_role("region", name="Parameters of FSRS")
    await section.get_by_role("button", name="Fit the parameters").click()
    await expect(section.get_by_role("columnheader", name="Before")).to_be_visible(timeout=120_000)
    await expect(section.get_by_text("Fitted on")).to_be_visible()


async def test_exports(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/settings/data")
    section = page.get_by_role("region", name="Export")
    await expect(section).to_be_visible()
    assert requests.operations == ["Data"]
    assert await serious_faults(page) == []
    before = await section.get_by_role("link", name="Download").count()
    await section.get_by_label("Format").select_option("APKG")
    await section.get_by_role("button", name="Export", exact=True).click()
    await section.get_by_role("button", name="Export everything").click()
    link = section.get_by_role("link", name="Download")
    await expect(link).to_have_count(before + 2, timeout=120_000)
    async with page.expect_download() as download:
        await link.first.click()
    assert (await download.value).suggested_filename.endswith(".zip")


async def test_account_is_deleted_and_restored(browser: Browser, app_server: AppServer) -> None:
    # The browser reports the rejected request of a deleted account.
    async with browser_profile(
        browser, ignored=("Failed to load resource: the server responded with a status of 403",)
    ) as context:
        await _delete_and_restore(await context.new_page(), app_server)


async def _delete_and_restore(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/settings/data", user="Editor")
    form = page.get_by_role("form", name="Delete the account")
    confirmation = form.get_by_role("textbox")
    await confirmation.fill("somebody else")
    await form.get_by_role("button").click()
    await expect(confirmation).to_have_attribute("aria-invalid", "true")
    label = await form.locator("label").inner_text()
    await confirmation.fill(label.removeprefix("Type ").removesuffix(" to confirm"))
    await form.get_by_role("button").click()
    await expect(page.get_by_role("heading", name="The account is deleted")).to_be_visible()
    await page.reload()
    await page.get_by_role("button", name="Restore the account").click()
    await expect(form).to_be_visible()


async def test_narrow_screens_in_japanese(page: Page, app_server: AppServer) -> None:
    await page.add_init_script("localStorage.setItem('shinjp:language', 'ja')")
    await page.set_viewport_size({"width": 390, "height": 844})
    for screen in ("/settings", "/settings/import", "/settings/data"):
        await open_as(page, app_server, screen)
        await expect(page.get_by_role("heading", level=1)).to_have_text("設定")
        assert await overflow(page) == 0
