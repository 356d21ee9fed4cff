"""A handler written for each operation: one statement, and a response built in Python.

It trusts tokens without verifying them, supports no other fields, and reads as the owner of the tables, without
row-level security: a lower bound of the cost of a response.
"""

import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from db.queries.search import paged_search_results, search_values
from db.queries.vocabulary import VocabularyFilter
from domain.ids import global_id, parse_global_id
from domain.pages import page_arguments

BOOKS = """
    select books.id, title, author, description, jlpt_level, page_count, current_page,
        finished_at is not null as finished, least(100, current_page::float8 * 100 / page_count) as percent,
        (select count(*) from books where deleted_at is null and published_at is not null) as total
    from books left join reading_progress on book_id = books.id and user_id = $1
    where deleted_at is null and published_at is not null
    order by books.created_at desc, books.id desc limit $2
"""
TEXTBOOK = """
    select textbooks.title as textbook_title, textbooks.jlpt_level, chapters.id as chapter_id, chapters.position,
        chapters.title, vocabulary.id, word, reading, meanings
    from textbooks join chapters on textbook_id = textbooks.id
        join chapter_vocabulary on chapter_id = chapters.id join vocabulary on vocabulary.id = vocabulary_id
    where textbooks.id = $1 and textbooks.deleted_at is null and chapters.deleted_at is null
    order by chapters.position, chapter_vocabulary.position
"""
CARDS = """
    select cards.id as card_id, state, due_at, interval_days, vocabulary.id, word, reading, meanings, jlpt_level
    from cards join vocabulary on vocabulary.id = vocabulary_id
    where user_id = $1 and not suspended and cards.deleted_at is null and due_at <= now()
    order by due_at, cards.id limit $2
"""
REVIEWS = Path(__file__).with_name("reviews.sql").read_text()
BOOK = "select title, author, page_count from books where id = $1 and deleted_at is null"

search = paged_search_results(VocabularyFilter()).page(page_arguments(None, None))


async def books_with_progress(pool: asyncpg.Pool, viewer: UUID, variables: dict[str, Any]) -> Any:
    nodes = []
    rows = await pool.fetch(BOOKS, viewer, variables["first"])
    for row in rows:
        page = row["current_page"]
        progress = None
        if page is not None:
            status = "FINISHED" if row["finished"] else "READING" if page else "NOT_STARTED"
            progress = {"currentPage": page, "percent": row["percent"], "status": status}
        nodes.append(
            {
                "id": global_id("Book", row["id"]),
                "title": row["title"],
                "author": row["author"],
                "description": row["description"],
                "jlptLevel": row["jlpt_level"],
                "pageCount": row["page_count"],
                "progress": progress,
            }
        )
    return {"books": {"totalCount": rows[0]["total"], "nodes": nodes}}


async def textbook_with_chapters(pool: asyncpg.Pool, viewer: UUID, variables: dict[str, Any]) -> Any:
    _, textbook_id = parse_global_id(variables["id"])
    rows = await pool.fetch(TEXTBOOK, textbook_id)
    chapters: list[Any] = []
    last = None
    for row in rows:
        if row["chapter_id"] != last:
            last = row["chapter_id"]
            words: list[Any] = []
            chapter = {"id": global_id("Chapter", last), "position": row["position"], "title": row["title"]}
            chapters.append({**chapter, "vocabulary": words})
        words.append(word_of(row))
    first = rows[0]
    textbook = {"id": variables["id"], "title": first["textbook_title"], "jlptLevel": first["jlpt_level"]}
    return {"textbook": {**textbook, "chapters": chapters}}


async def due_cards(pool: asyncpg.Pool, viewer: UUID, variables: dict[str, Any]) -> Any:
    nodes = [
        {
            "id": global_id("Card", row["card_id"]),
            "state": row["state"],
            "dueAt": date_time(row["due_at"]),
            "intervalDays": row["interval_days"],
            "vocabulary": {**word_of(row), "jlptLevel": row["jlpt_level"]},
        }
        for row in await pool.fetch(CARDS, viewer, variables["first"])
    ]
    return {"viewer": {"dueCards": {"nodes": nodes}}}


async def book(pool: asyncpg.Pool, viewer: UUID, variables: dict[str, Any]) -> Any:
    _, id = parse_global_id(variables["id"])
    row = await pool.fetchrow(BOOK, id)
    assert row is not None
    return {"book": {"title": row["title"], "author": row["author"], "pageCount": row["page_count"]}}


async def search_vocabulary(pool: asyncpg.Pool, viewer: UUID, variables: dict[str, Any]) -> Any:
    values = {**search_values(variables["query"]), "limit": 21}
    rows = await pool.fetch(search.sql, *search.arguments(values))
    return {"searchVocabulary": {"nodes": [word_of(row) for row in rows[:20]]}}


async def review_cards(pool: asyncpg.Pool, viewer: UUID, variables: dict[str, Any]) -> Any:
    reviews = variables["input"]["reviews"]
    ids = [parse_global_id(review["cardId"])[1] for review in reviews]
    rows = {row["id"]: row for row in await pool.fetch(REVIEWS, viewer, ids, [review["quality"] for review in reviews])}
    results = []
    for review, id in zip(reviews, ids, strict=True):
        row = rows[id]
        card = {"id": review["cardId"], "dueAt": date_time(row["due_at"]), "state": row["state"]}
        results.append({"duplicate": False, "error": None, "card": card})
    return {"reviewCards": {"results": results}}


def date_time(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def word_of(row: Any) -> dict[str, Any]:
    return {
        "id": global_id("Vocabulary", row["id"]),
        "word": row["word"],
        "reading": row["reading"],
        "meanings": row["meanings"],
    }


HANDLERS = {
    "booksWithProgress": books_with_progress,
    "textbookWithChapters": textbook_with_chapters,
    "dueCards": due_cards,
    "book": book,
    "searchVocabulary": search_vocabulary,
    "reviewCards": review_cards,
}

# The ids of users by the header with their token.
viewers: dict[str, UUID] = {}


async def viewer_of(pool: asyncpg.Pool, authorization: str) -> UUID:
    id = viewers.get(authorization)
    if id is None:
        claims = authorization.split(".")[1]
        subject = orjson.loads(base64.urlsafe_b64decode(claims + "=="))["sub"]
        id = viewers[authorization] = await pool.fetchval("select id from users where subject = $1", subject)
    return id


async def answer(request: Request) -> Response:
    pool = request.state.pool
    variables = orjson.loads(await request.body())["variables"]
    viewer = await viewer_of(pool, request.headers["authorization"])
    data = await HANDLERS[request.path_params["name"]](pool, viewer, variables)
    return Response(orjson.dumps({"data": data}), media_type="application/json")


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
    settings = {"timezone": "UTC", "jit": "off"}
    async with asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=2, max_size=10, server_settings=settings
    ) as pool:
        yield {"pool": pool}


app = Starlette(routes=[Route("/{name}", answer, methods=["POST"])], lifespan=lifespan)
