"""The screens for administrators: health, users, jobs, schedules, slow operations, errors and usage."""

import re
from urllib.parse import quote

import pytest
from playwright.async_api import Page, expect

from tests.app.pages import AppServer, Requests, open_as, overflow, run_as, serious_faults
from tests.databases import execute

pytestmark = pytest.mark.timeout(300)

VIEWS = {
    "/admin": ("AdminOverview", "Waiting requests"),
    "/admin/users": ("AdminUsers", "Hana"),
    "/admin/jobs": ("AdminJobs", "Waiting for a retry"),
    "/admin/schedules": ("AdminSchedules", "Run now"),
    "/admin/webhooks": ("AdminWebhooks", "Create a webhook"),
    "/admin/audit": ("AdminAudit", "Find"),
    "/admin/operations": ("AdminOperations", "SQL statements"),
    "/admin/errors": ("AdminErrors", "Errors"),
    "/admin/analytics": ("AdminAnalytics", "Hardest words"),
    "/admin/usage?coordinate=Book.title": ("AdminUsage", "Uses of a part"),
}
EXPORT = "mutation($input: RequestExportInput!) { requestExport(input: $input) { errors { code } } }"
DELIVERY = """
    insert into webhook_deliveries (id, webhook_id, event_id, event_kind, payload, state, attempts, error)
    select gen_random_uuid(), id, gen_random_uuid(), 'BOOK_FIRST_PUBLISHED', '{}', 'FAILED', 10, 'no response'
    from webhooks
"""
FIND = "{ admin { users(first: 1, filter: {role: LEARNER}, orderBy: OLDEST) { nodes { id displayName } } } }"


@pytest.mark.parametrize("path", VIEWS)
async def test_first_view_is_one_request(page: Page, app_server: AppServer, requests: Requests, path: str) -> None:
    operation, text = VIEWS[path]
    await page.set_viewport_size({"width": 390, "height": 800})
    await open_as(page, app_server, path, user="Administrator")
    await expect(page.locator("main")).to_contain_text(text, ignore_case=True)
    assert requests.operations == [operation]
    assert await overflow(page) == 0
    assert await serious_faults(page) == []


@pytest.mark.parametrize("user", ["Demo learner", "Editor"])
async def test_others_see_a_notice(page: Page, app_server: AppServer, user: str) -> None:
    await open_as(page, app_server, "/admin/users", user=user)
    await expect(page.locator("main")).to_contain_text("This is for administrators.")
    await page.get_by_label("Language").select_option("ja")
    await expect(page.locator("main")).to_contain_text("管理者用の画面です。")


