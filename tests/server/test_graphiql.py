"""GraphiQL in a browser."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect
from pydantic import SecretStr

from schema import schema
from server.auth.development_tokens import issue_token
from server.graphiql import STATIC
from server.settings import Settings
from tests.browser import browser_profile
from tests.clients import TEST_SECRET
from tests.databases import created
from tests.processes import server_process
from tests.workers import running_worker

pytestmark = pytest.mark.timeout(600)
# A busy machine takes longer than Playwright's five seconds.
expect.set_options(timeout=30_000)

TITLES = ["Books", "Textbook", "Search", "Dashboard", "Review", "Undo", "Generate", "Watch", "Statistics"]
# GraphiQL reads and stores the editor's content with a delay after the last key.
HAS_SETTLED_ON = """(operation) => {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem("shinjp:graphiql:tabState") ?? '{"tabs": []}');
    const tab = tabs[activeTabIndex];
    return tab?.operationName === operation && tab.query === localStorage.getItem("shinjp:graphiql:query");
}"""
# Records each displayed progress.
PROGRESS = """() => {
    const seen = [], pane = document.querySelector(".graphiql-response");
    new MutationObserver(() => {
        const shown = pane.innerText.replaceAll("\u00a0", " ").match(/"progress": ([0-9.]+)/);
        if (shown) seen.push(Number(shown[1]));
    }).observe(pane, { subtree: true, childList: true, characterData: true });
    return seen;
}"""
# The tour has written variables for the operation into the editor.
FILLED = """(operation) => JSON.parse(localStorage.getItem("shinjp:variables") ?? "{}")[operation]"""
HAS_FILLED = """([operation, former]) => {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem("shinjp:graphiql:tabState"));
    const filled = JSON.parse(localStorage.getItem("shinjp:variables") ?? "{}")[operation];
    return filled && filled !== former && tabs[activeTabIndex].variables === filled;
}"""
MUTATIONS = ("Review", "Undo", "Generate")
WHO_AM_I = "query Mine { viewer { user { displayName } } }"


@pytest.fixture(scope="session")
async def content_url(servers: tuple[str, str], template: str) -> AsyncIterator[str]:
    """A separate database: some tabs change it."""
    async with created(servers[0], f"{template}_graphiql", template) as url:
        yield url


@pytest.fixture(scope="session")
async def address(
    content_url: str, servers: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """The URL that `shinjp serve` prints."""
    settings = {"DATABASE_URL": content_url, "REDIS_URL": servers[1], "JWT_SECRET": TEST_SECRET}
    async with server_process(tmp_path_factory.mktemp("graphiql") / "log", **settings) as server:
        yield server.address


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    if not (STATIC / "index.html").exists():
        pytest.skip("GraphiQL is not built: `make graphiql` needs Node.")
    async with browser_profile(browser) as context:
        yield context


@pytest.fixture
async def page(context: BrowserContext, address: str) -> Page:
    page = await context.new_page()
    await page.goto(address)
    await expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text("query Books")
    return page


async def type_and_run(page: Page, query: str) -> None:
    """Types the operation into a new tab, which gets its name, and runs it."""
    await page.get_by_role("button", name="New tab").click()
    await page.locator(".graphiql-query-editor .monaco-editor").click()
    await page.keyboard.type(query)
    await page.wait_for_function(HAS_SETTLED_ON, arg="Mine")
    await page.keyboard.press("Control+Enter")


async def test_opens_with_example_tabs_and_documentation(page: Page) -> None:
    assert await page.title() == "ShinJP GraphQL"
    await expect(page.get_by_role("tab")).to_have_text(TITLES, use_inner_text=True)
    await check_color_schemes(page)
    book = schema._schema.type_map["Book"]
    assert book.description
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await page.locator(".graphiql-doc-explorer").get_by_role("link", name="Book", exact=True).click()
    await expect(page.locator(".graphiql-doc-explorer")).to_contain_text(book.description)


async def open_tab(page: Page, title: str) -> None:
    """Opens the tab, and waits until the editor has it, and a mutation its variables."""
    former = await page.evaluate(FILLED, title)
    await page.get_by_role("tab", name=title).click()
    await page.locator(".graphiql-query-editor .monaco-editor").click()
    await page.wait_for_function(HAS_SETTLED_ON, arg=title)
    if title in MUTATIONS:
        # Those of Generate are always the same.
        await page.wait_for_function(HAS_FILLED, arg=[title, None if title == "Generate" else former])


async def run(page: Page, title: str) -> dict[str, Any]:
    async with page.expect_response(lambda response: f" {title}" in (response.request.post_data or "")) as sent:
        await page.keyboard.press("Control+Enter")
    response = await sent.value
    # Operators see it in usage and metrics.
    assert (await response.request.all_headers())["graphql-client-name"] == "graphiql"
    answer: dict[str, Any] = await response.json()
    return answer


async def test_person_does_the_tour_twice(page: Page, content_url: str) -> None:
    """All tabs from left to right, and then again with what the first tour has left."""
    response = page.locator(".graphiql-response")
    for _ in range(2):
        for title in TITLES:
            await open_tab(page, title)
            if title == "Watch":
                await watch(page, content_url)
                continue
            answer = await run(page, title)
            assert "errors" not in answer
            for payload in answer["data"].values():
                assert payload.get("errors", []) == []
                assert payload.get("cards", True)
                for result in payload.get("results", [{"error": None, "duplicate": False}]):
                    assert (result["error"], result["duplicate"]) == (None, False)
            assert answer["extensions"]["trace"]["spans"]
            await expect(response).to_contain_text('"data"')


async def watch(page: Page, content_url: str) -> None:
    """The job that the tab Generate has started is shown until it has finished."""
    response = page.locator(".graphiql-response")
    await page.keyboard.press("Control+Enter")
    await expect(response).to_contain_text('"status": "QUEUED"')
    seen = await page.evaluate_handle(PROGRESS)
    async with running_worker(content_url):
        await expect(response).to_contain_text('"status": "SUCCEEDED"', timeout=60_000)
    await expect(response).to_contain_text('"progress": 1')
    progress = await seen.evaluate("(seen) => seen")
    assert progress == sorted(progress)
    assert len(set(progress)) > 3
    # The stream does not end by itself.
    await page.get_by_role("button", name="Stop query").click()


async def test_typed_query_is_stored_and_executed_as_the_chosen_user(page: Page) -> None:
    response, menu = page.locator(".graphiql-response"), page.get_by_role("combobox", name="User")
    await expect(menu.locator("option")).to_have_text(["Signed out", "Demo learner", "Editor", "Administrator"])
    await type_and_run(page, WHO_AM_I)
    await expect(response).to_contain_text('"Hana"')
    await expect(response).to_contain_text('"sqlStatements"')
    for user, shown in (("Signed out", '"viewer": null'), ("Editor", '"Kenji"'), ("Administrator", '"displayName"')):
        await menu.select_option(user)
        await page.locator(".graphiql-query-editor .monaco-editor").click()
        await page.keyboard.press("Control+Enter")
        await expect(response).to_contain_text(shown)
        await expect(response).not_to_contain_text('"Hana"')
    # GraphiQL stores the query with a delay.
    await page.wait_for_function("() => JSON.stringify({...localStorage}).includes('displayName')")
    await page.reload()
    await expect(menu).to_have_value("Administrator")
    await expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text("displayName")
    await expect(page.get_by_role("tab")).to_have_text([*TITLES, "Mine"], use_inner_text=True)
    # A header replaces the user of the menu.
    token = issue_token(Settings.load(jwt_secret=SecretStr(TEST_SECRET)), "editor")
    await page.get_by_role("button", name="Headers").click()
    await page.get_by_role("region", name="Headers").get_by_role("code").last.click()
    await page.keyboard.insert_text(json.dumps({"authorization": f"Bearer {token}"}))
    await page.keyboard.press("Control+Enter")
    await expect(response).to_contain_text('"Kenji"')


async def test_explorer_builds_a_query(page: Page) -> None:
    await page.get_by_role("button", name="New tab").click()
    await page.get_by_role("button", name="Show GraphiQL Explorer").click()
    explorer = page.locator(".graphiql-explorer-root")
    await explorer.get_by_text("attributions", exact=True).click()
    await explorer.get_by_text("licence", exact=True).click()
    editor = page.locator(".graphiql-query-editor .view-lines")
    await expect(editor).to_contain_text("attributions")
    await expect(editor).to_contain_text("licence")
    await explorer.get_by_role("textbox").first.fill("Mine")
    await expect(editor).to_contain_text("query Mine")
    await page.wait_for_function(HAS_SETTLED_ON, arg="Mine")
    assert (await run(page, "Mine"))["data"]["attributions"]


async def test_panel_shows_how_responses_are_made(page: Page) -> None:
    await open_tab(page, "Dashboard")
    await page.get_by_role("button", name="Show Trace").click()
    panel = page.get_by_role("region", name="Trace")
    await expect(panel).to_contain_text("Run an operation")
    await page.locator(".graphiql-query-editor .monaco-editor").click()
    answer = await run(page, "Dashboard")
    trace = answer["extensions"]["trace"]
    await expect(panel).to_contain_text("Dashboard took")
    bars = panel.get_by_role("list", name="Waterfall").get_by_role("listitem")
    await expect(bars).to_have_count(len(trace["spans"]))
    await expect(panel.get_by_role("table", name="Loader batches")).to_be_visible()
    await expect(panel.get_by_role("table", name="Estimate by coordinate")).to_contain_text("Query.viewer")
    await expect(panel).to_contain_text(f"{answer['extensions']['cost']['requested']} estimated")
    statement = trace["statements"][0]
    await panel.get_by_text(f"{statement['name']}: ").click()
    opened = panel.locator("details[open]")
    await expect(opened.get_by_label("SQL")).to_be_visible()
    await expect(opened.get_by_label("Plan")).to_contain_text("(cost=")
    # They would hide the response.
    await expect(page.locator(".graphiql-response")).to_contain_text('"streakDays"')
    await expect(page.locator(".graphiql-response")).not_to_contain_text('"spans"')
    await open_tab(page, "Books")
    await run(page, "Books")
    await expect(panel.get_by_role("table", name="Cached fields")).to_contain_text("Query.books")
    await panel.get_by_role("combobox", name="Response").select_option("1")
    await expect(panel).to_contain_text("Dashboard took")


async def test_phone_shows_everything_in_one_column(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await open_tab(page, "Dashboard")
    await run(page, "Dashboard")
    editor, response = page.locator(".graphiql-query-editor"), page.locator(".graphiql-response")
    await expect(response).to_contain_text('"streakDays"')
    for part in (editor, response, page.get_by_role("combobox", name="User"), page.get_by_role("tablist")):
        await expect(part).to_be_in_viewport()
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= 390
    boxes = [await part.bounding_box() for part in (editor, response)]
    assert all(box is not None and box["width"] > 300 and box["height"] > 100 for box in boxes)
    await page.get_by_role("button", name="Show Trace").click()
    panel = await page.get_by_role("region", name="Trace").bounding_box()
    assert panel is not None
    assert panel["width"] > 300
    await page.get_by_role("button", name="Hide Trace").click()
    await expect(editor).to_be_in_viewport()


async def test_tabs_of_another_graphiql_on_the_origin_are_kept(context: BrowserContext, address: str) -> None:
    unset = dict.fromkeys(("variables", "headers", "operationName", "response"))
    tabs = {"activeTabIndex": 0, "tabs": [{"id": "1", "title": "Other", "query": "{ other }", **unset}]}
    page = await context.new_page()
    await page.goto(urljoin(address, "/healthz"))
    await page.evaluate("(tabs) => localStorage.setItem('graphiql:tabState', tabs)", json.dumps(tabs))
    await page.goto(address)
    await expect(page.get_by_role("tab")).to_have_text(TITLES, use_inner_text=True)


async def check_color_schemes(page: Page) -> None:
    """Checks that the page follows that of the system."""

    async def brightness() -> int:
        script = "(element) => getComputedStyle(element).backgroundColor"
        background: str = await page.locator(".graphiql-container").evaluate(script)
        return sum(int(part) for part in re.findall(r"\d+", background)[:3])

    await page.emulate_media(color_scheme="light")
    light = await brightness()
    await page.emulate_media(color_scheme="dark")
    assert await brightness() < light
