"""A session that begins before a day of the learner ends and continues after it.

Days end as usual, when daylight saving skips or repeats their first hour, and by journeys. The clock of requests is
walked over HTTP; sessions are compared with the reference at each time.
"""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from db.core.database import owner_connection
from domain.ids import parse_global_id
from tests.clients import Client, client_of
from tests.resolvers.test_study_session import as_session, session, sign_up, with_global_ids
from tests.review_assertions import answer, check_learner, review, study_day, undo
from tests.study_reference import Learner

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
CREATE = "mutation { createCards(input: { jlptLevel: N5, limit: 12 }) { createdCount } }"
FLY = "mutation($zone: String!) { updateStudySettings(input: { timeZone: $zone }) { errors { code } } }"
DASHBOARD = """
    { viewer { dashboard {
        streakDays dueNow reviewsToday newToday limits { date endsAt } forecast(days: 8) { date due }
    } } }
"""


class Clock:
    """Replaces `datetime` where a request takes its time."""

    at = datetime.now(UTC)

    def now(self, zone: tzinfo) -> datetime:
        return self.at.astimezone(zone)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("db.core.read_session.datetime", clock)
    return clock


@pytest.fixture(scope="module")
async def uncached(shared_database_url: str) -> AsyncIterator[Client]:
    """A client of a server without the cache, whose entries expire by the clock of the machine."""
    async with client_of(shared_database_url, None, cache="off") as client:
        yield client


class Walk:
    """A learner with 12 cards of SM-2, which are due a day after their first review, and 3 new cards a day."""

    def __init__(self, client: Client, url: str, clock: Clock, subject: str) -> None:
        self._client, self._url, self._clock, self.subject = client, url, clock, subject
        self._number = 0

    async def start(self, at: datetime, zone: str, hour: int) -> None:
        self._clock.at = at
        settings: dict[str, Any] = {"scheduler": "SM2", "time_zone": zone, "day_starts_at_hour": hour, "created_at": at}
        limits: dict[str, Any] = {"new_cards_per_day": 3, "reviews_per_day": 50}
        await sign_up(self._client, self._url, self.subject, **settings, **limits)
        await self._client.run(CREATE, user=self.subject)
        await self.study("NEW", 3)

    async def study(self, state: str, number: int = 1, at: datetime | None = None) -> list[str]:
        """Answer the first cards of the session in a state; return the ids of the reviews. `at`: sent later."""
        cards = (await session(self._client, self.subject, first=number, state=state))["cards"]
        self._number += 1
        more = {} if at is None else {"reviewedAt": at.isoformat()}
        answers = [answer(card["id"], f"{self._number} {n}", 4, **more) for n, card in enumerate(cards)]
        results = (await review(self._client, answers, self.subject))["results"]
        assert [result["error"] for result in results] == [None] * number
        return [result["review"]["id"] for result in results]

    async def undo(self, reviews: list[str]) -> None:
        assert (await undo(self._client, reviews, self.subject))["errors"] == []

    async def fly(self, zone: str) -> None:
        payload = (await self._client.run(FLY, {"zone": zone}, user=self.subject)).data["updateStudySettings"]
        assert payload["errors"] == []

    async def check(self, new: int, reviews: int, *, streak: int, done: int) -> datetime | None:
        """What is left, the streak, and the reviews of the day. Returns when the session gets its next card."""
        found = as_session(await session(self._client, self.subject))
        learner = await Learner.of(self._url, self.subject)
        assert found == with_global_ids(learner.session(self._clock.at, 20), 100)
        assert (found.new_left, found.learning_left, found.reviews_left) == (new, 0, reviews)
        dashboard = (await self._client.run(DASHBOARD, user=self.subject)).data["viewer"]["dashboard"]
        assert (dashboard["streakDays"], dashboard["reviewsToday"]) == (streak, done)
        days = ZoneInfo(learner.settings["time_zone"]), learner.settings["day_starts_at_hour"]
        today, ends_at = study_day(self._clock.at, *days), datetime.fromisoformat(dashboard["limits"]["endsAt"])
        assert dashboard["limits"]["date"] == str(today)
        assert study_day(ends_at - SECOND, *days) == today
        assert study_day(ends_at, *days) == today + timedelta(days=1)
        due = Counter(max(study_day(card["due_at"], *days), today) for card in learner.cards)
        assert dashboard["dueNow"] == sum(card["due_at"] <= self._clock.at for card in learner.cards)
        expected = [today + timedelta(days=number) for number in range(8)]
        assert dashboard["forecast"] == [{"date": str(day), "due": due[day]} for day in expected]
        return found.next_due_at


async def logged(url: str, review: str) -> tuple[str, int]:
    """The day and the hour of a review."""
    async with owner_connection(url) as owner:
        id = parse_global_id(review)[1]
        row = await owner.fetchrow("select day::text, hour from reviews where id = $1", id)
        assert row is not None
        return row["day"], row["hour"]


