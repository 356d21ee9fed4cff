"""The screens of the example app, by the operation of their first view."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from domain.enums import Role
from domain.ids import global_id
from server.example_app import BUILD
from tests.databases import column, execute
from tests.import_samples import ANALYZED_IMPORT
from tests.statements.operations import Operation, Stage, none

DIRECTORY = Path(__file__).parent / "screens"
_TEXTBOOK = (
    "select id from textbooks where owner_id is null and id in (select textbook_id from chapters) order by id limit 1"
)
_DOCUMENTS = BUILD / "documents.json"


@dataclass(frozen=True)
class Screen(Operation):
    """`path`: as in the app's list of screens."""

    path: str = ""

    @property
    def text(self) -> str:
        if not _DOCUMENTS.exists():
            pytest.skip("The app is not built: `make app` needs Node.")
        return _document(self.name)


@cache
def _document(operation: str) -> str:
    """The registered document of an operation."""
    documents: dict[str, str] = json.loads(_DOCUMENTS.read_text())
    [text] = [text for text in documents.values() if f"query {operation} " in text or f"query {operation}(" in text]
    return text


async def _study(_: Stage, __: int) -> dict[str, Any]:
    return {"first": 50}


async def _a_year(_: Stage, __: int) -> dict[str, Any]:
    return {"from": str(datetime.now(UTC).date() - timedelta(days=364)), "unit": "WEEK"}


async def _an_import(stage: Stage, _: int) -> dict[str, Any]:
    await execute(stage.url, ANALYZED_IMPORT.format(number=1, subject=stage.subject))
    of_learner = f"select imports.id from imports join users on users.id = user_id where subject = '{stage.subject}'"
    [found] = await column(stage.url, of_learner)
    return {"id": global_id("Import", found)}


async def _all_books(_: Stage, __: int) -> dict[str, Any]:
    return {"filter": {"published": None, "search": None}}


async def _page_of_book(stage: Stage, _: int) -> dict[str, Any]:
    [book] = await column(stage.url, "select id from books where has_text order by jlpt_level, id limit 1")
    return {"id": global_id("Book", book), "page": 1}


async def _search(_: Stage, __: int) -> dict[str, Any]:
    return {"query": "taberu", "searches": True}


async def _word(stage: Stage, _: int) -> dict[str, Any]:
    [word] = await column(stage.url, "select id from vocabulary where word = '食べる' and jlpt_level is not null")
    return {"id": global_id("Vocabulary", word)}


async def _cat(stage: Stage, _: int) -> dict[str, Any]:
    [kanji] = await column(stage.url, "select id from kanji where character = '猫'")
    return {"id": global_id("Kanji", kanji)}


async def _open_reports(_: Stage, __: int) -> dict[str, Any]:
    return {"filter": {"state": "OPEN"}}


async def _deleted_books(_: Stage, __: int) -> dict[str, Any]:
    return {"type": "BOOK"}


async def _all_users(_: Stage, __: int) -> dict[str, Any]:
    return {"filter": {}}


async def _user(stage: Stage, _: int) -> dict[str, Any]:
    [user] = await column(stage.url, f"select id from users where subject = '{stage.subject}'")
    return {"id": global_id("User", user)}


async def _usage(_: Stage, __: int) -> dict[str, Any]:
    return {"coordinate": "Book.title", "searches": True}


async def _textbooks(_: Stage, __: int) -> dict[str, Any]:
    return {"first": 12, "filter": {"jlptLevels": None, "mine": None}}


async def _level(_: Stage, __: int) -> dict[str, Any]:
    return {"level": "N5"}


async def _textbook(stage: Stage, _: int) -> dict[str, Any]:
    [textbook] = await column(stage.url, _TEXTBOOK)
    return {"id": global_id("Textbook", textbook)}


async def _chapter(stage: Stage, _: int) -> dict[str, Any]:
    [chapter] = await column(stage.url, f"select id from chapters where textbook_id in ({_TEXTBOOK}) and position = 1")
    return {"id": global_id("Chapter", chapter)}


async def _newest_books(_: Stage, __: int) -> dict[str, Any]:
    return {"filter": {}, "orderBy": "NEWEST"}


async def _book(stage: Stage, _: int) -> dict[str, Any]:
    return {"id": (await _page_of_book(stage, 1))["id"]}


async def _first_page(stage: Stage, _: int) -> dict[str, Any]:
    return {**await _book(stage, 1), "number": 1}


async def _dictionary(_: Stage, __: int) -> dict[str, Any]:
    return {"query": "taberu", "isSearch": True}


async def _water(_: Stage, __: int) -> dict[str, Any]:
    return {"filter": {"component": "氵", "maxStrokeCount": 8}}


async def _a_month(_: Stage, __: int) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    return {"from": str(today - timedelta(days=29)), "to": str(today)}


SCREENS = [
    Screen("Home", None, none, path="/"),
    Screen("Library", None, _newest_books, path="/library"),
    Screen("Book", None, _book, path="/books/:id"),
    Screen("Reader", None, _first_page, path="/books/:id/:page"),
    Screen("Dictionary", None, _dictionary, path="/dictionary"),
    Screen("Kanji", None, _water, path="/dictionary/kanji"),
    Screen("Study", None, _study, path="/review"),
    Screen("Textbooks", None, _textbooks, path="/textbooks"),
    Screen("Generate", None, _level, path="/textbooks/generate"),
    Screen("Textbook", None, _textbook, path="/textbooks/:id"),
    Screen("Chapter", None, _chapter, path="/textbooks/:id/:chapterId"),
    Screen("Statistics", None, _a_year, path="/statistics"),
    Screen("Settings", None, none, path="/settings"),
    Screen("Imports", None, none, path="/settings/import"),
    Screen("Import", None, _an_import, path="/settings/import/:id"),
    Screen("Data", None, none, path="/settings/data"),
    Screen("EditorialBooks", None, _all_books, Role.EDITOR, path="/editorial"),
    Screen("EditorialBook", None, _page_of_book, Role.EDITOR, path="/editorial/books/:id"),
    Screen("EditorialWords", None, _search, Role.EDITOR, path="/editorial/words"),
    Screen("EditorialWord", None, _word, Role.EDITOR, path="/editorial/words/:id"),
    Screen("EditorialKanji", None, _cat, Role.EDITOR, path="/editorial/kanji/:id"),
    Screen("EditorialReports", None, _open_reports, Role.EDITOR, path="/editorial/reports"),
    Screen("EditorialTrash", None, _deleted_books, Role.EDITOR, path="/editorial/trash"),
    Screen("AdminOverview", None, none, Role.ADMIN, path="/admin"),
    Screen("AdminUsers", None, _all_users, Role.ADMIN, path="/admin/users"),
    Screen("AdminUser", None, _user, Role.ADMIN, path="/admin/users/:id"),
    Screen("AdminJobs", None, _all_users, Role.ADMIN, path="/admin/jobs"),
    Screen("AdminSchedules", None, none, Role.ADMIN, path="/admin/schedules"),
    Screen("AdminWebhooks", None, none, Role.ADMIN, path="/admin/webhooks"),
    Screen("AdminAudit", None, none, Role.ADMIN, path="/admin/audit"),
    Screen("AdminOperations", None, none, Role.ADMIN, path="/admin/operations"),
    Screen("AdminErrors", None, none, Role.ADMIN, path="/admin/errors"),
    Screen("AdminUsage", None, _usage, Role.ADMIN, path="/admin/usage"),
    Screen("AdminAnalytics", None, _a_month, Role.ADMIN, path="/admin/analytics"),
]
