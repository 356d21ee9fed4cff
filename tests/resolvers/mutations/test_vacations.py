"""Vacations move due days, ask for nothing and keep the streak, and can be ended, cancelled and undone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest

from db.services import vacations as vacation_service
from domain.enums import JobKind
from jobs.scheduling import reschedule_cards
from tests.clients import Client
from tests.databases import column, execute
from tests.resolvers.test_study_session import sign_up
from tests.review_assertions import answer, card_ids, check_learner, days_ago, review, undo
from tests.workers import running_worker, until

DAY = timedelta(days=1)
START = """
    mutation($input: StartVacationInput!) { startVacation(input: $input) {
        vacation { startsOn endsOn } job { id kind } errors { code message path } } }
"""
END = """
    mutation($input: EndVacationInput!) { endVacation(input: $input) {
        vacation { startsOn endsOn } job { id kind } errors { code } } }
"""
READ = """
    { viewer { vacation { startsOn endsOn } studySession { newLeft reviewsLeft nextDueAt cards { id } }
        dashboard { streakDays activity(days: 10) { date streakFreeze } } } }
"""


CANCEL = "mutation($id: ID!) { cancelJob(input: {id: $id}) { errors { code } } }"
RETRY = "mutation($id: ID!) { retryJob(input: {id: $id}) { errors { code } } }"
WORK = {JobKind.RESCHEDULE_CARDS: reschedule_cards}


async def start(client: Client, user: str, days: int, after: int = 0, **more: Any) -> Any:
    """A vacation of N days, from another number of days after today on."""
    first = today() + after * DAY
    input_ = {"startsOn": str(first), "endsOn": str(first + (days - 1) * DAY), **more}
    return (await client.run(START, {"input": input_}, user=user)).data["startVacation"]


async def end(client: Client, user: str, **input_: Any) -> Any:
    return (await client.run(END, {"input": input_}, user=user)).data["endVacation"]


async def read(client: Client, user: str) -> Any:
    return (await client.run(READ, user=user)).data["viewer"]


def today() -> date:
    return datetime.now(UTC).date()


def days_of(days: int, after: int = 0) -> dict[str, str]:
    first = today() + after * DAY
    return {"startsOn": str(first), "endsOn": str(first + (days - 1) * DAY)}


async def create_learner(client: Client, url: str, user: str, scheduler: str = "FSRS") -> list[str]:
    """A learner with six cards, of which four were reviewed, and one of these is overdue."""
    await sign_up(client, url, user, scheduler=scheduler, time_zone="UTC", day_starts_at_hour=0)
    await client.run("mutation { createCards(input: {jlptLevel: N5, limit: 6}) { createdCount } }", user=user)
    cards = await card_ids(url, user, 6)
    past = [("a", 0, 30), ("b", 1, 10), ("b2", 1, 3), ("c", 2, 2), ("d", 3, 1)]
    reviews = [answer(cards[n], key, 5, reviewedAt=days_ago(ago)) for key, n, ago in past]
    assert (await review(client, reviews, user))["errors"] == []
    return cards


def _id(user: str) -> str:
    return f"(select id from users where subject = '{user}')"


async def due_days(url: str, user: str) -> dict[str, date]:
    rows = await column(
        url, f"select array[id::text, due_day::text] from cards where user_id = {_id(user)} and due_day is not null"
    )
    return {id: date.fromisoformat(day) for id, day in rows}


@pytest.mark.parametrize("scheduler", ["FSRS", "SM2"])
async def test_due_days_move_and_move_back(shared: Client, shared_database_url: str, scheduler: str) -> None:
    url, user = shared_database_url, f"learner on vacation with {scheduler}"
    await create_learner(shared, url, user, scheduler)
    before = await due_days(url, user)
    assert min(before.values()) < today() < max(before.values())
    payload = await start(shared, user, 10, idempotencyKey="once")
    assert (payload["errors"], payload["job"], payload["vacation"]) == ([], None, days_of(10))
    moved = {id: day + 10 * DAY if day >= today() else day for id, day in before.items()}
    assert await due_days(url, user) == moved
    await check_learner(url, user)
    # Repeated requests change nothing.
    assert await start(shared, user, 10, idempotencyKey="once") == payload
    assert await start(shared, user, 10) == payload
    assert await due_days(url, user) == moved
    assert (await end(shared, user)) == {"vacation": None, "job": None, "errors": []}
    assert await due_days(url, user) == before
    assert (await end(shared, user)) == {"vacation": None, "job": None, "errors": []}
    # Nor does a late repetition start it again.
    assert (await start(shared, user, 10, idempotencyKey="once"))["vacation"] is None
    assert await due_days(url, user) == before
    await check_learner(url, user)


async def test_vacation_asks_for_nothing_and_keeps_the_streak(shared: Client, shared_database_url: str) -> None:
    url, user = shared_database_url, "learner who rests"
    cards = await create_learner(shared, url, user)
    earlier = await read(shared, user)
    assert earlier["vacation"] is None
    assert earlier["studySession"]["newLeft"] > 0
    assert earlier["studySession"]["reviewsLeft"] > 0
    assert earlier["dashboard"]["streakDays"] == 3
    await start(shared, user, 5)
    found = await read(shared, user)
    assert found["vacation"] == days_of(5)
    session = found["studySession"]
    assert (session["newLeft"], session["reviewsLeft"], session["cards"]) == (0, 0, [])
    assert session["nextDueAt"] == f"{today() + 5 * DAY}T00:00:00Z".replace("Z", session["nextDueAt"][19:])
    # Three of five days have passed.
    await execute(
        url,
        f"""
        update schedule_changes set day = day - 3, changed_at = changed_at - interval '3 days'
            where user_id = {_id(user)} and kind = 'VACATION';
        update review_days set freeze_reason = null where user_id = {_id(user)};
        insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms, freeze_reason)
            select {_id(user)}, current_date + number, 0, 0, 0, 0, 'VACATION' from generate_series(-3, 1) as number
            on conflict (user_id, day) do update set freeze_reason = 'VACATION';
        """,
    )
    ended = await end(shared, user)
    assert ended["vacation"] == {"startsOn": str(today() - 3 * DAY), "endsOn": str(today() - DAY)}
    await check_learner(url, user)
    found = await read(shared, user)
    assert found["vacation"] is None
    assert found["studySession"]["reviewsLeft"] > 0
    frozen = [day["date"] for day in found["dashboard"]["activity"] if day["streakFreeze"]]
    assert frozen == [str(today() - n * DAY) for n in (3, 2, 1)]
    await review(shared, [answer(cards[5], "back")], user)
    assert (await read(shared, user))["dashboard"]["streakDays"] == 4


async def test_planned_vacation_moves_reviews_until_then(shared: Client, shared_database_url: str) -> None:
    """The entry has the time of the first day: cards that are reviewed before it, also new ones, move."""
    url, user = shared_database_url, "learner who plans"
    cards = await create_learner(shared, url, user)
    assert (await start(shared, user, 300, after=2))["vacation"] == days_of(300, after=2)
    await check_learner(url, user)
    assert (await read(shared, user))["studySession"]["newLeft"] > 0
    late = answer(cards[3], "late", 4, reviewedAt=days_ago(0.5))
    payload = await review(shared, [answer(cards[4], "new", 5), answer(cards[1], "known", 4), late], user)
    assert payload["errors"] == []
    moved = await due_days(url, user)
    assert all(day >= today() + 300 * DAY for day in moved.values() if day > today())
    assert sum(day > today() for day in moved.values()) >= 3
    await check_learner(url, user)
    await undo(shared, [payload["results"][0]["review"]["id"]], user)
    await check_learner(url, user)
    assert (await end(shared, user))["vacation"] is None
    await check_learner(url, user)
    assert all(day < today() + 300 * DAY for day in (await due_days(url, user)).values())


async def test_reviews_in_a_vacation_are_due_as_always(shared: Client, shared_database_url: str) -> None:
    url, user = shared_database_url, "learner who studies on vacation"
    cards = await create_learner(shared, url, user)
    await start(shared, user, 30)
    # One of them was answered before the vacation on another device, and arrives now.
    late = answer(cards[1], "before", 4, reviewedAt=days_ago(0.01))
    assert (await review(shared, [late, answer(cards[5], "on vacation", 5)], user))["errors"] == []
    await check_learner(url, user)
    await end(shared, user, undo=True)
    await check_learner(url, user)
    assert await column(url, f"select count(*) from schedule_changes where user_id = {_id(user)} and not undone") == [0]
    assert await column(
        url, f"select count(*) from review_days where user_id = {_id(user)} and freeze_reason is not null"
    ) == [0]


async def test_second_vacation_is_a_conflict(shared: Client, shared_database_url: str) -> None:
    user = "learner with plans"
    await create_learner(shared, shared_database_url, user)
    await start(shared, user, 3, after=5)
    refused = await start(shared, user, 4, after=5)
    assert (refused["vacation"], [error["code"] for error in refused["errors"]]) == (None, ["CONFLICT"])
    assert str(today() + 7 * DAY) in refused["errors"][0]["message"]


@pytest.mark.parametrize(
    ("after", "days", "path"),
    [(-1, 5, "startsOn"), (367, 5, "startsOn"), (0, 0, "endsOn"), (0, 367, "endsOn"), (3, -2, "endsOn")],
)
async def test_bad_days_are_user_errors(
    shared: Client, shared_database_url: str, after: int, days: int, path: str
) -> None:
    user = "learner with bad days"
    await sign_up(shared, shared_database_url, user, time_zone="UTC", day_starts_at_hour=0)
    payload = await start(shared, user, days, after=after)
    [error] = payload["errors"]
    assert (error["code"], error["path"]) == ("OUT_OF_RANGE", [path])
    assert str(today() + after * DAY) in error["message"]
    assert payload["vacation"] is None


async def test_many_reviews_are_moved_by_a_job(
    shared: Client, shared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, user = shared_database_url, "learner with many reviews on vacation"
    await create_learner(shared, url, user)
    monkeypatch.setattr(vacation_service, "MAX_REVIEWS_IN_REQUEST", 3)
    before = await due_days(url, user)
    payload = await start(shared, user, 10, idempotencyKey="ten days")
    job = payload["job"]
    assert (payload["vacation"], job["kind"]) == (None, "RESCHEDULE_CARDS")
    # It is requested once, and no other vacation before its end.
    assert payload == await start(shared, user, 10, idempotencyKey="ten days") == await start(shared, user, 10)
    assert (await start(shared, user, 5))["errors"][0]["code"] == "CONFLICT"
    # A cancelled job has changed nothing.
    assert await end(shared, user) == {"vacation": None, "job": None, "errors": []}
    viewer = await read(shared, user)
    assert (viewer["vacation"], viewer["studySession"]["newLeft"]) == (None, 2)
    assert await due_days(url, user) == before
    five = (await start(shared, user, 5))["job"]["id"]
    await shared.run(CANCEL, {"id": five}, user=user)
    ten = (await start(shared, user, 10))["job"]["id"]
    async with running_worker(url, WORK):
        assert (await until(url, ten))["status"] == "SUCCEEDED"
        after = await due_days(url, user)
        assert max(after.values()) == max(before.values()) + 10 * DAY
        assert (await read(shared, user))["vacation"] == days_of(10)
        # Another vacation is not replaced by an older job.
        await shared.run(RETRY, {"id": five}, user=user)
        failed = await until(url, five)
        assert (failed["status"], orjson.loads(failed["error"])["code"]) == ("FAILED", "BAD_USER_INPUT")
    await check_learner(url, user)
    payload = await end(shared, user, undo=True)
    assert payload["vacation"] == days_of(10)
    assert (await read(shared, user))["vacation"] == days_of(10)
    # The newer request is to keep it.
    assert (await start(shared, user, 10))["vacation"] == days_of(10)
    assert await due_days(url, user) == after
    async with running_worker(url, WORK):
        await shared.run(RETRY, {"id": payload["job"]["id"]}, user=user)
        assert (await until(url, payload["job"]["id"]))["status"] == "SUCCEEDED"
    assert await due_days(url, user) == before
    assert (await read(shared, user))["vacation"] is None
    await check_learner(url, user)
