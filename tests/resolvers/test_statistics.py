"""Statistics equal a count of the log, whatever happened to it and whenever the worker counted."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from db.core.database import owner_connection
from db.maintenance.card_statistics import count_all_cards, count_cards
from db.maintenance.review_statistics import count_all_reviews, count_reviews
from domain.enums import Scheduler
from domain.ids import CardId, parse_global_id_as
from tests.clients import Client
from tests.databases import column, execute
from tests.resolvers.test_study_session import noon_zone, sign_up
from tests.review_assertions import answer, card_ids, review, undo
from tests.statistics_reference import ReviewLog

RECALL = "reviews recalled"
QUERY = f"""
    query($from: Date!, $to: Date!, $filter: StatisticsFilter, $unit: StatisticsUnit) {{ viewer {{
        statistics(from: $from, to: $to, filter: $filter) {{
            reviews recalled started studyMinutes secondsPerReview trueRetention
            byMaturity {{ maturity {RECALL} }} byInterval {{ minDays {RECALL} }} byLevel {{ jlptLevel {RECALL} }}
            byHour {{ hour {RECALL} }} calibration {{ predicted {RECALL} }}
            periods(unit: $unit) {{ startsOn {RECALL} studyMinutes added started new learning young mature }}
            forecast(days: 40) {{ date learning young mature }} hardestCards {{ card {{ id }} {RECALL} }}
        }}
    }} }}
"""
ALL = """
    query($from: Date!, $to: Date!) { viewer { statistics(from: $from, to: $to) {
        reviews trueRetention byMaturity { retention } byHour { retention } calibration { retention }
        periods { reviews } forecast(days: 30) { date learning young mature }
        hardestCards { card { lapses } reviews recalled retention } streakDays longestStreakDays
    } } }
