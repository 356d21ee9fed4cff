"""The learners and the requests of a load test, as a file for k6 and for the process of connections."""

import json
from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import Any

import asyncpg

from bench.cached_client import QUERIES
from bench.learners import BOOKS, READS, TEXTBOOKS, Popular
from domain.enums import JlptLevel
from domain.ids import global_id
from server.auth.development_tokens import issue_token
from server.settings import Settings

LEARNERS, CARDS_EACH, DUE_EACH = 10_000, 20, 20
# The exponent of the law by which learners are drawn: the first one sends a tenth of the requests.
ZIPF_EXPONENT = 1.0
# Prepared requests of which clients choose one: as popular as the books, words, … in them.
PUBLIC, SEARCHES = 5_000, 1_000
PERSONAL = {"dashboard": 10, "dueCards": 8, "newestBooks": 7}
OF_CONTENT = {"book", "booksOfLevel", "textbook", "kanji", "vocabularyOfLevel", "jlptContentStats", "newestPublicBooks"}

NEWEST_PUBLIC_BOOKS = """{ books(first: 20) { nodes { id title author jlptLevel pageCount }
    pageInfo { hasNextPage endCursor } } }"""
EXPORT = "mutation { requestExport(input: {kind: CARDS, format: CSV}) { job { id } errors { code } } }"
IMPORT = """mutation($file: Upload!) { startImport(input: {csv: {file: $file}}) {
    import { id } errors { code } } }"""
# By the order of their cards, so that all reviews of a run are of cards that the file has.
PEOPLE = """
    select subject, own.ids from users cross join lateral (
        select array_agg(id) as ids from (
            select id from cards where user_id = users.id and not suspended order by id limit $2) as chosen) as own
    where role = 'learner' and deleted_at is null and cardinality(own.ids) = $2 order by users.id limit $1
"""
# Seeded cards are due in the next year. Not written as learners do: nothing is running.
LET_CARDS_BE_DUE = """
    set session_replication_role = replica;
    update cards set due_at = now() - interval '1 day', due_day = current_date - 1 where id in (
        select id from (
            select id, row_number() over (partition by user_id order by id) as n from cards where state = 'REVIEW'
        ) as numbered where n <= {number}
    ) and due_at > now();
    set session_replication_role = origin;
    vacuum analyze cards;
"""


async def build_population(owner: asyncpg.Connection, number: int, streams: int) -> str:
    """Return the content of the file. `streams`: how many of the learners have open streams, spread over all ranks.

    Raises RuntimeError if there are too few learners.
    """
    people = await owner.fetch(PEOPLE, number, CARDS_EACH)
    if len(people) < number:
        raise RuntimeError(f"{len(people)} learners have cards, {number} are needed: see bench/load/README.md.")
    settings, chance = Settings.load(), Random(0)
    # Popularity is independent of age.
    chance.shuffle(people)
    learners = [
        {"token": issue_token(settings, row["subject"]), "cards": [global_id("Card", id) for id in row["ids"]]}
        for row in people
    ]
    contents = await Contents.find(owner)
    population = {
        "learners": learners,
        "streaming": list(range(0, number, max(number // streams, 1)))[:streams],
        "zipf": list(accumulate(rank**-ZIPF_EXPONENT for rank in range(1, number + 1))),
        "public": contents.draw(chance, {name: READS.get(name, 10) for name in sorted(OF_CONTENT)}, PUBLIC),
        "personal": contents.draw(chance, PERSONAL, sum(PERSONAL.values()) * 4),
        "search": contents.draw(chance, {"searchVocabulary": 1}, SEARCHES),
        "queries": [QUERIES["reviewCards"], EXPORT, IMPORT],
    }
    return json.dumps(population)


async def let_cards_be_due(owner: asyncpg.Connection) -> None:
    for statement in LET_CARDS_BE_DUE.format(number=DUE_EACH).split(";"):
        if statement.strip():
            await owner.execute(statement)


class Contents:
    """Content by popularity, and the queries that read it."""

    def __init__(self, books: list[Any], textbooks: list[Any], kanji: list[str], words: list[str]) -> None:
        self._books, self._textbooks = Popular(books), Popular(textbooks)
        self._kanji, self._words = Popular(kanji), Popular(words)

    @classmethod
    async def find(cls, owner: asyncpg.Connection) -> "Contents":
        books = [row["id"] for row in await owner.fetch(BOOKS)]
        textbooks = [row["id"] for row in await owner.fetch(TEXTBOOKS)]
        chance = Random(0)
        chance.shuffle(books)
        chance.shuffle(textbooks)
        kanji = await owner.fetch("select character from kanji order by jlpt_level desc nulls last, id limit 2000")
        words = await owner.fetch(
            "select word from vocabulary where jlpt_level is not null order by jlpt_level desc, id"
        )
        return cls(books, textbooks, [row["character"] for row in kanji], [row["word"] for row in words])

    def draw(self, chance: Random, weights: Mapping[str, int], number: int) -> list[str]:
        """Bodies of requests."""
        return [
            json.dumps(
                {
                    "query": NEWEST_PUBLIC_BOOKS if name == "newestPublicBooks" else QUERIES[name],
                    "variables": self._variables(chance, name),
                }
            )
            for name in chance.choices(list(weights), list(weights.values()), k=number)
        ]

    def _variables(self, chance: Random, name: str) -> dict[str, Any]:
        match name:
            case "book":
                return {"id": global_id("Book", self._books.draw(chance))}
            case "textbook":
                return {"id": global_id("Textbook", self._textbooks.draw(chance))}
            case "kanji":
                return {"character": self._kanji.draw(chance)}
            case "searchVocabulary":
                return {"query": self._words.draw(chance)}
            case "booksOfLevel" | "vocabularyOfLevel":
                return {"level": chance.choice(list(JlptLevel))}
        return {}
