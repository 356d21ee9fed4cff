"""Takes the screenshots of the app, and measures its screens: `.venv/bin/python docs/images/app.py`, with Chromium.

Prints a row for each screen: the GraphQL requests of its first view, the bytes of their responses as they were
transferred, and the milliseconds from the request to the end of the response, in a browser on the same machine. A
screen is opened twice, and the second time counts.
"""

import shutil
from pathlib import Path
from urllib.parse import urljoin

import httpx
from playwright.sync_api import Page, Response, expect, sync_playwright

from bench.harness import headers, server

_IDS = """{
    books(first: 1, filter: {hasText: true}, orderBy: LEVEL) { nodes { id } }
    textbooks(first: 1) { nodes { id chapters { id } } }
}"""
_PICTURES = {"/": "app-home", "/books/BOOK/1": "app-reader", "/review": "app-review"}
_SCREENS = (
    "/", "/library", "/books/BOOK", "/books/BOOK/1", "/dictionary?q=taberu", "/dictionary/kanji", "/review",
    "/textbooks", "/textbooks/BOOKS", "/textbooks/BOOKS/CHAPTER", "/statistics", "/settings", "/settings/import",
    "/settings/data", "/editorial", "/editorial/reports", "/editorial/trash", "/admin", "/admin/users",
    "/admin/jobs", "/admin/webhooks", "/admin/audit", "/admin/operations",
)  # fmt: skip


def main() -> None:
    with server() as address, sync_playwright() as playwright:
        found = httpx.post(address, json={"query": _IDS}, headers=headers("demo")).json()["data"]
        [book], [textbook] = found["books"]["nodes"], found["textbooks"]["nodes"]
        ids = {"BOOK": book["id"], "BOOKS": textbook["id"], "CHAPTER": textbook["chapters"][0]["id"]}
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        print("| screen | requests | bytes | ms |\n|---|---|---|---|")  # noqa: T201
        for screen in _SCREENS:
            user = "Editor" if "/editorial" in screen else "Administrator" if "/admin" in screen else "Demo learner"
            path = screen
            for name in sorted(ids, key=len, reverse=True):
                path = path.replace(name, ids[name])
            page = browser.new_page(
                viewport={"width": 1100, "height": 760}, color_scheme="light", service_workers="block"
            )
            page.add_init_script(
                f"localStorage.setItem('shinjp:user', '{user}'); localStorage.setItem('shinjp:language', 'en')"
            )
            open_screen(page, urljoin(address, f"/app{path}"))
            responses = open_screen(page, urljoin(address, f"/app{path}"))
            print(row(screen, responses))  # noqa: T201
            if screen in _PICTURES:
                page.screenshot(path=Path(__file__).with_name(f"{_PICTURES[screen]}.png"))
            page.close()
        browser.close()


def open_screen(page: Page, url: str) -> list[Response]:
    """The responses to GraphQL requests until the screen is complete."""
    responses: list[Response] = []

    def note(response: Response) -> None:
        if response.url.endswith("/graphql"):
            responses.append(response)

    page.on("response", note)
    page.goto(url, wait_until="networkidle")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.remove_listener("response", note)
    return responses


def row(screen: str, responses: list[Response]) -> str:
    sizes = sum(response.request.sizes()["responseBodySize"] for response in responses)
    timings = [response.request.timing for response in responses]
    took = max(timing["responseEnd"] - timing["requestStart"] for timing in timings)
    return f"| `{screen}` | {len(responses)} | {sizes:,} | {took:.0f} |"


if __name__ == "__main__":
    main()