async def test_user_gets_another_role_and_is_blocked(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/admin/users", user="Administrator")
    found = await run_as(page, app_server, "Administrator", FIND)
    user = found["users"]["nodes"][0]
    await page.goto(app_server.url(f"/admin/users/{user['id']}"))
    await page.get_by_label("New role").select_option("EDITOR")
    await page.get_by_role("button", name="Change the role").click()
    await expect(page.get_by_role("alert")).to_contain_text("reason")
    await page.get_by_label("Reason, for the audit log").fill("New editor")
    await page.get_by_role("button", name="Change the role").click()
    await expect(page.get_by_role("heading", name="Role: Editor")).to_be_visible()
    await page.get_by_label("Reason, which the user sees").fill("Spam")
    await page.get_by_role("button", name="Block the user").click()
    await expect(page.get_by_role("heading", name="The user is blocked")).to_be_visible()
    assert await serious_faults(page) == []
    await page.get_by_role("button", name="Lift the block").click()
    await expect(page.get_by_role("heading", name="Block the user")).to_be_visible()
    await page.get_by_label("New role").select_option("LEARNER")
    await page.get_by_label("Reason, for the audit log").fill("Test")
    await page.get_by_role("button", name="Change the role").click()
    await expect(page.get_by_role("heading", name="Role: Learner")).to_be_visible()


async def test_users_are_found(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/admin/users", user="Administrator")
    await page.get_by_role("searchbox").fill("hana")
    await page.get_by_role("button", name="Find").click()
    await expect(page.get_by_role("row")).to_have_count(2)
    await page.get_by_role("link", name="Hana").click()
    await expect(page.get_by_role("heading", level=2).first).to_have_text("Hana")


async def test_jobs_are_filtered(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/admin/jobs", user="Administrator")
    values = {"kind": "CARDS"}
    assert await run_as(page, app_server, "Administrator", EXPORT, **values) == {"errors": []}
    await page.get_by_label("Kind").select_option("EXPORT")
    await page.get_by_role("button", name="Reload").click()
    jobs = page.get_by_role("row")
    await expect(jobs.nth(1)).to_contain_text("Export")
    await jobs.nth(1).locator("summary").click()
    await expect(jobs.nth(1).get_by_role("list")).to_contain_text("Queued")
    await page.get_by_label("Status").select_option("CANCELLED")
    await expect(page.get_by_text("There is no such job.")).to_be_visible()


async def test_schedule_is_run(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/admin/schedules", user="Administrator")
    row = page.get_by_role("row").nth(1)
    await expect(page.get_by_role("row", name="analytics history")).to_contain_text("1 day")
    await row.get_by_role("button", name="Run now").click()
    await expect(row).to_contain_text("Requested")


async def test_webhook_is_created_replayed_and_deleted(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/admin/webhooks", user="Administrator")
    form = page.get_by_role("form", name="Create a webhook")
    await form.get_by_label("URL").fill("http://127.0.0.1/")
    await form.get_by_role("button").click()
    await expect(form.get_by_label("URL")).to_have_attribute("aria-invalid", "true")
    await form.get_by_label("URL").fill("https://hooks.example/shinjp")
    await form.get_by_label("Learner signed up").uncheck()
    await form.get_by_role("button").click()
    await expect(form.get_by_role("status")).to_contain_text("whsec_")
    await execute(app_server.database_url, DELIVERY)
    await page.reload()
    webhook = page.get_by_role("region", name="https://hooks.example/shinjp", exact=True)
    await webhook.get_by_role("button", name="Disable").click()
    await expect(webhook).to_contain_text("Disabled since")
    message = webhook.get_by_role("row").nth(1)
    await expect(message).to_contain_text("Failed")
    await message.get_by_role("button", name="Send again").click()
    await expect(message).to_contain_text("Waiting")
    assert await serious_faults(page) == []
    await webhook.get_by_role("button", name="Delete the webhook").click()
    await webhook.get_by_role("group").get_by_role("button", name="Delete the webhook").click()
    await expect(webhook).to_have_count(0)


async def test_audit_log_is_filtered(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/admin/audit", user="Administrator")
    book = {"title": "本", "author": "著者", "description": "d", "jlptLevel": "N5", "pageCount": 1}
    create = "mutation($input: CreateBookInput!) { createBook(input: $input) { book { id } } }"
    id = (await run_as(page, app_server, "Editor", create, **book))["book"]["id"]
    await page.get_by_label("Id of the object").fill(id)
    await page.get_by_role("button", name="Find").click()
    row = page.get_by_role("row").nth(1)
    await expect(row).to_contain_text("Book")
    await expect(page.get_by_role("row")).to_have_count(2)
    await row.locator("summary").click()
    await expect(row).to_contain_text("著者")
    await expect(page).to_have_url(re.compile(f"entityId={quote(id, safe='')}"))


async def test_cache_is_purged(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/admin", user="Administrator")
    form = page.get_by_role("form", name="Purge the cache")
    await form.get_by_label("Tags").fill("Book:*, books")
    await form.get_by_role("button", name="Purge the cache").click()
    await expect(form.get_by_role("status")).to_have_text("Purged: Book:*, books")
    await form.get_by_role("button", name="Purge everything").click()
    await form.get_by_role("group").get_by_role("button", name="Purge everything").click()
    await expect(form.get_by_role("status")).to_have_text("Purged: *")
