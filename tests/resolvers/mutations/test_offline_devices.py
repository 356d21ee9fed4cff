"""Devices that work offline converge, whatever each of them, SQL and open transactions change meanwhile.

Nothing that a device sent is lost or saved twice, and cards are the fold of their logs.
"""

import asyncio
import os
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db.core.database import owner_connection
from domain.ids import global_id, parse_global_id
from tests.clients import Client
from tests.databases import column
from tests.device_copies import DeviceCopy
from tests.review_assertions import answer, check_cards, days_ago

# `make fuzz` runs a thousand.
RUNS = int(os.environ.get("FUZZ_SYNCHRONISATIONS", "6"))
SEED = os.environ.get("FUZZ_SEED", "devices")
DEVICES, ROUNDS = 3, 3

# Cards of the devices, and cards that only SQL changes: its transactions stay open and would block devices.
OWN_CARDS, OTHER_CARDS = 5, 4
CREATE = "mutation($input: CreateCardsInput!) { createCards(input: $input) { cards { id } errors { code } } }"
MUTATIONS = {
    "reviewCards": "results { error { code } } errors { code }",
    "undoReviews": "errors { code }",
    "setCardsSuspended": "errors { code }",
    "tagCards": "errors { code }",
    "deleteCards": "errors { code }",
    "restoreCards": "errors { code }",
    **dict.fromkeys(("resetCards", "buryCards", "unburyCards", "rescheduleCards"), "errors { code }"),
    "undoScheduleChange": "errors { code }",
    "answerExercises": "results { error { code } } errors { code }",
    "updateChapterProgress": "errors { code }",
    "updateReadingProgress": "errors { code }",
    "updateStudySettings": "errors { code }",
}
EXERCISES = """
    select exercises.id, chapter_id, jsonb_array_length(prompts) as size from exercises
        join chapters on chapters.id = chapter_id join textbooks on textbooks.id = textbook_id
    where is_public order by exercises.position, chapter_id limit 4
"""
INSERT_PROGRESS = """
    insert into reading_progress (id, user_id, book_id, current_page, started_at, last_read_at)
        values (gen_random_uuid(), $1, $2, 1, now(), now())
        on conflict (user_id, book_id) do update set current_page = 3 - reading_progress.current_page
"""
INSERT_REVIEW = """
    insert into reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
            interval_days_after, day)
        select gen_random_uuid(), now() - random() * interval '90 days', user_id, id, 'sql', 4, 1, 1, now() from cards
        where id = $1
"""


