"""A study session equals one that is computed from all rows, and obeys the limits of the learner's day."""

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from db.core.database import owner_connection
from domain.enums import CardKind, NewCardMix, NewCardOrder, Scheduler
from domain.ids import global_id, new_id
from tests.clients import Client
from tests.databases import column
from tests.review_assertions import study_day
from tests.study_reference import Learner, Session

QUERY = """
    query($first: Int, $filter: StudySessionFilter, $ahead: Int) { viewer {
        studySession(first: $first, filter: $filter, learnAheadMinutes: $ahead) {
            cards { id state } newLeft learningLeft reviewsLeft nextDueAt
        } dashboard { newToday }
    } }
"""
ZONES = ("Asia/Tokyo", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC")


async def session(client: Client, user: str, first: int = 100, ahead: int | None = 20, **filter: Any) -> Any:
    answered = await client.run(QUERY, {"first": first, "filter": filter, "ahead": ahead}, user=user)
    return answered.data["viewer"]["studySession"]


def noon_zone(now: datetime) -> str:
    """A time zone in which no day ends while a test runs."""
    return f"Etc/GMT{now.hour - 12:+d}"


async def sign_up(client: Client, url: str, subject: str, **settings: Any) -> UUID:
    await client.run("{ viewer { id } }", user=subject)
    async with owner_connection(url) as owner:
        id: UUID = await owner.fetchval("select id from users where subject = $1", subject)
        for name, value in settings.items():
            await owner.execute(f"update user_settings set {name} = $2 where user_id = $1", id, value)
        return id


async def add_cards(url: str, user: UUID, chance: Random, number: int, now: datetime, zone: str) -> None:
    """Cards of random words and kanji, of some kinds and in random states, a part answered today or yesterday."""
    today = study_day(now, ZoneInfo(zone), 4)
    async with owner_connection(url) as owner:
        chosen = "select id from vocabulary order by md5(id::text || $1::text) limit $2"
        subjects = [(row["id"], None) for row in await owner.fetch(chosen, str(user), number)]
        chosen = chosen.replace("vocabulary", "kanji")
        subjects += [(None, row["id"]) for row in await owner.fetch(chosen, str(user), number // 4)]
        kinds = [
            (subject, kind) for subject in subjects for kind in chance.sample([*CardKind], chance.choice((1, 1, 2, 3)))
        ]
        for (word, character), kind in kinds:
            state = chance.choice(("NEW", "LEARNING", "RELEARNING", "REVIEW", "REVIEW", "REVIEW"))
            due_day = today + timedelta(days=chance.randint(-30, 5)) if state == "REVIEW" else None
            due_at = now + timedelta(minutes=chance.choice((-300, -30, -5, 10, 15, 45, 600)))
            if due_day is not None:
                due_at = datetime(due_day.year, due_day.month, due_day.day, 4, tzinfo=ZoneInfo(zone))
            elif state == "NEW" and chance.random() < 0.9:
                due_at = now - timedelta(days=chance.randint(1, 3))
            interval = float(chance.randint(1, 60))
            last = due_day and due_day - timedelta(days=int(interval))
            id = new_id()
            await owner.execute(
                """
                insert into cards (id, user_id, vocabulary_id, kanji_id, kind, state, due_at, due_day, interval_days,
                    ease_factor, stability, difficulty, repetitions, lapses, suspended, last_reviewed_day)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 2.5, $10, 5, 1, 0, $11, $12)
                """,
                *(id, user, word, character, kind.value, state, due_at, due_day, interval, chance.uniform(0.1, 90)),
                *(chance.random() < 0.1, last),
            )
            for number_of_day in range(2):
                if chance.random() < 0.15:
                    at = now - timedelta(days=number_of_day, minutes=chance.randint(1, 60))
                    before = chance.choice((0.0, 0.007, 1.0, 12.0))
                    await owner.execute(
                        "insert into reviews (id, reviewed_at, user_id, card_id, idempotency_key,"
                        " interval_days_before, interval_days_after, day, undone, quality, rescheduled)"
                        " values ($1::uuid, $2, $3, $4, $1::uuid::text, $5, 6, $6, $7, $8, $9)",
                        *(new_id(), at, user, id, before, study_day(at, ZoneInfo(zone), 4), chance.random() < 0.2),
                        *(chance.choice((1, 4, 5)), chance.random() < 0.7),
                    )
        await owner.execute(
            "insert into limit_extensions (user_id, idempotency_key, day, new_cards, reviews)"
            " values ($1, 'today', $2, $4, 2), ($1, 'yesterday', $3, 9, 9)",
            *(user, today, today - timedelta(days=1), chance.choice((0, 2))),
        )
        await owner.execute(
            """
            insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms)
            select $1, day, count(*), count(*), count(*) filter (where nth = 1 and rescheduled), 0
            from (select day, rescheduled,
                    row_number() over (partition by card_id, rescheduled order by reviewed_at, idempotency_key) as nth
                from reviews where user_id = $1 and not undone) as numbered
            group by day
            """,
            user,
        )


def as_session(found: Any) -> Session:
    """The response with local ids."""
    return Session(
        [card["id"] for card in found["cards"]],  # global ids
        found["newLeft"],
        found["learningLeft"],
        found["reviewsLeft"],
        found["nextDueAt"] and datetime.fromisoformat(found["nextDueAt"]),
    )


def with_global_ids(session: Session, first: int) -> Session:
    ids: list[Any] = [global_id("Card", id) for id in session.cards[:first]]
    return Session(ids, session.new_left, session.learning_left, session.reviews_left, session.next_due_at)


@pytest.mark.parametrize(
    ("seed", "variant"),
    list(enumerate(product(Scheduler, NewCardMix, NewCardOrder))),
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else str(value),
)
async def test_session_equals_a_slow_reference(
    shared: Client, shared_database_url: str, seed: int, variant: tuple[Scheduler, NewCardMix, NewCardOrder]
) -> None:
    chance, now, subject = Random(seed), datetime.now(UTC), f"random {seed}"
    zone = noon_zone(now)
    scheduler, mix, order = variant
    user = await sign_up(
        shared,
        shared_database_url,
        subject,
        scheduler=scheduler.value,
        new_card_mix=mix.value,
        new_card_order=order.value,
        new_cards_per_day=chance.choice((0, 3, 12, 100)),
        reviews_per_day=chance.choice((0, 5, 20, 100)),
        time_zone=zone,
        bury_siblings=chance.random() < 0.7,
    )
    await add_cards(shared_database_url, user, chance, chance.randint(0, 70), now, zone)
    learner = await Learner.of(shared_database_url, subject)
    chapter = (await column(shared_database_url, "select id from chapters order by id limit 1"))[0]
    words = set(
        await column(
            shared_database_url, f"select vocabulary_id from chapter_vocabulary where chapter_id = '{chapter}'"
        )
    )
    for first, ahead, filter, expected in (
        (100, 20, {}, {}),
        (7, 0, {}, {}),
        (100, 60, {"ignoreLimits": True}, {"ignore_limits": True}),
        (10, 20, {"jlptLevels": ["N5", "N3"]}, {"levels": ["N5", "N3"]}),
        (100, 20, {"state": "REVIEW"}, {"state": "REVIEW"}),
        (100, 20, {"kinds": ["READING", "RECALL"]}, {"kinds": ["READING", "RECALL"]}),
        (100, 20, {"state": "NEW", "ignoreLimits": True}, {"state": "NEW", "ignore_limits": True}),
        (100, 20, {"chapterId": global_id("Chapter", chapter)}, {"words": words}),
    ):
        found = as_session(await session(shared, subject, first, ahead, **filter))
        assert found == with_global_ids(learner.session(now, ahead, **expected), first), filter


async def test_random_order_is_stable_within_a_day(shared: Client, shared_database_url: str) -> None:
    url, now, orders = shared_database_url, datetime.now(UTC), {}
    for subject in ("shuffled", "shuffled too"):
        settings = {"new_card_order": "RANDOM", "new_cards_per_day": 50, "time_zone": noon_zone(now)}
        user = await sign_up(shared, url, subject, **settings)
        async with owner_connection(url) as owner:
            await owner.execute(
                "insert into cards (id, user_id, vocabulary_id, state, due_at, interval_days, ease_factor, repetitions,"
                " lapses) select gen_random_uuid(), $1, id, 'NEW', now() - interval '1 minute', 0, 2.5, 0, 0"
                " from vocabulary order by id limit 40",
                user,
            )
        cards = [card["id"] for card in (await session(shared, subject))["cards"]]
        assert cards == [card["id"] for card in (await session(shared, subject))["cards"]]
        # The first are the same for every length.
        assert [card["id"] for card in (await session(shared, subject, first=7))["cards"]] == cards[:7]
        words = {global_id("Card", row[0]): row[1] for row in await words_of_cards(url, user)}
        orders[subject] = [words[card] for card in cards]
        zone = "Etc/GMT+12" if now.hour < 14 else "Pacific/Kiritimati"
        async with owner_connection(url) as owner:
            await owner.execute("update user_settings set time_zone = $2 where user_id = $1", user, zone)
        another_day = [card["id"] for card in (await session(shared, subject))["cards"]]
        assert another_day != cards
        assert sorted(another_day) == sorted(cards)
    assert orders["shuffled"] != orders["shuffled too"]


async def words_of_cards(url: str, user: UUID) -> list[Any]:
    async with owner_connection(url) as owner:
        rows: list[Any] = await owner.fetch("select id, vocabulary_id from cards where user_id = $1", user)
        return rows