"""
SETTINGS = "mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) { errors { code } } }"
FILTERS: tuple[dict[str, list[str]], ...] = (
    {},
    {"jlptLevels": ["N5", "N3"], "kinds": ["RECOGNITION", "READING"]},
    {"kinds": ["RECALL"]},
    {"tags": ["often", "never"]},
    {"tags": ["seldom"], "kinds": ["RECOGNITION", "READING"]},
)


async def count(url: str) -> None:
    """As the worker does every few minutes."""
    async with owner_connection(url) as owner, owner.transaction():
        await count_reviews(owner)
        await count_cards(owner)


async def check(client: Client, url: str, subject: str, user: UUID) -> None:
    log = await ReviewLog.of(url, user)
    today = log.today
    ranges = (
        (today - timedelta(days=130), today, "DAY"),
        (today - timedelta(days=70), today - timedelta(days=3), "WEEK"),
        (today - timedelta(days=400), today + timedelta(days=40), "MONTH"),
        (today, today, "DAY"),
    )
    for number, (first, last, unit) in enumerate(ranges):
        # Each filter with half of the ranges.
        for filter in (FILTERS[0], *FILTERS[1 + number % 2 :: 2]):
            variables = {"from": str(first), "to": str(last), "filter": filter, "unit": unit}
            answered = await client.run(QUERY, variables, user=subject)
            found = answered.data["viewer"]["statistics"]
            assert answered.statements == 4 + bool(found["hardestCards"])
            assert found.pop("periods") == log.periods(first, last, unit, filter)
            assert found.pop("forecast") == log.forecast(40, filter)
            assert found.pop("hardestCards") == log.hardest_cards(filter)
            expected = log.statistics(first, last, filter)
            assert found == {
                name: pytest.approx(value) if isinstance(value, float) else value for name, value in expected.items()
            }


class Learner:
    """Reviews, crams, tags, resets and deletes random cards, at random times of the last four months."""

    def __init__(self, client: Client, url: str, subject: str, user: UUID, chance: Random) -> None:
        self._client, self._url, self._subject, self.user = client, url, subject, user
        self._chance, self._number, self.cards = chance, 0, list[str]()

    async def create_cards(self) -> None:
        words = "mutation($input: CreateCardsInput!) { createCards(input: $input) { errors { code } } }"
        for level, kind in (("N5", "RECOGNITION"), ("N5", "RECALL"), ("N4", None), ("N3", "RECOGNITION")):
            chosen = {"jlptLevel": level, "limit": 6, "kind": kind}
            await self._client.run(words, {"input": chosen}, user=self._subject)
        kanji = "mutation { createKanjiCards(input: { jlptLevel: N5, limit: 3 }) { errors { code } } }"
        await self._client.run(kanji, user=self._subject)
        await execute(
            self._url,
            "update cards set created_at = created_at - (60 + ascii(right(id::text, 1))) * interval '1 day'"
            f" where user_id = '{self.user}'",
        )
        self.cards = await card_ids(self._url, self._subject, 27)

    async def review(self, days_ago: float, number: int) -> list[str]:
        """Reviews, some of a card at the same time, some without a duration; return their ids."""
        at = datetime.now(UTC) - timedelta(days=days_ago)
        reviews = []
        for _ in range(number):
            self._number += 1
            at += timedelta(minutes=self._chance.choice((0, 1, 45)))
            quality = self._chance.choice((1, 2, 3, 4, 4, 4, 5))
            duration = self._chance.choice((None, 900, 4_000, 90_000))
            reviews.append(
                answer(self._chance.choice(self.cards), f"{self._number:04}", quality)
                | {"reviewedAt": at.isoformat(), "durationMs": duration, "reschedule": self._chance.random() < 0.8}
            )
        results = (await review(self._client, reviews, self._subject))["results"]
        # Deleted cards are not found.
        return [result["review"]["id"] for result in results if result["review"]]

    async def change_cards(self) -> None:
        """Change a few cards in one of the ways that leave the log."""
        cards = self._chance.sample(self.cards, 3)
        self._number += 1
        at = (datetime.now(UTC) - timedelta(days=self._chance.uniform(0, 90))).isoformat()
        change = {"cardIds": cards, "idempotencyKey": f"change {self._number}", "changedAt": at}
        name, input_ = self._chance.choice(
            (
                ("tagCards", {"cardIds": cards, "tags": [self._chance.choice(("often", "often", "seldom"))]}),
                ("untagCards", {"cardIds": cards, "tags": ["often"]}),
                ("resetCards", change),
                ("buryCards", change),
                ("deleteCards", {"cardIds": cards}),
                ("restoreCards", {"cardIds": cards}),
            )
        )
        type_name = f"{name[0].upper()}{name[1:]}Input"
        mutation = f"mutation($input: {type_name}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
        await self._client.run(mutation, {"input": input_}, user=self._subject)

    async def undo_newest(self, review_ids: list[str]) -> None:
        """Undo the review of a batch, unless its card has a newer one."""
        if review_ids:
            await undo(self._client, review_ids[-1:], self._subject)


@pytest.mark.parametrize(("seed", "scheduler"), [(0, Scheduler.FSRS), (1, Scheduler.SM2)])
async def test_statistics_equal_a_count_of_the_log(
    shared: Client, shared_database_url: str, seed: int, scheduler: Scheduler
) -> None:
    chance = Random(seed)
    subject = f"statistics-{seed}"
    user = await sign_up(
        *(shared, shared_database_url, subject), scheduler=scheduler.value, time_zone=noon_zone(datetime.now(UTC))
    )
    learner = Learner(shared, shared_database_url, subject, user, chance)
    await learner.create_cards()
    await check(shared, shared_database_url, subject, user)
    for step in range(12):
        # In order, with late reviews in between.
        late = chance.random() < 0.3
        ids = await learner.review(chance.uniform(1, 120) if late else 120 - step * 10, chance.randint(1, 12))
        if chance.random() < 0.4:
            await learner.undo_newest(ids)
        for _ in range(chance.randint(0, 3)):
            await learner.change_cards()
        if chance.random() < 0.4:
            await count(shared_database_url)
        if step % 4 == 3:
            await check(shared, shared_database_url, subject, user)
    await learner.review(0, 6)
    await check(shared, shared_database_url, subject, user)
    await count(shared_database_url)
    await check(shared, shared_database_url, subject, user)
    await _check_counted(shared_database_url, user)
    await _check_counted_cards(shared_database_url, user)


async def test_other_settings_move_only_the_present_counts(shared: Client, shared_database_url: str) -> None:
    """All cards are computed again, but the reviews stay what they were."""
    zone = noon_zone(datetime.now(UTC))
    user = await sign_up(shared, shared_database_url, "statistics-settings", scheduler="SM2", time_zone=zone)
    learner = Learner(shared, shared_database_url, "statistics-settings", user, Random(1))
    await learner.create_cards()
    for days_ago in range(60, 0, -6):
        await learner.review(days_ago, 10)
    await count(shared_database_url)
    changed = {"input": {"scheduler": "FSRS", "desiredRetention": 0.8}}
    await shared.run(SETTINGS, changed, user="statistics-settings")
    await check(shared, shared_database_url, "statistics-settings", user)
    await learner.review(0, 10)
    await count(shared_database_url)
    await check(shared, shared_database_url, "statistics-settings", user)
    await _check_counted(shared_database_url, user)


async def test_counts_are_repeated_from_the_log(shared: Client, shared_database_url: str) -> None:
    zone = noon_zone(datetime.now(UTC))
    user = await sign_up(shared, shared_database_url, "statistics-again", scheduler="FSRS", time_zone=zone)
    learner = Learner(shared, shared_database_url, "statistics-again", user, Random(2))
    await learner.create_cards()
    for days_ago in (50, 30, 29, 4, 0):
        await learner.review(days_ago, 8)
    await count(shared_database_url)
    tables = ("review_statistics", "card_statistics", "counted_cards")
    every = [f"select {table}::text from {table} where user_id = '{user}' order by 1" for table in tables]
    before = [await column(shared_database_url, rows) for rows in every]
    await execute(
        shared_database_url,
        f"update review_statistics set reviews = 0 where user_id = '{user}';"
        f" update card_statistics set added = 0 where user_id = '{user}';"
        f" update counted_cards set maturity = 0 where user_id = '{user}'",
    )
    async with owner_connection(shared_database_url) as owner:
        assert await count_all_reviews(owner) == 0
        assert await count_all_reviews(owner, again=True) > 5
        assert await count_all_cards(owner) == 0
        assert await count_all_cards(owner, again=True) > 0
    assert [await column(shared_database_url, rows) for rows in every] == before
    assert all(len(rows) > 5 for rows in before)


async def test_cards_that_changed_since_they_were_counted(shared: Client, shared_database_url: str) -> None:
    """Whatever happened to them: also deletions of rows, and days that start at another time."""
    subject = "statistics-cards"
    zone = noon_zone(datetime.now(UTC))
    user = await sign_up(shared, shared_database_url, subject, scheduler="SM2", time_zone=zone)
    learner = Learner(shared, shared_database_url, subject, user, Random(4))
    await learner.create_cards()
    for days_ago in (40, 38, 20, 3):
        await learner.review(days_ago, 9)
    await count(shared_database_url)
    await check(shared, shared_database_url, subject, user)
    await learner.review(0, 5)
    cards = ", ".join(f"'{parse_global_id_as(CardId, card)}'" for card in learner.cards[:4])
    await execute(shared_database_url, f"delete from reviews where card_id in ({cards})")
    await execute(shared_database_url, f"delete from cards where id in ({cards})")
    await execute(shared_database_url, f"update review_days set updated_at = now() where user_id = '{user}'")
    await check(shared, shared_database_url, subject, user)
    await count(shared_database_url)
    await check(shared, shared_database_url, subject, user)
    await _check_counted_cards(shared_database_url, user)
    await shared.run(SETTINGS, {"input": {"timeZone": zone, "dayStartsAt": 11}}, user=subject)
    await count(shared_database_url)
    await _check_counted_cards(shared_database_url, user)
    hours = f"select day_starts_at_hour from card_counts where user_id = '{user}'"
    assert await column(shared_database_url, hours) == [11]


async def test_frozen_days(shared: Client, shared_database_url: str) -> None:
    zone = noon_zone(datetime.now(UTC))
    user = await sign_up(shared, shared_database_url, "statistics-freezes", scheduler="SM2", time_zone=zone)
    await shared.run(SETTINGS, {"input": {"streakFreezesPerMonth": 2}}, user="statistics-freezes")
    learner = Learner(shared, shared_database_url, "statistics-freezes", user, Random(5))
    await learner.create_cards()
    await learner.review(2, 3)
    await learner.review(0, 3)
    today = (await ReviewLog.of(shared_database_url, user)).today
    yesterday = today - timedelta(days=1)
    range = {"from": str(today - timedelta(days=3)), "to": str(today)}
    query = """query($from: Date!, $to: Date!) { viewer { statistics(from: $from, to: $to) { streakDays
        periods { startsOn frozenDays streakFreeze } months: periods(unit: MONTH) { frozenDays streakFreeze }
    } } }"""
    found = (await shared.run(query, range, user="statistics-freezes")).data["viewer"]["statistics"]
    assert found["streakDays"] == 2
    assert [period for period in found["periods"] if period["frozenDays"]] == [
        {"startsOn": str(yesterday), "frozenDays": 1, "streakFreeze": "MISSED"}
    ]
    assert sum(month["frozenDays"] for month in found["months"]) == 1
    assert {month["streakFreeze"] for month in found["months"]} == {None}


async def test_hours_are_those_when_the_reviews_were_saved(shared: Client, shared_database_url: str) -> None:
    user = await sign_up(shared, shared_database_url, "statistics-zone", scheduler="SM2", time_zone="Asia/Tokyo")
    learner = Learner(shared, shared_database_url, "statistics-zone", user, Random(3))
    await learner.create_cards()
    for days_ago in (9, 8, 5):
        await learner.review(days_ago, 8)
    today = datetime.now(UTC).date()
    range = {"from": str(today - timedelta(days=20)), "to": str(today)}
    hours = (
        "query($from: Date!, $to: Date!) { viewer { statistics(from: $from, to: $to) { byHour { hour reviews } } } }"
    )
    before = (await shared.run(hours, range, user="statistics-zone")).data
    await shared.run(SETTINGS, {"input": {"timeZone": "America/New_York"}}, user="statistics-zone")
    assert (await shared.run(hours, range, user="statistics-zone")).data == before
    await count(shared_database_url)
    assert (await shared.run(hours, range, user="statistics-zone")).data == before
    assert sum(hour["reviews"] for hour in before["viewer"]["statistics"]["byHour"]) > 0


async def test_all_fields_take_six_statements(client: Client, owner: Any) -> None:
    today = datetime.now(UTC).date()
    answered = await client.run(ALL, {"from": str(today - timedelta(days=365)), "to": str(today)}, user="demo")
    assert answered.statements == 6
    found = answered.data["viewer"]["statistics"]
    user = await owner.fetchval("select id from users where subject = 'demo'")
    lapses = await owner.fetch(
        "select lapses from cards where user_id = $1 and lapses > 0 order by lapses desc limit 10", user
    )
    assert [hard["card"]["lapses"] for hard in found["hardestCards"]] == [row["lapses"] for row in lapses]
    assert all(hard["retention"] == hard["recalled"] / hard["reviews"] for hard in found["hardestCards"])
    dashboard = "{ viewer { dashboard { streakDays longestStreakDays forecast(days: 30) { date due } } } }"
    expected = (await client.run(dashboard, user="demo")).data["viewer"]["dashboard"]
    assert (found["streakDays"], found["longestStreakDays"]) == (expected["streakDays"], expected["longestStreakDays"])
    due = {day["date"]: day["learning"] + day["young"] + day["mature"] for day in found["forecast"]}
    new = await owner.fetchval(
        "select count(*) from cards where user_id = $1 and state = 'NEW' and not suspended", user
    )
    first = expected["forecast"][0]
    first["due"] -= new
    assert due == {day["date"]: day["due"] for day in expected["forecast"]}


@pytest.mark.parametrize(
    ("arguments", "field", "message"),
    [
        ('from: "2026-02-01", to: "2026-01-01"', "reviews", "from, to"),
        ('from: "2000-01-01", to: "2026-01-01"', "reviews", "3660 days"),
        ('from: "2024-01-01", to: "2026-01-01"', "periods { reviews }", "366 periods"),
        ('from: "2026-01-01", to: "2026-01-01"', "forecast(days: 400) { date }", "days"),
    ],
)
async def test_ranges_are_limited(client: Client, arguments: str, field: str, message: str) -> None:
    answered = await client.run(f"{{ viewer {{ statistics({arguments}) {{ {field} }} }} }}", user="demo")
    assert answered.error_codes == ["BAD_USER_INPUT"]
    assert message in answered.messages[0]


async def _check_counted_cards(url: str, user: UUID) -> None:
    """Days and months have all present cards."""
    async with owner_connection(url) as owner:
        present = await owner.fetchrow(
            "select count(*), count(first_reviewed_at), count(*) filter (where interval_days >= 21)"
            " from cards where user_id = $1 and deleted_at is null",
            user,
        )
        for unit in ("DAY", "MONTH"):
            counted = await owner.fetchrow(
                "select sum(added)::bigint, sum(started)::bigint, sum(mature)::bigint from card_statistics"
                " where user_id = $1 and unit = $2",
                *(user, unit),
            )
            assert tuple(counted or ()) == tuple(present or ())


async def _check_counted(url: str, user: UUID) -> None:
    """All changes of the numbers of cards give the present ones."""
    names = ("learning", "young", "mature")
    sums = ", ".join(f"sum({name}_change)::int as {name}" for name in names)
    async with owner_connection(url) as owner:
        counted = await owner.fetchrow(
            f"select {sums} from (select learning_change, young_change, mature_change from review_statistics"
            " where user_id = $1 and unit = 'DAY' union all"
            " select learning_change, young_change, mature_change from card_count_changes where user_id = $1) as every",
            user,
        )
        present = await owner.fetchrow(
            "select count(*) filter (where interval_days > 0 and interval_days < 1)::int as learning,"
            " count(*) filter (where interval_days >= 1 and interval_days < 21)::int as young,"
            " count(*) filter (where interval_days >= 21)::int as mature"
            " from cards where user_id = $1 and deleted_at is null",
            user,
        )
    assert counted == present
