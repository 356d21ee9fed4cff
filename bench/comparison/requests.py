"""Requests of many viewers, each with a token of their own, with ids drawn at random."""

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Self
from uuid import UUID

import asyncpg

from bench.comparison.operations import QUERIES, TEXTBOOK
from bench.harness import token
from db.core.database import owner_connection
from domain.ids import global_id

VIEWERS, REQUESTS, REVIEWS = 1_000, 2_000, 50

# Learners with enough cards.
_VIEWERS = """
    select user_id, subject, own.cards from users join (
        select user_id, (array_agg(id order by due_at, id))[:$2] as cards from cards
        where not suspended and deleted_at is null and vocabulary_id is not null group by user_id having count(*) >= $2
    ) as own on user_id = users.id
    where deleted_at is null and role = 'learner' order by users.id limit $1
"""
_DUE = "update cards set due_at = now() - interval '1 hour' where id = any($1::uuid[]) and due_at > now()"
# All viewers read the newest books.
_PROGRESS = """
    insert into reading_progress (id, user_id, book_id, current_page, started_at, last_read_at)
        select gen_random_uuid(), user_id, newest.id, 1 + page_count / 3, now(), now()
        from unnest($1::uuid[]) as viewers (user_id) cross join (
            select id, page_count from books where published_at is not null and deleted_at is null
            order by created_at desc, id desc limit 20) as newest
    on conflict do nothing
"""
_BOOKS = "select id from books where published_at is not null and deleted_at is null"
_TEXTBOOKS = TEXTBOOK.replace("limit 1", "")
# Distinct queries of learners who know the beginning of a word.
_WORDS = "select distinct left(romaji, 4) as word from vocabulary where length(romaji) > 5 order by 1 limit 500"


@dataclass(frozen=True)
class Request:
    """`body`: the idempotency key of a review ends in `REVIEW`, which each request replaces by its number."""

    token: str
    body: str


@dataclass(frozen=True)
class Population:
    """The viewers with their cards, and the ids that requests are drawn from."""

    viewers: list[tuple[str, list[UUID]]]
    books: list[UUID]
    textbooks: list[UUID]
    words: list[str]

    @classmethod
    async def prepare(cls, url: str) -> Self:
        """Finds the data on the seeded platform. Lets the viewers start the newest books and have cards to review."""
        async with owner_connection(url) as connection:
            rows = await connection.fetch(_VIEWERS, VIEWERS, REVIEWS)
            if not rows:
                raise RuntimeError("No learner has 50 cards: run `make seed` first.")
            await connection.execute(_DUE, [card for row in rows for card in row["cards"]])
            await connection.execute(_PROGRESS, [row["user_id"] for row in rows])
            await connection.execute("vacuum (analyze) cards, reading_progress")
            books, textbooks, words = [await _first_column(connection, sql) for sql in (_BOOKS, _TEXTBOOKS, _WORDS)]
            return cls([(row["subject"], row["cards"]) for row in rows], books, textbooks, words)

    def draw(self, operation: str, seed: int = 0) -> list[Request]:
        chance = Random(f"{operation} {seed}")
        tokens: dict[str, str] = {}
        drawn = []
        for _ in range(REQUESTS):
            subject, cards = chance.choice(self.viewers)
            body = json.dumps({"query": QUERIES[operation], "variables": self._variables(operation, cards, chance)})
            drawn.append(Request(tokens.setdefault(subject, token(subject)), body))
        return drawn

    def _variables(self, operation: str, cards: list[UUID], chance: Random) -> dict[str, Any]:
        match operation:
            case "booksWithProgress":
                return {"first": 20}
            case "dueCards":
                return {"first": 50}
            case "textbookWithChapters":
                return {"id": global_id("Textbook", chance.choice(self.textbooks))}
            case "book":
                return {"id": global_id("Book", chance.choice(self.books))}
            case "searchVocabulary":
                return {"query": chance.choice(self.words)}
        reviews = [
            {"cardId": global_id("Card", id), "quality": 4, "idempotencyKey": f"{number}-REVIEW"}
            for number, id in enumerate(cards)
        ]
        return {"input": {"reviews": reviews}}


async def _first_column(connection: asyncpg.Connection, sql: str) -> list[Any]:
    return [row[0] for row in await connection.fetch(sql)]


def write(requests: list[Request], path: Path) -> None:
    """One request a line, for wrk."""
    path.write_text("".join(f"{request.token} {request.body}\n" for request in requests))
