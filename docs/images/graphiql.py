"""Takes the screenshots of GraphiQL: `.venv/bin/python docs/images/graphiql.py`, with Chromium installed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.harness import server

IMAGES = Path(__file__).parent
# GraphiQL reads the operation's name a moment after it shows the tab.
OPERATION_IS_READ = """(operation) => {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem("shinjp:graphiql:tabState") ?? '{"tabs": []}');
    return tabs[activeTabIndex]?.operationName === operation;
}"""

# The editor colours the last lines of a response after it shows them, and does not say when.
COLOURING_MS = 1_000


def main() -> None:
    expect.set_options(timeout=60_000)
    with server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        take(browser, address)
        browser.close()


def take(browser: Browser, address: str) -> None:
    with dashboard(browser, address, width=1440, height=860) as page:
        page.get_by_role("button", name="Show Trace").click()
        expect(page.get_by_role("list", name="Waterfall")).to_be_visible()
        page.screenshot(path=IMAGES / "graphiql.png")
    with dashboard(browser, address, width=390, height=844) as page:
        page.screenshot(path=IMAGES / "graphiql-narrow.png")


@contextmanager
def dashboard(browser: Browser, address: str, *, width: int, height: int) -> Iterator[Page]:
    """GraphiQL with the response to the tab Dashboard."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
    page.goto(address)
    # A tab that is chosen before the first one is shown is not kept.
    expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text("query Books")
    page.get_by_role("tab", name="Dashboard").click()
    expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text("streakDays")
    page.wait_for_function(OPERATION_IS_READ, arg="Dashboard")
    # The first executions compile the operation.
    for user, name in (("Editor", "Kenji"), ("Administrator", "Yuki"), ("Demo learner", "Hana")):
        page.get_by_role("combobox", name="User").select_option(label=user)
        page.locator(".graphiql-query-editor .monaco-editor").click()
        page.keyboard.press("Control+Enter")
        expect(page.locator(".graphiql-response")).to_contain_text(f'"displayName": "{name}"')
    page.wait_for_timeout(COLOURING_MS)
    yield page
    page.close()


if __name__ == "__main__":
    main()