class Run:
    """A learner with three devices, and the writers of one history."""

    def __init__(self, client: Client, url: str, number: int) -> None:
        self.client, self.url, self.number = client, url, number
        self.subject = f"devices-{SEED}-{number}"
        # Keys of saved reviews and attempts; cards of saved changes by key.
        self.sent: set[str] = set()
        self.attempts: set[str] = set()
        self.changes: dict[str, set[str]] = {}
        self.books: list[UUID] = []
        self.exercises: list[Any] = []
        self.cards: list[str] = []
        self.other_cards: list[UUID] = []
        self.user_id = UUID(int=0)
        # Writers end their transactions after this many pages, or when all devices have finished.
        self.pages_read = 0
        self.progressed = asyncio.Condition()
        self.finished = False

    async def start(self) -> None:
        words = await column(self.url, f"select id from vocabulary order by id limit {OWN_CARDS + OTHER_CARDS}")
        payload = await self.mutate("createCards", {"vocabularyIds": [global_id("Vocabulary", id) for id in words]})
        ids = [card["id"] for card in payload["cards"]]
        self.cards = ids[:OWN_CARDS]
        self.books = await column(
            self.url, "select id from books where published_at is not null and page_count > 9 order by id limit 4"
        )
        async with owner_connection(self.url) as connection:
            self.user_id = await connection.fetchval("select id from users where subject = $1", self.subject)
            own = await connection.fetch("select id from cards where user_id = $1", self.user_id)
            self.exercises = await connection.fetch(EXERCISES)
        self.other_cards = [row["id"] for row in own if global_id("Card", row["id"]) not in self.cards]

    async def mutate(self, name: str, input: dict[str, Any]) -> Any:
        document = CREATE
        if name in MUTATIONS:
            type_name = name[0].upper() + name[1:]
            document = f"mutation($input: {type_name}Input!) {{ {name}(input: $input) {{ {MUTATIONS[name]} }} }}"
        return (await self.client.run(document, {"input": input}, user=self.subject)).data[name]

    def has_progressed(self, pages: int) -> bool:
        return self.finished or self.pages_read >= pages

    async def page_was_read(self) -> None:
        async with self.progressed:
            self.pages_read += 1
            self.progressed.notify_all()

    async def device(self, number: int) -> DeviceCopy:
        drawn = Random(f"{SEED} {self.number} device {number}")
        copy = DeviceCopy(self.client, self.subject)
        for round in range(ROUNDS):
            outbox = [
                self.offline_action(drawn, copy, f"{number}-{round}-{action}") for action in range(drawn.randrange(4))
            ]
            for name, input in outbox:
                # The device does not get some responses, and sends the mutation again.
                for _ in range(1 if drawn.random() < 0.8 else 2):
                    self.note(name, input, await self.mutate(name, input))
            # Some synchronisations are interrupted after a page.
            for _ in range(drawn.choice([1, 2, 100])):
                page = await copy.read_page(drawn.choice([1, 2, 3, 7, 100]))
                await self.page_was_read()
                if not page["hasMore"]:
                    break
        return copy

    def note(self, name: str, input: dict[str, Any], payload: Any) -> None:
        """What the server has to have, now that it confirmed a mutation."""
        # Another device may have deleted a card.
        known: tuple[Any, ...] = (None, {"code": "NOT_FOUND"})
        if name == "reviewCards":
            assert payload["errors"] == [], payload
            for review, result in zip(input["reviews"], payload["results"], strict=True):
                assert result["error"] in known
                if result["error"] is None:
                    self.sent.add(review["idempotencyKey"])
        elif name == "answerExercises":
            assert payload == {"errors": [], "results": [{"error": None}] * len(input["attempts"])}
            self.attempts |= {attempt["idempotencyKey"] for attempt in input["attempts"]}
        elif name in ("resetCards", "buryCards", "unburyCards", "rescheduleCards", "undoScheduleChange"):
            assert all(error in known for error in payload["errors"])
            if name != "undoScheduleChange" and not payload["errors"]:
                self.changes[input["idempotencyKey"]] = set(input["cardIds"])

    def offline_action(self, drawn: Random, copy: DeviceCopy, key: str) -> tuple[str, dict[str, Any]]:
        known = [id for id in self.cards if id in copy.objects] or self.cards
        reviews = [id for id in copy.of_type("Review") if copy.objects[id]["cardId"] in self.cards]
        action = drawn.randrange(16)
        if action == 0 and reviews:
            return "undoReviews", {"reviewIds": [drawn.choice(reviews)]}
        if action >= 9 and (found := self.study_action(drawn, known, key, action)):
            return found
        if action == 1:
            return "setCardsSuspended", {"cardIds": [drawn.choice(known)], "suspended": drawn.random() < 0.5}
        if action == 2:
            book = global_id("Book", drawn.choice(self.books[:3]))
            progress = {"bookId": book, "currentPage": drawn.randrange(9), "readAt": days_ago(drawn.random())}
            return "updateReadingProgress", progress
        if action == 3:
            # Settings of schedules would wait for the writers, because they change all cards.
            return "updateStudySettings", {"newCardsPerDay": drawn.randrange(100)}
        if action == 4:
            return "tagCards", {"cardIds": [drawn.choice(known)], "tags": [drawn.choice("abc")]}
        if action in (5, 6):
            return "deleteCards" if action == 5 else "restoreCards", {"cardIds": [drawn.choice(self.cards)]}
        cards = drawn.sample(known, min(len(known), drawn.randrange(1, 4)))
        batch = [
            answer(
                card,
                f"{key}-{n}",
                drawn.randrange(6),
                reviewedAt=days_ago(drawn.random() * 40),
                reschedule=drawn.random() < 0.8,
            )
            for n, card in enumerate(cards)
        ]
        return "reviewCards", {"reviews": batch}

    def study_action(self, drawn: Random, known: list[str], key: str, action: int) -> tuple[str, dict[str, Any]] | None:
        at = days_ago(drawn.random() * 3)
        if action < 13:
            name = drawn.choice(("resetCards", "buryCards", "buryCards", "unburyCards", "rescheduleCards"))
            days = {"days": drawn.randrange(1, 9)} if name == "rescheduleCards" else {}
            cards = drawn.sample(known, min(len(known), drawn.randrange(1, 4)))
            return name, {"cardIds": cards, "changedAt": at, "idempotencyKey": key, **days}
        if action == 13:
            own = [change for change in self.changes if change[0] == key[0]]
            return ("undoScheduleChange", {"idempotencyKey": drawn.choice(own)}) if own else None
        exercise = drawn.choice(self.exercises)
        if action == 14:
            chapter = global_id("Chapter", exercise["chapter_id"])
            return "updateChapterProgress", {"chapterId": chapter, "isRead": drawn.random() < 0.7, "readAt": at}
        answers = [{"text": drawn.choice(("?", "水"))}] * exercise["size"]
        attempt = {"exerciseId": global_id("Exercise", exercise["id"]), "answers": answers, "answeredAt": at}
        return "answerExercises", {"attempts": [attempt | {"idempotencyKey": key}]}

    async def writer(self, number: int) -> None:
        """Changes rows by SQL in transactions that stay open while devices read pages."""
        drawn = Random(f"{SEED} {self.number} writer {number}")
        mine = self.other_cards[number::2]
        async with owner_connection(self.url) as connection:
            while not self.finished:
                transaction = connection.transaction()
                await transaction.start()
                for _ in range(drawn.randrange(1, 4)):
                    await self.change(connection, drawn, drawn.choice(mine), number)
                until = self.pages_read + drawn.randrange(4)
                async with self.progressed:
                    await self.progressed.wait_for(partial(self.has_progressed, until))
                await (transaction.commit() if drawn.random() < 0.8 else transaction.rollback())

    async def change(self, connection: "asyncpg.Connection", drawn: Random, card: UUID, number: int) -> None:
        kind = drawn.randrange(6)
        if kind == 0:
            await connection.execute("delete from cards where id = $1", card)
        elif kind == 1:
            await connection.execute("delete from reviews where card_id = $1", card)
        elif kind == 2:
            await connection.execute(INSERT_REVIEW, card)
        elif kind == 3 and number == 0:
            await connection.execute(INSERT_PROGRESS, self.user_id, self.books[3])
        elif kind == 4 and number == 0:
            await connection.execute(
                "delete from reading_progress where user_id = $1 and book_id = $2", self.user_id, self.books[3]
            )
        else:
            await connection.execute("update cards set lapses = lapses + 1 where id = $1", card)

    async def devices(self) -> list[DeviceCopy]:
        copies = await asyncio.gather(*(self.device(number) for number in range(DEVICES)))
        self.finished = True
        async with self.progressed:
            self.progressed.notify_all()
        return copies

    async def converge(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            devices = tasks.create_task(self.devices())
            for number in range(2):
                tasks.create_task(self.writer(number))
        copies = devices.result()
        fresh = DeviceCopy(self.client, self.subject)
        await fresh.catch_up(self.url)
        for copy in copies:
            # The pages of the rounds are smaller.
            await copy.catch_up(self.url, 25)
            assert copy.objects == fresh.objects
            assert copy.resets == []
        await self.check_server(fresh)

    async def check_server(self, fresh: DeviceCopy) -> None:
        """The copy has every row of the learner, and nothing that a device sent is lost or saved twice."""
        tables = {
            "Card": "(select * from cards where deleted_at is null) as cards",
            "Review": "reviews",
            "BookProgress": "reading_progress",
            "ChapterProgress": "(select user_id, chapter_id as id from chapter_progress) as chapters",
            "ExerciseAttempt": "exercise_attempts",
        }
        async with owner_connection(self.url) as connection:
            for type_name, table in tables.items():
                rows = await connection.fetch(f"select id from {table} where user_id = $1", self.user_id)
                assert fresh.of_type(type_name) == sorted(global_id(type_name, row["id"]) for row in rows)
            keys = await connection.fetch(
                "select idempotency_key from reviews where user_id = $1 and idempotency_key <> 'sql'", self.user_id
            )
            attempts = await connection.fetch(
                "select idempotency_key from exercise_attempts where user_id = $1", self.user_id
            )
            changes = await connection.fetch(
                "select batch_key, card_id from schedule_changes where user_id = $1", self.user_id
            )
        assert sorted(row["idempotency_key"] for row in attempts) == sorted(self.attempts)
        assert sorted((row["batch_key"], global_id("Card", row["card_id"])) for row in changes) == sorted(
            (key, card) for key, cards in self.changes.items() for card in cards
        )
        own = {parse_global_id(card)[1] for card in self.cards}
        await check_cards(self.url, self.subject, own)
        assert fresh.of_type("StudySettings") == [global_id("StudySettings", self.user_id)]
        assert sorted(row["idempotency_key"] for row in keys) == sorted(self.sent)


@pytest.mark.parametrize("number", range(RUNS))
async def test_devices_converge(shared: Client, shared_database_url: str, number: int) -> None:
    run = Run(shared, shared_database_url, number)
    await run.start()
    async with asyncio.timeout(120):
        await run.converge()
