"""Operations of learners and editors, whose books, textbooks, kanji and words follow a Zipf distribution."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any, Generic, Self, TypeVar
from uuid import UUID, uuid4

import asyncpg

from domain.enums import JlptLevel
from domain.ids import global_id

LEARNERS = 500
WRITES, BOOK_UPDATES = 1 / 10, 1 / 40
ZIPF_EXPONENT = 1.1
REVIEWS_A_BATCH = 5

# The frequency of each query, in percent of reads.
READS = {
    "book": 20,
    "newestBooks": 20,
    "booksOfLevel": 8,
    "textbook": 12,
    "kanji": 6,
    "searchVocabulary": 6,
    "vocabularyOfLevel": 6,
    "jlptContentStats": 4,
    "dashboard": 10,
    "dueCards": 8,
}
OF_THE_VIEWER = {"dashboard", "dueCards"}

# Learners with enough cards to review, and their number of cards.
PEOPLE = """
    select subject, own.ids from users cross join lateral (
        select array_agg(id) as ids from (
            select id from cards where user_id = users.id and not suspended order by id limit 50) as chosen) as own
    where role = 'learner' and deleted_at is null and cardinality(own.ids) >= $2 order by users.id limit $1
"""
BOOKS = """
    select id, page_count from books where published_at is not null and deleted_at is null order by id
"""
TEXTBOOKS = "select id from textbooks where is_public and deleted_at is null order by id"

ThingT = TypeVar("ThingT")


@dataclass(frozen=True)
class Operation:
    """An operation of a learner or an editor."""

    name: str
    subject: str
    variables: dict[str, Any]

    @property
    def key(self) -> str:
        """Equal for operations with equal responses."""
        return f"{self.name} {self.variables} {self.subject if self.name in OF_THE_VIEWER else ''}"


class Popular(Generic[ThingT]):
    """Items by popularity, which follows Zipf's law."""

    def __init__(self, things: Iterable[ThingT]) -> None:
        self._things = list(things)
        ranks = range(1, len(self._things) + 1)
        self._weights = list(accumulate(rank**-ZIPF_EXPONENT for rank in ranks))

    def draw(self, chance: Random) -> ThingT:
        [thing] = chance.choices(self._things, cum_weights=self._weights)
        return thing


@dataclass(frozen=True)
class Platform:
    """Existing users and content. `people`: subjects and their cards; `books`: ids and page counts."""

    people: Popular[tuple[str, list[UUID]]]
    books: Popular[tuple[UUID, int]]
    textbooks: Popular[UUID]
    kanji: Popular[str]
    words: Popular[str]

    @classmethod
    async def find(cls, owner: asyncpg.Connection) -> Self:
        books = [tuple(row) for row in await owner.fetch(BOOKS)]
        textbooks = [row["id"] for row in await owner.fetch(TEXTBOOKS)]
        # Popularity is independent of age.
        chance = Random(0)
        chance.shuffle(books)
        chance.shuffle(textbooks)
        # Easy words and kanji are popular.
        kanji = await owner.fetch("select character from kanji order by jlpt_level desc nulls last, id")
        words = await owner.fetch("select word from vocabulary order by jlpt_level desc, id")
        return cls(
            Popular(tuple(row) for row in await owner.fetch(PEOPLE, LEARNERS, REVIEWS_A_BATCH)),
            Popular(books),
            Popular(textbooks),
            Popular(row["character"] for row in kanji),
            Popular(row["word"] for row in words),
        )

    def operations(self, seed: int, number: int) -> Iterator[Operation]:
        """Deterministic for a seed, except for the idempotency keys of reviews."""
        chance = Random(seed)
        for _ in range(number):
            subject, cards = self.people.draw(chance)
            if chance.random() >= WRITES:
                yield self._read(chance, subject)
            elif chance.random() < BOOK_UPDATES:
                yield Operation("updateBook", "editor", self._book(chance))
            elif chance.random() < 0.5:
                yield self._reviewing(chance, subject, cards)
            else:
                yield self._reading(chance, subject)

    def _read(self, chance: Random, subject: str) -> Operation:
        [name] = chance.choices(list(READS), list(READS.values()))
        return Operation(name, subject, self._variables(chance, name))

    def _variables(self, chance: Random, name: str) -> dict[str, Any]:
        match name:
            case "book":
                return self._book(chance)
            case "textbook":
                return {"id": global_id("Textbook", self.textbooks.draw(chance))}
            case "kanji":
                return {"character": self.kanji.draw(chance)}
            case "searchVocabulary":
                return {"query": self.words.draw(chance)}
            case "booksOfLevel" | "vocabularyOfLevel":
                return {"level": chance.choice(list(JlptLevel))}
        return {}

    def _book(self, chance: Random) -> dict[str, str]:
        return {"id": global_id("Book", self.books.draw(chance)[0])}

    def _reading(self, chance: Random, subject: str) -> Operation:
        id, pages = self.books.draw(chance)
        page = {"bookId": global_id("Book", id), "currentPage": chance.randint(1, pages)}
        return Operation("updateReadingProgress", subject, {"input": page})

    def _reviewing(self, chance: Random, subject: str, cards: list[UUID]) -> Operation:
        reviews = [
            {"cardId": global_id("Card", id), "quality": chance.randint(2, 5), "idempotencyKey": str(uuid4())}
            for id in chance.sample(cards, REVIEWS_A_BATCH)
        ]
        return Operation("reviewCards", subject, {"input": {"reviews": reviews}})
