"""The compared operations, and the data that they need."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db.core.database import owner_connection
from domain.ids import global_id

QUERIES = {
    "booksWithProgress": """query($first: Int!) { books(first: $first) { totalCount nodes {
        id title author description jlptLevel pageCount progress { currentPage percent status } } } }""",
    "textbookWithChapters": """query($id: ID!) { textbook(id: $id) {
        id title jlptLevel chapters { id position title vocabulary { id word reading meanings } } } }""",
    "dueCards": """query($first: Int!) { viewer { dueCards(first: $first) { nodes {
        id state dueAt intervalDays vocabulary { id word reading meanings jlptLevel } } } } }""",
    "book": "query($id: ID!) { book(id: $id) { title author pageCount } }",
    "searchVocabulary": """query($query: String!) { searchVocabulary(query: $query) { nodes {
        id word reading meanings } } }""",
    "reviewCards": """mutation($input: ReviewCardsInput!) { reviewCards(input: $input) { results {
        duplicate error { code } card { id dueAt state } } } }""",
}

# Learners with enough due cards, and a textbook of twelve chapters.
LEARNERS = """
    select users.id, subject from users join cards on user_id = users.id
    where not suspended and users.deleted_at is null group by users.id having count(*) >= 50 order by users.id limit $1
"""
DUE_CARDS = """
    update cards set due_at = least(due_at, now()) where id in (
        select id from cards where user_id = $1 and not suspended order by due_at, id limit 50)
"""
TEXTBOOK = """
    select textbook_id from chapters join textbooks on textbooks.id = textbook_id
    where is_public and textbooks.deleted_at is null group by 1 having count(*) = 12 order by 1 limit 1
"""
CARDS = "select id from cards where user_id = $1 and not suspended order by id limit 50"
NEWEST_BOOKS = """
    insert into reading_progress (id, user_id, book_id, current_page, started_at, last_read_at)
        select gen_random_uuid(), $1, id, 1 + page_count / 3, now(), now() from books
        where published_at is not null and deleted_at is null order by created_at desc, id desc limit 20
    on conflict do nothing
"""


@dataclass(frozen=True)
class Subjects:
    """The subjects and the ids of the operations. `cards`: fifty of the first learner."""

    learner_id: UUID
    learners: list[str]
    book_id: UUID
    textbook_id: UUID
    cards: list[UUID]

    @property
    def learner(self) -> str:
        return self.learners[0]

    def variables(self) -> dict[str, dict[str, Any]]:
        return {
            "booksWithProgress": {"first": 20},
            "textbookWithChapters": {"id": global_id("Textbook", self.textbook_id)},
            "dueCards": {"first": 50},
            "book": {"id": global_id("Book", self.book_id)},
            "searchVocabulary": {"query": "tabemono"},
        }

    def bodies(self) -> dict[str, str]:
        """The request body. A review's idempotency key ends in `REVIEW`, which each request replaces by its number."""
        variables = self.variables()
        reviews = [
            {"cardId": global_id("Card", id), "quality": 4, "idempotencyKey": f"{index}-REVIEW"}
            for index, id in enumerate(self.cards)
        ]
        variables["reviewCards"] = {"input": {"reviews": reviews}}
        return {name: json.dumps({"query": QUERIES[name], "variables": variables[name]}) for name in QUERIES}


async def prepare(url: str, learners: int = 1) -> Subjects:
    """Finds the data on the seeded platform. Lets the learners start the newest books and have cards to review."""
    async with owner_connection(url) as connection:
        rows = await connection.fetch(LEARNERS, learners)
        if len(rows) < learners:
            raise RuntimeError(f"{len(rows)} learners have 50 cards, not {learners}: run `make seed` first.")
        for row in rows:
            await connection.execute(NEWEST_BOOKS, row["id"])
            await connection.execute(DUE_CARDS, row["id"])
        learner_id = rows[0]["id"]
        return Subjects(
            learner_id,
            [row["subject"] for row in rows],
            await connection.fetchval("select id from books where published_at is not null order by id limit 1"),
            await connection.fetchval(TEXTBOOK),
            [row["id"] for row in await connection.fetch(CARDS, learner_id)],
        )
