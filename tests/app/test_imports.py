"""An import of a package of Anki: upload, analysis, mapping, progress and report."""

import asyncio
import csv
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.app.pages import AppServer, Requests, open_as, overflow, response_to, serious_faults
from tests.app.processes import app_database, app_process
from tests.browser import browser_profile
from tests.content.anki.collections import PACKAGES
from tests.content.wanikani.api import TOKEN, assignment, running_api, subject

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
async def app_server(
    servers: tuple[str, str], app_template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AppServer]:
    """A server that fetches from a WaniKani with two words."""
    subjects = [subject(1, "食べる", ["たべる"]), subject(2, "日本語", ["にほんご"])]
    directory = tmp_path_factory.mktemp("app")
    async with (
        running_api(subjects=subjects, assignments=[assignment(1, 5), assignment(2, 8)]) as api,
        app_database(servers, app_template) as settings,
        app_process(directory, {**settings, "WANIKANI_URL": api.address}, worker=True) as server,
    ):
        yield server


async def test_first_view_is_one_request(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/settings/import")
    await expect(page.get_by_role("form", name="Import a file")).to_be_visible()
    assert requests.operations == ["Imports"]
    assert await serious_faults(page) == []


async def test_package_of_anki_is_imported(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/settings/import")
    await page.get_by_label("File", exact=True).set_input_files(PACKAGES / "sm2.anki21.apkg")
    await expect(page.get_by_label("Format")).to_have_value("ankiPackage")
    await page.get_by_role("button", name="Upload and analyse").click()
    mapping = page.get_by_role("form", name="How notes become cards")
    await expect(mapping).to_be_visible(timeout=120_000)
    await expect(page.locator("[data-metric=notes] dd")).not_to_have_text("0")
    assert await serious_faults(page) == []
    await mapping.get_by_role("button", name="Import").click()
    report = page.get_by_role("link", name="Download the report")
    await expect(report).to_be_visible(timeout=120_000)
    async with page.expect_download() as download:
        await report.click()
    path = await (await download.value).path()
    rows = list(csv.DictReader((await asyncio.to_thread(path.read_text)).splitlines()))
    assert len(rows) > 5
    # Its first view is one request as well.
    requests.operations.clear()
    await page.reload()
    await expect(report).to_be_visible()
    assert requests.operations == ["Import"]
    await page.set_viewport_size({"width": 390, "height": 844})
    assert await overflow(page) == 0


async def test_ambiguous_word_is_chosen(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/settings/import")
    words = FilePayload(name="words.csv", mimeType="text/csv", buffer="Word,Reading\n人,\n食べる,たべる\n".encode())
    await page.get_by_label("File", exact=True).set_input_files([words])
    await page.get_by_role("button", name="Upload and analyse").click()
    choice = page.get_by_role("region", name="Ambiguous words").get_by_label("人: 1 note")
    await expect(choice).to_be_visible(timeout=120_000)
    async with page.expect_response(response_to("ChooseImportWords")):
        await choice.select_option(index=1)
    await page.get_by_role("form", name="How notes become cards").get_by_role("button", name="Import").click()
    await expect(page.get_by_role("link", name="Download the report")).to_be_visible(timeout=120_000)
    await expect(page.locator("[data-status] [data-metric=ambiguous]")).to_have_count(0)


async def test_file_that_is_no_package(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/settings/import")
    await page.get_by_label("File", exact=True).set_input_files(
        [FilePayload(name="a.apkg", mimeType="", buffer=b"no archive")]
    )
    await page.get_by_role("button", name="Upload and analyse").click()
    await expect(page.locator("[data-status=FAILED]").get_by_role("alert")).to_contain_text("Failed: ", timeout=120_000)


async def test_progress_in_wanikani_is_imported(browser: Browser, app_server: AppServer) -> None:
    # The browser reports the rejected request.
    async with browser_profile(
        browser, ignored=("Failed to load resource: the server responded with a status of 400",)
    ) as context:
        await _import_from_wanikani(await context.new_page(), app_server)


async def _import_from_wanikani(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/settings/import")
    form = page.get_by_role("form", name="Import from WaniKani")
    token = form.get_by_label("Personal access token")
    await token.fill("wrong")
    await form.get_by_role("button", name="Fetch the progress").click()
    await expect(token).to_have_accessible_description(re.compile("rejects the token"))
    await expect(token).to_have_value("")
    await token.fill(TOKEN)
    await form.get_by_role("button", name="Fetch the progress").click()
    mapping = page.get_by_role("form", name="How notes become cards")
    await expect(mapping).to_be_visible(timeout=120_000)
    await expect(page.locator("[data-metric=notes] dd")).to_have_text("2")
    await mapping.get_by_role("button", name="Import").click()
    await expect(page.get_by_role("link", name="Download the report")).to_be_visible(timeout=120_000)
    assert not await page.evaluate("token => JSON.stringify({ ...localStorage }).includes(token)", TOKEN)
