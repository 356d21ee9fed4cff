"""Takes the picture of the README anew: `.venv/bin/python docs/images/graphiql.py`, with Chromium installed."""

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

SHINJP = Path(sys.executable).with_name("shinjp")
# GraphiQL reads the operation's name a moment after it shows the tab.
OPERATION_IS_READ = """(operation) => {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem("shinjp:graphiql:tabState") ?? '{"tabs": []}');
    return tabs[activeTabIndex]?.operationName === operation;
}"""


def main() -> None:
    server = subprocess.Popen([SHINJP, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        ready = next(line for line in server.stdout if line.startswith("ready "))
        take(ready.removeprefix("ready ").strip())
    finally:
        server.terminate()
        server.wait()


def take(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1440, "height": 860}, color_scheme="light")
        page.goto(address)
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
