"""Every control of the main screens is reached with Tab, and shows that it has the focus."""

from dataclasses import asdict
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.app.pages import AppServer, first_ids, open_as

pytestmark = pytest.mark.timeout(300)

SCREENS = (
    "/",
    "/library",
    "/books/{book}",
    "/books/{book}/1",
    "/dictionary?q=taberu",
    "/dictionary/kanji",
    "/review",
    "/textbooks",
    "/textbooks/generate",
    "/textbooks/{textbook}/{chapter}",
    "/statistics",
    "/settings",
    "/settings/import",
    "/settings/data",
    "/editorial",
    "/editorial/words/{word}",
    "/editorial/trash",
    "/admin",
    "/admin/users",
    "/admin/jobs",
)
# Numbers the visible controls. Of the radio buttons of a group, Tab reaches one.
CONTROLS = """() => {
    const selector = "a[href], button, input, select, textarea, summary, [tabindex='0'], [contenteditable=true]";
    const groups = new Set();
    const isReached = (control) => {
        if (control.disabled || control.inert || !control.checkVisibility({ visibilityProperty: true })) return false;
        if (control.type !== "radio") return true;
        const group = control.name;
        const isFirst = !groups.has(group);
        groups.add(group);
        return isFirst;
    };
    const controls = [...document.querySelectorAll(selector)].filter(isReached);
    controls.forEach((control, number) => control.setAttribute("data-control", number));
    return controls.map((control) => control.outerHTML.slice(0, 200));
}"""
REMAINING = """() => Array.from(document.querySelectorAll("[data-control]"), (control) => control.dataset.control)"""
FOCUSED = """() => {
    const focused = document.activeElement;
    if (focused === document.body || focused === null) return null;
    const isRadio = focused.type === "radio";
    const radio = isRadio ? document.querySelector(`input[name="${focused.name}"][data-control]`) : null;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(focused);
    return {
        control: (radio ?? focused).getAttribute("data-control"),
        html: focused.outerHTML.slice(0, 200),
        isMarked: (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none",
    };
}"""


@pytest.mark.parametrize("screen", SCREENS)
async def test_every_control_is_reached_and_marked(page: Page, app_server: AppServer, screen: str) -> None:
    await open_as(
        page, app_server, user="Administrator" if screen.startswith(("/editorial", "/admin")) else "Demo learner"
    )
    await page.goto(app_server.url(screen.format(**asdict(await first_ids(page, app_server)))))
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.wait_for_load_state("networkidle")
    controls: list[str] = await page.evaluate(CONTROLS)
    reached = {focused["control"] for focused in await tabbed(page, len(controls))}
    # "Show more" disappears when Tab has reached the last row of a list that loads the next page by itself.
    remaining = set(await page.evaluate(REMAINING))
    missed = [html for number, html in enumerate(controls) if str(number) in remaining - reached]
    assert missed == []
    assert len(remaining) > len(controls) / 2


async def tabbed(page: Page, controls: int) -> list[Any]:
    """What has the focus after each Tab, from the beginning of the page to its end."""
    await page.evaluate("() => { document.activeElement?.blur(); getSelection()?.removeAllRanges(); scrollTo(0, 0); }")
    await page.locator("body").evaluate(
        "(body) => { body.tabIndex = -1; body.focus(); body.removeAttribute('tabindex'); }"
    )
    found: list[Any] = []
    # Lists may grow meanwhile.
    for _ in range(2 * controls + 50):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(FOCUSED)
        if focused is None:
            return found
        assert focused["isMarked"], focused["html"]
        found.append(focused)
    raise AssertionError(f"Tab does not leave the page: {found[-1]}")
