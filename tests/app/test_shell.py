"""The frame of all screens: titles, links, focus, unread notifications, and partial errors."""

import json
from uuid import uuid4

import pytest
from playwright.async_api import Page, Route, expect

from tests.app.pages import AppServer, open_as, run_as, serious_faults

pytestmark = pytest.mark.timeout(300)

# Addresses with their titles and the current link of the navigation.
TITLES = {
    "/": ("Home", "ホーム", "Home"),
    "/library": ("Library", "図書室", "Library"),
    "/dictionary?q=taberu": ("Words – Dictionary", "単語 – 辞書", "Dictionary"),
    "/dictionary/kanji": ("Kanji – Dictionary", "漢字 – 辞書", "Dictionary"),
    "/review": ("Review", "復習", "Review"),
    "/textbooks": ("Textbooks", "教科書", "Textbooks"),
    "/textbooks/generate": ("Generate a textbook", "教科書を作る", "Textbooks"),
    "/statistics": ("Statistics", "統計", "Statistics"),
    "/settings": ("Study – Settings", "学習 – 設定", "Settings"),
    "/settings/import": ("Import – Settings", "インポート – 設定", "Settings"),
    "/settings/data": ("Data and account – Settings", "データとアカウント – 設定", "Settings"),
    "/editorial/trash": ("Trash – Editors", "ごみ箱 – 編集", "Editors"),
    "/admin/jobs": ("Jobs – Administration", "ジョブ – 管理", "Administration"),
}
FIRST_IDS = """{
    books(first: 1, filter: {hasText: true}) { nodes { id } }
    textbooks(first: 1) { nodes { id chapters { id } } }
}"""


async def test_titles_and_current_links(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, user="Administrator")
    for address, (title, japanese, link) in TITLES.items():
        await page.evaluate("address => history.pushState(null, '', `/app${address}`)", address)
        await expect(page).to_have_title(f"{title} – ShinJP")
        current = page.get_by_role("navigation", name="Main navigation").locator("[aria-current=page]")
        await expect(current).to_have_text(link)
        await page.get_by_label("Language", exact=True).select_option("ja")
        await expect(page).to_have_title(f"{japanese} – ShinJP")
        await page.get_by_label("言語", exact=True).select_option("en")


async def test_navigation_starts_at_the_heading(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/library")
    await expect(page.get_by_role("article")).to_have_count(24)
    await page.evaluate("window.scrollTo(0, 900)")
    await page.get_by_role("link", name="三四郎").or_(page.get_by_role("article").get_by_role("link")).last.click()
    heading = page.get_by_role("heading", level=1)
    await expect(heading).to_be_focused()
    assert await page.evaluate("window.scrollY") == 0
    await expect(page).to_have_title(f"{await heading.inner_text()} – ShinJP")
    await page.go_back()
    await expect(heading).to_be_focused()
    await page.wait_for_function("window.scrollY > 0")
    # This screen focuses its field.
    await page.get_by_role("link", name="Dictionary").click()
    await expect(page.get_by_role("searchbox")).to_be_focused()


async def test_unread_notifications_are_counted(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/library")
    request = "mutation($input: RequestExportInput!) { requestExport(input: $input) { errors { code } } }"
    assert await run_as(page, app_server, "Demo learner", request, kind="CARDS") == {"errors": []}
    link = page.get_by_role("link", name="unread notification")
    await expect(link).to_be_visible()
    assert await serious_faults(page) == []
    await link.click()
    await page.get_by_role("button", name="Mark all as read").click()
    await expect(page.get_by_role("link", name="Home", exact=True)).to_be_visible()


async def test_search_field_follows_the_address(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/library")
    field = page.get_by_label("Title or author")
    await field.fill("sanshirou")
    await expect(page).to_have_url(app_server.url("/library?search=sanshirou"))
    await page.get_by_role("link", name="Library").click()
    await expect(field).to_have_value("")
    await expect(page.get_by_role("article")).to_have_count(24)
    await page.go_back()
    await expect(field).to_have_value("sanshirou")
    await expect(page.get_by_role("article")).to_have_count(1)


# Screens, and a field of each that is missing.
PARTIAL = {
    "/": "viewer.continue",
    "/settings": "viewer.scheduling",
    "/books/{book}": "book.coverage",
    "/textbooks/{textbook}": "textbook.progress",
    "/textbooks/{textbook}/{chapter}": "node.progress",
}


async def test_data_and_errors_are_shown_together(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/dictionary")
    found = await page.request.post(f"{app_server.origin}/graphql", data={"query": FIRST_IDS})
    data = (await found.json())["data"]
    [book], [textbook] = data["books"]["nodes"], data["textbooks"]["nodes"]
    # An event would make the cache request again what failed.
    await page.route_web_socket("**/graphql", lambda _: None)
    for screen, path in PARTIAL.items():
        address = screen.format(book=book["id"], textbook=textbook["id"], chapter=textbook["chapters"][0]["id"])

        async def fail(route: Route, *, path: str = path) -> None:
            response = await route.fetch()
            body = await response.json()
            parent, name = path.split(".")
            body["data"][parent][name] = None
            body["errors"] = [{"message": "Out of order", "path": [parent, name], "extensions": {"code": "X"}}]
            await route.fulfill(response=response, body=json.dumps(body))

        await page.route("**/graphql", fail)
        await page.goto(app_server.url(address))
        await expect(page.get_by_role("alert")).to_contain_text("Out of order")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await page.unroute("**/graphql", fail)
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("alert")).to_have_count(0)


async def test_answer_of_a_confirmation_keeps_the_focus(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/editorial", user="Editor")
    create = "mutation($input: CreateBookInput!) { createBook(input: $input) { book { id } } }"
    values = {"title": f"本{uuid4().hex[:8]}", "author": "著者", "description": "d", "jlptLevel": "N5", "pageCount": 1}
    book = (await run_as(page, app_server, "Editor", create, **values))["book"]["id"]
    await page.goto(app_server.url(f"/editorial/books/{book}"))
    button = page.get_by_role("button", name="Delete the book")
    await button.click()
    await expect(page.get_by_role("group").get_by_role("button").first).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(button).to_be_focused()
