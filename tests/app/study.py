"""What tests of the study session share."""

from playwright.async_api import Page, expect

from tests.app.pages import AppServer
from tests.databases import column

LEARNER = "(select id from users where subject = 'demo')"


async def answers(server: AppServer) -> list[int]:
    """The qualities of the demo learner's reviews, without undone ones, by the time of the answers."""
    statement = f"select quality from reviews where user_id = {LEARNER} and not undone order by reviewed_at"
    return await column(server.database_url, statement)


async def shown_card(page: Page) -> str:
    card = page.locator("[data-card]")
    await expect(card).to_be_visible()
    return await card.get_attribute("data-card") or ""


async def grade(page: Page, key: str) -> None:
    """Answers the card by keys, and waits for the next one."""
    await shown_card(page)
    await page.keyboard.press("Space")
    grades = page.get_by_role("group", name="Grade your answer")
    await expect(grades).to_be_visible()
    await page.keyboard.press(key)
    await expect(grades).to_have_count(0)


async def all_sent(page: Page) -> None:
    """Waits until the server has confirmed all answers and undos."""
    await expect(page.locator("[data-count=pending] dd")).to_have_text("0")
    await nothing_left(page)


async def nothing_left(page: Page) -> None:
    await page.wait_for_function("() => !Object.keys(localStorage).some((key) => /^shinjp:(review|undo):/.test(key))")
