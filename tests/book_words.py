"""The words of books, recomputed from the tokens of their pages, and learners with cards of them."""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from db.core.database import owner_connection
from domain.ids import new_id, parse_global_id
from tests.clients import Client

BOOKS = "{ books(first: 40, filter: {hasText: true}) { nodes { id title pageCount } } }"
PAGES = """
    query($id: ID!, $after: String) { book(id: $id) { pages(first: 5, after: $after) {
        nodes { number tokens { surface dictionaryForm partOfSpeech vocabulary { id } } } pageInfo { endCursor }
    } } }
"""
GRAMMAR = {"PARTICLE", "AUXILIARY", "SYMBOL", "WHITESPACE"}


@dataclass
class ReferenceBook:
    """Occurrences by word, the first occurrence of each, and occurrences of words without an entry."""

    id: str
    title: str
    words: Counter[UUID] = field(default_factory=Counter)
    first: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def token_count(self) -> int:
        return self.words.total() + self.unknown.total()


async def reference_books(client: Client) -> list[ReferenceBook]:
    """All books with text."""
    books = []
    for node in (await client.run(BOOKS)).data["books"]["nodes"]:
        book = ReferenceBook(node["id"], node["title"])
        after, count = None, 0
        while count < node["pageCount"]:
            pages = (await client.run(PAGES, {"id": book.id, "after": after})).data["book"]["pages"]
            for page in pages["nodes"]:
                _add_page(book, page)
            after = pages["pageInfo"]["endCursor"]
            count += len(pages["nodes"])
        books.append(book)
    return books


def _add_page(book: ReferenceBook, page: dict[str, Any]) -> None:
    start = 0
    for token in page["tokens"]:
        if token["partOfSpeech"] in GRAMMAR:
            pass
        elif token["vocabulary"] is not None:
            word = parse_global_id(token["vocabulary"]["id"])[1]
            book.words[word] += 1
            book.first.setdefault(word, (page["number"], start))
        elif token["partOfSpeech"] not in ("NUMERAL", "PROPER_NOUN"):
            book.unknown[token["dictionaryForm"]] += 1
        start += len(token["surface"])


async def create_learner(client: Client, url: str, subject: str, cards: dict[UUID, tuple[str, float]]) -> UUID:
    """Signs the learner in and inserts cards: state and interval in days by word."""
    await client.run("{ viewer { id } }", user=subject)
    async with owner_connection(url) as connection:
        id: UUID = await connection.fetchval("select id from users where subject = $1", subject)
        await connection.executemany(
            "insert into cards (id, user_id, vocabulary_id, state, due_at, interval_days, ease_factor, repetitions,"
            " lapses) values ($1, $2, $3, $4, now(), $5, 2.5, 0, 0)",
            [(new_id(), id, word, *card) for word, card in cards.items()],
        )
    return id


def random_cards(random_: random.Random, words: list[UUID], share: float) -> dict[UUID, tuple[str, float]]:
    """Cards of a random part of the words in all states, with intervals below, at and above that of mature cards."""
    chosen = random_.sample(words, int(len(words) * share))
    states = [("NEW", 0.0), ("LEARNING", 0.01), ("REVIEW", 20.99), ("REVIEW", 21.0), ("RELEARNING", 40.0)]
    return {word: random_.choices(states, [1, 1, 1, 5, 2])[0] for word in chosen}
