"""Textbooks: the list, a textbook, a chapter with exercises, and the generation of a new one."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.app.pages import AppServer, Requests, open_as, overflow, serious_faults

pytestmark = pytest.mark.timeout(300)


async def open_first_chapter(page: Page, server: AppServer) -> None:
    await open_as(page, server, "/textbooks")
    await page.locator("[data-textbook] a").first.click()
    await page.locator(".textbook-chapters a").first.click()
    await expect(page.get_by_role("heading", name="Exercises")).to_be_visible()


async def test_first_views_are_one_request(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/textbooks")
    await expect(page.locator("[data-textbook]").first).to_be_visible()
    assert requests.operations == ["Textbooks"]
    assert await serious_faults(page) == []
    await page.locator("[data-textbook] a").first.click()
    await expect(page.locator(".textbook-chapters a").first).to_be_visible()
    assert requests.operations.pop() == "Textbook"
    assert await serious_faults(page) == []
    await page.locator(".textbook-chapters a").first.click()
    await expect(page.get_by_role("table", name="")).not_to_have_count(0)
    await expect(page.locator("[data-exercise]").first).to_be_visible()
    assert requests.operations.pop() == "Chapter"
    assert await serious_faults(page) == []
    # The answers are at the end of the content.
    await expect(page.get_by_role("heading", name="Answers")).to_have_count(0)


async def test_list_of_a_level(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/textbooks")
    await page.get_by_role("combobox", name="Level").select_option("N1")
    levels = page.locator("[data-textbook] .level")
    await expect(levels.first).to_contain_text("N1")
    assert all("N1" in text for text in await levels.all_inner_texts())


async def test_exercises_of_all_kinds_are_graded(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_first_chapter(page, app_server)
    for kind in ("MATCHING", "GAP", "TRANSLATION"):
        exercise = page.locator(f"[data-exercise={kind}]").first
        if await exercise.get_by_role("button", name="Try again").count():
            await exercise.get_by_role("button", name="Try again").click()
        await expect(exercise.get_by_role("button", name="Check")).to_be_disabled()
        if kind == "TRANSLATION":
            await exercise.get_by_role("textbox").first.fill("zzz")
        else:
            await exercise.get_by_role("combobox").first.select_option(index=1)
        await exercise.get_by_role("button", name="Check").click()
        await expect(exercise.get_by_role("status")).to_have_text(re.compile(r"^\d of \d right$"))
        await expect(exercise.locator("[data-correct]").first).to_be_visible()
    assert requests.operations.count("AnswerExercises") == 3
    assert await serious_faults(page) == []


async def test_progress(page: Page, app_server: AppServer) -> None:
    await open_first_chapter(page, app_server)
    await page.get_by_role("button", name="Mark as read").click()
    await page.get_by_role("button", name="Mark as unread").click()
    await expect(page.get_by_role("button", name="Mark as read")).to_be_visible()


async def test_generation_is_watched_to_its_end(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/textbooks/generate")
    await page.get_by_label("Title").fill("Meals")
    assert requests.operations == ["Generate"]
    assert await serious_faults(page) == []
    generate = page.get_by_role("button", name="Generate a textbook")
    await page.get_by_label("Other topics").fill("fod")
    await generate.click()
    await expect(page.get_by_role("alert")).to_contain_text('"food"')
    topics = page.get_by_label("Other topics")
    await expect(topics).to_have_attribute("aria-invalid", "true")
    await expect(topics).to_have_accessible_description(re.compile('"food"'))
    await page.get_by_label("Other topics").fill("")
    await page.get_by_role("checkbox", name=re.compile("^food")).check()
    await page.get_by_label("Number of chapters").fill("2")
    await generate.click()
    await expect(page.locator("[data-job=SUCCEEDED]", has_text="Meals")).to_contain_text("100%")
    assert await serious_faults(page) == []
    await page.get_by_role("link", name="Meals").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Meals")
    await expect(page.locator(".textbook-chapters > li")).to_have_count(2)


async def test_fits_a_phone_in_japanese(page: Page, app_server: AppServer) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.emulate_media(color_scheme="dark")
    await page.add_init_script("localStorage.setItem('shinjp:language', 'ja')")
    await open_as(page, app_server, "/textbooks/generate")
    await expect(page.get_by_role("group", name="テーマ").get_by_role("checkbox").first).to_be_visible()
    assert await overflow(page) == 0
    assert await serious_faults(page) == []
    await page.get_by_role("link", name="教科書", exact=True).first.click()
    await page.locator("[data-textbook] a").first.click()
    await expect(page.locator(".textbook-chapters a").first).to_be_visible()
    assert await overflow(page) == 0
    await page.locator(".textbook-chapters a").first.click()
    await expect(page.get_by_role("heading", name="練習問題")).to_be_visible()
    assert await overflow(page) == 0
    assert await serious_faults(page) == []
