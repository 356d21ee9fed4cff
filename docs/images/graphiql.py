"""Takes the screenshot of the README: `.venv/bin/python docs/images/graphiql.py`, with Chromium installed."""

import shutil
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from bench.harness import server

# GraphiQL reads the operation's name a moment after it shows the tab.
OPERATION_IS_READ = """(operation) => {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem("shinjp:graphiql:tabState") ?? '{"tabs": []}');
    return tabs[activeTabIndex]?.operationName === operation;
}"""


def main() -> None:
    with server() as address:
        take(address)


def take(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1440, "height": 860}, color_scheme="light")
        page.goto(address)
        # A tab that is chosen before the first one is shown is not kept.
        expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text("query Books")
        page.get_by_role("tab", name="Dashboard").click()
        expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text("streakDays")
        page.wait_for_function(OPERATION_IS_READ, arg="Dashboard")
        page.locator(".graphiql-query-editor .monaco-editor").click()
        page.keyboard.press("Control+Enter")
        expect(page.locator(".graphiql-response")).to_contain_text('"streakDays"')
        page.screenshot(path=Path(__file__).with_suffix(".png"))
        browser.close()


if __name__ == "__main__":
    main()
