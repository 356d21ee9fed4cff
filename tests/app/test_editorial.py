"""The screens for editors: books, words, reports, and what was deleted."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.app.pages import AppServer, Requests, open_as, overflow, run_as, serious_faults
from tests.images import png

pytestmark = pytest.mark.timeout(300)

VIEWS = {
    "/editorial": ("EditorialBooks", "All books"),
    "/editorial/words?q=taberu": ("EditorialWords", "食べる"),
    "/editorial/reports": ("EditorialReports", "Open"),
    "/editorial/trash": ("EditorialTrash", "Textbooks"),
}
CREATE = "mutation($input: CreateBookInput!) { createBook(input: $input) { book { id } } }"
UPDATE = "mutation($input: UpdateBookInput!) { updateBook(input: $input) { errors { code } } }"
IMPORT = "mutation($input: ImportBookTextInput!) { importBookText(input: $input) { errors { code } } }"
REPORT = "mutation($input: ReportContentInput!) { reportContent(input: $input) { report { id } } }"
BOOK = {"title": "本", "author": "著者", "description": "d", "jlptLevel": "N5", "pageCount": 1}


@pytest.mark.parametrize("path", VIEWS)
async def test_first_view_is_one_request(page: Page, app_server: AppServer, requests: Requests, path: str) -> None:
    operation, text = VIEWS[path]
    await page.set_viewport_size({"width": 390, "height": 800})
    await open_as(page, app_server, path, user="Editor")
    await expect(page.locator("main")).to_contain_text(text)
    assert requests.operations == [operation]
    assert await overflow(page) == 0
    assert await serious_faults(page) == []


async def test_learners_see_a_notice(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/editorial/reports")
    await expect(page.locator("main")).to_contain_text("This is for editors.")
    await page.get_by_label("Language").select_option("ja")
    await expect(page.locator("main")).to_contain_text("編集者用の画面です。")
    await expect(page.get_by_role("link", name="編集")).to_have_count(0)


async def test_book_is_created_changed_deleted_and_restored(page: Page, app_server: AppServer) -> None:
    title = f"猫{uuid4().hex[:8]}"
    await open_as(page, app_server, "/editorial", user="Editor")
    await page.locator("summary", has_text="Create a book").click()
    await page.get_by_role("button", name="Create a book").click()
    await expect(page.get_by_role("alert").first).to_be_visible()
    form = page.locator("details form")
    await form.get_by_label("Title", exact=True).fill(title)
    await form.get_by_label("Author", exact=True).fill("著者")
    await form.get_by_label("Description").fill("A cat.")
    await page.get_by_role("button", name="Create a book").click()
    await expect(page.get_by_role("heading", level=2)).to_contain_text(title)
    await page.get_by_label("Author").fill("別の著者")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    revision = page.locator("li", has=page.locator("code", has_text="update"))
    await expect(revision).to_contain_text("別の")
    await revision.get_by_role("button", name="Revert").click()
    await expect(page.get_by_label("Author")).to_have_value("著者")
    await expect(page.locator("code", has_text="update")).to_have_count(2)
    await page.get_by_role("button", name="Delete the book").click()
    await page.get_by_role("group").get_by_role("button", name="Delete the book").click()
    deleted = page.locator("li", has_text=title)
    await deleted.get_by_role("button", name="Restore").click()
    await expect(deleted).to_have_count(0)
    await page.get_by_role("link", name="Books", exact=True).click()
    await expect(page.get_by_role("link", name=title)).to_be_visible()


async def test_conflict_shows_both_values(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/editorial", user="Editor")
    id = (await run_as(page, app_server, "Editor", CREATE, **BOOK))["book"]["id"]
    requests.operations.clear()
    await page.goto(app_server.url(f"/editorial/books/{id}"))
    await page.get_by_label("Author").fill("私の著者")
    other = {"id": id, "expectedVersion": 1, "author": "他の著者"}
    assert await run_as(page, app_server, "Administrator", UPDATE, **other) == {"errors": []}
    assert requests.operations.count("EditorialBook") == 1
    await page.get_by_role("button", name="Save").click()
    conflict = page.get_by_role("alert")
    await expect(conflict).to_contain_text("他の著者")
    await expect(conflict).to_contain_text("私の著者")
    assert await serious_faults(page) == []
    await page.get_by_role("button", name="Keep my values").click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()


async def test_text_of_page_is_changed(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/editorial", user="Editor")
    id = (await run_as(page, app_server, "Editor", CREATE, **BOOK))["book"]["id"]
    text = {"bookId": id, "expectedVersion": 1, "text": "猫《ねこ》が鳴く。"}
    assert await run_as(page, app_server, "Editor", IMPORT, **text) == {"errors": []}
    await page.goto(app_server.url(f"/editorial/books/{id}"))
    editor = page.get_by_label("Text of the page")
    await expect(editor).to_have_value("｜猫《ねこ》が鳴く。")
    await editor.fill("｜犬《いぬ")
    await page.get_by_role("button", name="Save").last.click()
    await expect(page.get_by_role("alert")).to_contain_text("line 1")
    await editor.fill("犬《いぬ》が鳴く。")
    await page.get_by_role("button", name="Save").last.click()
    await expect(page.get_by_role("status")).to_contain_text("Saved.")
    await expect(editor).to_have_value("｜犬《いぬ》が鳴く。")
    # The newest revision shows what was removed and added.
    await expect(page.locator(".diff del").first).to_contain_text("猫")
    await expect(page.locator(".diff ins").first).to_contain_text("犬")


async def test_pages_are_inserted_moved_and_deleted(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/editorial", user="Editor")
    id = (await run_as(page, app_server, "Editor", CREATE, **BOOK))["book"]["id"]
    text = {"bookId": id, "expectedVersion": 1, "text": "一番目。"}
    assert await run_as(page, app_server, "Editor", IMPORT, **text) == {"errors": []}
    await page.goto(app_server.url(f"/editorial/books/{id}"))
    editor = page.get_by_label("Text of the page")
    await page.get_by_text("Insert a page", exact=True).click()
    await page.get_by_label("Text of the new page").fill("二番目。")
    await page.get_by_role("button", name="Insert after this page").click()
    await expect(page.get_by_role("heading", name="Page 2 of 2")).to_be_visible()
    await expect(editor).to_have_value(re.compile("^二番目。"))
    assert await serious_faults(page) == []
    await page.get_by_label("New number of the page").fill("1")
    await page.get_by_role("button", name="Move the page").click()
    await expect(page.get_by_role("heading", name="Page 1 of 2")).to_be_visible()
    await expect(editor).to_have_value(re.compile("^二番目。"))
    await page.get_by_role("button", name="Next page").click()
    await expect(editor).to_have_value(re.compile("^一番目。"))
    await page.get_by_role("button", name="Delete the page").click()
    await page.get_by_role("group").get_by_role("button", name="Delete the page").click()
    await expect(page.get_by_role("heading", name="Page 1 of 1")).to_be_visible()
    await expect(editor).to_have_value(re.compile("^二番目。"))


async def test_cover_and_schedule(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/editorial", user="Editor")
    id = (await run_as(page, app_server, "Editor", CREATE, **BOOK))["book"]["id"]
    await page.goto(app_server.url(f"/editorial/books/{id}"))
    form = page.get_by_role("form", name="Cover")
    file = form.get_by_label("Image")
    await file.set_input_files([FilePayload(name="a.png", mimeType="image/png", buffer=b"no image")])
    await form.get_by_role("button", name="Upload the cover").click()
    await expect(file).to_have_attribute("aria-invalid", "true")
    await file.set_input_files([FilePayload(name="a.png", mimeType="image/png", buffer=png(32, 48))])
    await form.get_by_role("button", name="Upload the cover").click()
    cover = form.get_by_role("img", name="Cover of 本")
    await expect(cover).to_be_visible()
    await page.wait_for_function("document.querySelector('.editorial-cover').naturalWidth === 32")
    assert await serious_faults(page) == []
    await form.get_by_role("button", name="Remove the cover").click()
    await form.get_by_role("group").get_by_role("button", name="Remove the cover").click()
    await expect(cover).to_have_count(0)
    await page.get_by_label("Publish at").fill("2020-01-01T10:00")
    await page.get_by_role("button", name="Schedule", exact=True).click()
    await expect(page.get_by_label("Publish at")).to_have_attribute("aria-invalid", "true")
    next_year = datetime.now(UTC) + timedelta(days=365)
    await page.get_by_label("Publish at").fill(f"{next_year:%Y-%m-%dT%H:%M}")
    await page.get_by_role("button", name="Schedule", exact=True).click()
    await expect(page.get_by_text("Will be published")).to_be_visible()
    await page.get_by_role("button", name="End the schedule").click()
    await expect(page.get_by_text("Draft", exact=True)).to_be_visible()


async def test_sentence_is_corrected(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/editorial/words?q=yomu", user="Editor")
    await page.get_by_role("link", name="読む 【よむ】").click()
    form = page.get_by_role("form", name="Sentence 1", exact=True)
    await form.get_by_label("Translation of sentence 1").fill("A better translation.")
    await form.get_by_label("Source of the values").fill("A reader")
    await form.get_by_role("button", name="Correct sentence 1").click()
    await expect(form.get_by_role("status")).to_have_text("Saved.")
    # A second correction has the version of the first one.
    await form.get_by_label("Translation of sentence 1").fill("A still better translation.")
    await form.get_by_label("Source of the values").fill("A reader")
    await form.get_by_role("button", name="Correct sentence 1").click()
    await expect(form.get_by_role("status")).to_have_text("Saved.")
    correction = page.locator("li", has_text="A reader")
    await expect(correction).to_contain_text("still")
    assert await serious_faults(page) == []
    await correction.get_by_role("button", name="Revert").click()
    await correction.get_by_role("group").get_by_role("button", name="Revert").click()
    await expect(correction).to_contain_text("Reverted")
    await expect(form.get_by_label("Translation of sentence 1")).not_to_have_value("A still better translation.")


async def test_kanji_is_corrected(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/editorial/words?q=猫", user="Editor")
    await page.get_by_role("region", name="Words and kanji").get_by_role("link", name="猫", exact=True).last.click()
    await expect(page.get_by_role("heading", level=2)).to_have_text("猫")
    assert requests.operations == ["EditorialWords", "EditorialKanji"]
    await page.get_by_label("Meanings in English").fill("")
    await page.get_by_label("Source of the values").fill("A dictionary")
    await page.get_by_role("button", name="Correct the kanji").click()
    await expect(page.get_by_label("Meanings in English")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Meanings in English").fill("cat\nkitten")
    await page.get_by_role("button", name="Correct the kanji").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    assert await serious_faults(page) == []
    correction = page.locator("li", has_text="A dictionary")
    await correction.get_by_role("button", name="Revert").click()
    await correction.get_by_role("group").get_by_role("button", name="Revert").click()
    await expect(page.get_by_label("Meanings in English")).to_have_value("cat")
    await page.set_viewport_size({"width": 390, "height": 800})
    assert await overflow(page) == 0


async def test_word_is_corrected(page: Page, app_server: AppServer, requests: Requests) -> None:
    await open_as(page, app_server, "/editorial/words", user="Editor")
    await page.get_by_role("searchbox").fill("nomu")
    await page.get_by_role("button", name="Search").click()
    await page.get_by_role("link", name="飲む 【のむ】").click()
    await page.get_by_label("Meaning 1:").fill("to drink\nto swig")
    await expect(page.locator("main")).to_contain_text("godan verb (mu)")
    await page.get_by_label("Source of the values").fill("A dictionary")
    await page.get_by_role("button", name="Correct the word").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    correction = page.locator("li", has_text="A dictionary")
    await expect(correction).to_contain_text("swig")
    assert await serious_faults(page) == []
    await correction.get_by_role("button", name="Revert").click()
    await correction.get_by_role("group").get_by_role("button", name="Revert").click()
    await expect(correction).to_contain_text("Reverted")


async def test_report_is_assigned_and_answered(page: Page, app_server: AppServer) -> None:
    await open_as(page, app_server, "/editorial", user="Editor")
    found = await run_as(page, app_server, "Editor", '{ searchVocabulary(query: "yomu", first: 1) { nodes { id } } }')
    input_ = {"objectId": found["nodes"][0]["id"], "reason": "WRONG_MEANING", "comment": uuid4().hex}
    sent = await run_as(page, app_server, "Demo learner", REPORT, **input_)
    await page.get_by_role("link", name="Reports").click()
    report = page.locator(f"[data-report='{sent['report']['id']}']")
    await report.get_by_role("button", name="Assign to me").click()
    await expect(report).to_contain_text("Assigned to")
    await report.get_by_text("Answer", exact=True).click()
    await report.get_by_label("Answer to the learner").fill("Thank you.")
    await report.get_by_role("button", name="Accept").click()
    await expect(report).to_contain_text("Accepted")
    await expect(report).to_contain_text("Thank you.")
