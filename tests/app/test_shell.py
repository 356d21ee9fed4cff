"""The frame of all screens: titles, links, focus, unread notifications, and partial errors."""

import json
from dataclasses import asdict
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, Route, expect

from domain.ids import global_id
from tests.app.pages import AppServer, first_ids, open_as, run_as, serious_faults
from tests.browser import browser_profile

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
# Screens that no link of the navigation has, and that of the screen to which they belong.
PARTS = {
    "/books/{book}": "Library",
    "/books/{book}/1": "Library",
    "/textbooks/{textbook}/{chapter}": "Textbooks",
    "/editorial/words/{word}": "Words",
    "/editorial/kanji/{kanji}": "Words",
}


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


async def test_links_to_parts_are_current(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, user="Editor")
    ids = await first_ids(page, app_server)
    for screen, link in PARTS.items():
        await page.goto(app_server.url(screen.format(**asdict(ids))))
        await expect(page.get_by_role("navigation").locator("[aria-current=page]").last).to_have_text(link)


async def test_unknown_addresses(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/nowhere")
    heading = page.get_by_role("heading", level=1)
    await expect(heading).to_have_text("This page does not exist.")
    await page.goto(f"{app_server.origin}/app")
    await expect(heading).to_contain_text("Hello")


async def test_screen_whose_script_is_missing(browser: Browser, app_server: AppServer) -> None:
    """After a new build, or without a network, the frame stays, and other screens work."""
    reports = ("Failed to load resource", "Error: Unable to preload CSS", "TypeError: Failed to fetch")
    async with browser_profile(browser, ignored=reports) as context:
        page = await context.new_page()
        await open_as(page, app_server)
        await expect(page.get_by_role("heading", name="Forecast")).to_be_visible()
        await page.route("**/assets/Library-*", lambda route: route.abort())
        await page.get_by_role("link", name="Library").click()
        heading = page.get_by_role("heading", level=1)
        await expect(heading).to_have_text("This page could not be loaded.")
        await page.get_by_role("link", name="Textbooks").click()
        await expect(heading).to_have_text("Textbooks")
        await page.get_by_role("link", name="Library").click()
        await page.unroute("**/assets/Library-*")
        await page.get_by_role("button", name="Try again").click()
        await expect(heading).to_have_text("Library")


# Objects that do not exist, and what the screens say.
MISSING = {
    "/books/unknown": "This page could not be loaded.",
    "/books/unknown/1": "This page could not be loaded.",
    "/textbooks/unknown": "This page could not be loaded.",
    "/textbooks/unknown/unknown": "This page could not be loaded.",
    f"/books/{global_id('Book', uuid4())}": "There is no such book.",
    f"/books/{global_id('Book', uuid4())}/1": "There is no such book.",
    f"/textbooks/{global_id('Textbook', uuid4())}": "This textbook does not exist, or is not public.",
    "/settings/import/unknown": "This page could not be loaded.",
    f"/settings/import/{global_id('Import', uuid4())}": "There is no such import.",
    f"/textbooks/x/{global_id('Chapter', uuid4())}": "This chapter does not exist, or is not public.",
}


async def test_every_screen_has_a_heading(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server)
    for screen, text in MISSING.items():
        await page.goto(app_server.url(screen))
        await expect(page.get_by_role("heading", level=1)).to_have_text(text)
        await expect(page).to_have_title(f"{text} – ShinJP")


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
    ids = asdict(await first_ids(page, app_server))
    # An event would make the cache request again what failed.
    await page.route_web_socket("**/graphql", lambda _: None)
    for screen, path in PARTIAL.items():
        address = screen.format(**ids)

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