@pytest.mark.parametrize(
    ("zone", "hour", "starts_at"),
    [
        pytest.param("Asia/Tokyo", 4, "2026-03-01T04:00+09:00", id="month"),
        pytest.param("Europe/Berlin", 2, "2026-03-29T03:00+02:00", id="skipped hour"),
        pytest.param("America/Santiago", 0, "2025-09-07T01:00-03:00", id="skipped midnight"),
        pytest.param("Europe/Berlin", 2, "2025-10-26T02:00+02:00", id="repeated hour"),
        pytest.param("America/New_York", 4, "2025-11-02T04:00-05:00", id="25 hours"),
    ],
)
async def test_session_continues_when_a_day_starts(
    uncached: Client, shared_database_url: str, clock: Clock, zone: str, hour: int, starts_at: str
) -> None:
    start = datetime.fromisoformat(starts_at)
    walk = Walk(uncached, shared_database_url, clock, f"{zone} {starts_at}")
    await walk.start(start - 36 * HOUR, zone, hour)
    clock.at = start - 12 * HOUR
    await walk.study("NEW", 3)
    clock.at = start - SECOND
    assert await walk.check(0, 3, streak=2, done=3) == start
    await walk.undo(await walk.study("LEARNING"))
    await walk.check(0, 3, streak=2, done=3)
    answered = await walk.study("LEARNING")
    await walk.check(0, 2, streak=2, done=4)
    # What was left, and the cards of the day.
    clock.at = start
    await walk.check(3, 5, streak=2, done=0)
    await walk.undo(answered)
    await walk.check(3, 6, streak=2, done=0)
    await walk.study("LEARNING", at=start - SECOND)
    await walk.check(3, 5, streak=2, done=0)
    await walk.study("NEW")
    await walk.check(2, 5, streak=3, done=1)
    # In a repeated hour.
    clock.at = start + HOUR
    await walk.check(2, 5, streak=3, done=1)
    assert await check_learner(shared_database_url, walk.subject) == 10


async def test_journey_to_the_east_ends_the_day(uncached: Client, shared_database_url: str, clock: Clock) -> None:
    evening = datetime.fromisoformat("2026-05-10T20:00-07:00")
    walk = Walk(uncached, shared_database_url, clock, "flies to the east")
    await walk.start(evening - 24 * HOUR, "America/Los_Angeles", 4)
    clock.at = evening
    await walk.study("LEARNING")
    new = await walk.study("NEW")
    await walk.check(2, 2, streak=2, done=2)
    # There it is noon of the next day.
    await walk.fly("Asia/Tokyo")
    await walk.check(3, 3, streak=2, done=0)
    await walk.undo(new)
    await walk.check(3, 2, streak=2, done=0)
    # Sent by the device after the flight, and answered before it, on the day that has ended.
    [late] = await walk.study("LEARNING", at=evening - SECOND)
    await walk.check(3, 1, streak=2, done=0)
    assert await logged(shared_database_url, late) == ("2026-05-10", 19)
    await walk.undo([late])
    await walk.study("LEARNING")
    await walk.check(3, 1, streak=3, done=1)
    clock.at = datetime.fromisoformat("2026-05-12T04:00+09:00") - SECOND
    await walk.check(3, 1, streak=3, done=1)
    clock.at += SECOND
    await walk.check(3, 1, streak=3, done=0)
    await check_learner(shared_database_url, walk.subject)


async def test_journey_to_the_west_lengthens_the_day(uncached: Client, shared_database_url: str, clock: Clock) -> None:
    evening = datetime.fromisoformat("2026-05-10T22:00+09:00")
    walk = Walk(uncached, shared_database_url, clock, "flies to the west")
    await walk.start(evening - 24 * HOUR, "Asia/Tokyo", 4)
    clock.at = evening
    await walk.study("LEARNING")
    new = await walk.study("NEW")
    await walk.check(2, 2, streak=2, done=2)
    # There it is the morning of the same day, which continues when it would have ended.
    await walk.fly("America/Los_Angeles")
    await walk.check(2, 2, streak=2, done=2)
    start = datetime.fromisoformat("2026-05-11T04:00-07:00")
    for at in (datetime.fromisoformat("2026-05-11T04:00+09:00"), start - SECOND):
        clock.at = at
        await walk.check(2, 2, streak=2, done=2)
    clock.at = start
    await walk.check(3, 3, streak=2, done=0)
    await walk.undo(new)
    await walk.check(3, 2, streak=2, done=0)
    await walk.study("LEARNING")
    await walk.check(3, 1, streak=3, done=1)
    await check_learner(shared_database_url, walk.subject)
