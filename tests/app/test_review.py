"""The study session: keys, grades, undo, typed answers, limits, and how fast it responds."""

import sys

import pytest
from playwright.async_api import Page, expect

from tests.app.pages import AppServer, Requests, open_as, overflow, run_as, serious_faults
from tests.app.study import LEARNER, all_sent, answers, grade, shown_card
from tests.databases import execute

pytestmark = pytest.mark.timeout(300)


async def test_session_by_keyboard(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/review")
    first = await shown_card(page)
    assert requests.operations == ["Study"]
    assert await serious_faults(page) == []
    before = await answers(app_server)
    await page.keyboard.press("Space")
    easy = page.get_by_role("button", name="Easy")
    await expect(easy).to_contain_text("day")
    assert await serious_faults(page) == []
    await page.keyboard.press("3")
    await expect(page.locator("[data-card]")).not_to_have_attribute("data-card", first)
    await grade(page, "1")
    await all_sent(page)
    assert (await answers(app_server))[len(before) :] == [4, 2]
    await page.keyboard.press("u")
    await page.keyboard.press("u")
    assert await shown_card(page) == first
    await all_sent(page)
    assert await answers(app_server) == before


async def test_typed_answers(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/review")
    await page.get_by_label("Type the answers").check()
    await page.get_by_role("textbox", name="Answer").fill("zzz")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-result=INCORRECT]")).to_contain_text("Wrong:")
    assert await serious_faults(page) == []
    await page.keyboard.press("3")
    await expect(page.get_by_role("textbox", name="Answer")).to_be_focused()


async def test_cards_of_the_other_direction(page: Page, app_server: AppServer) -> None:
    others = f"update cards set suspended = %s where user_id = {LEARNER} and kind <> 'RECALL'"
    await execute(app_server.database_url, others % True)
    await open_as(page, app_server, "/review")
    await page.get_by_label("Type the answers").check()
    card, question = await shown_card(page), page.locator(".review-card > .review-question")
    await expect(page.locator(".review-card")).to_contain_text("How is it written?")
    subject = f'{{ node(id: "{card}") {{ ... on Card {{ subject {{ ... on Vocabulary {{ word meanings }} }} }} }} }}'
    word, meanings = (await run_as(page, app_server, "Demo learner", subject))["subject"].values()
    await expect(question).to_have_attribute("lang", "en")
    await expect(question).to_contain_text(meanings[0])
    await expect(page.get_by_text(word, exact=True)).to_have_count(0)
    await page.get_by_role("textbox", name="Answer").fill(word)
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-result=CORRECT]")).to_be_visible()
    await expect(page.locator(".review-answer .review-question")).to_have_text(word)
    assert await serious_faults(page) == []
    await execute(app_server.database_url, others % False)


async def test_limits_of_the_day(page: Page, app_server: AppServer) -> None:
    settings = f"update user_settings set new_cards_per_day = %d, reviews_per_day = %d where user_id = {LEARNER}"
    await execute(app_server.database_url, settings % (0, 0))
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.add_init_script("localStorage.setItem('shinjp:language', 'ja')")
    await open_as(page, app_server, "/review")
    await expect(page.get_by_role("heading", name="今は復習するカードがありません")).to_be_visible()
    assert await serious_faults(page) == []
    await page.get_by_role("button", name="今日の復習を50枚増やす").click()
    await shown_card(page)
    await expect(page.locator("[data-count=reviews-left] dd")).not_to_have_text("0")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("group", name="自己評価")).to_be_visible()
    assert await overflow(page) == 0
    assert await serious_faults(page) == []
    await execute(app_server.database_url, settings % (20, 200))


async def test_response_to_a_grade(page: Page, app_server: AppServer, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints the time from a key to the next paint, which depends on the machine."""
    await page.add_init_script(
        """window.durations = [];
        new PerformanceObserver((list) => {
          for (const { name, duration } of list.getEntries()) if (name === 'keydown') window.durations.push(duration);
        }).observe({ type: 'event', durationThreshold: 16 });"""
    )
    await open_as(page, app_server, "/review")
    await shown_card(page)
    for _ in range(20):
        await grade(page, "3")
    await all_sent(page)
    durations: list[float] = sorted(await page.evaluate("() => window.durations"))
    assert durations, "the browser reported no key"
    with capsys.disabled():
        sys.stdout.write(f"\n{len(durations)} keys; the slowest until the next paint: {durations[-3:]} ms\n")


async def test_leech_is_noticed(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server)
    update = "mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) { errors { code } } }"
    # The first lapse of a card makes it a leech.
    assert await run_as(page, app_server, "Demo learner", update, leechThreshold=1) == {"errors": []}
    await page.goto(app_server.url("/review"))
    for _ in range(3):
        await grade(page, "1")
    await all_sent(page)
    notice = page.locator("[data-notice=leech]")
    await expect(notice).to_contain_text("is a leech")
    assert await serious_faults(page) == []
    await notice.get_by_role("button", name="Close").click()
    await expect(notice).to_have_count(0)
    assert await run_as(page, app_server, "Demo learner", update, leechThreshold=8) == {"errors": []}
