"""The limits of a learner's day count what was done, whatever the device, and forget what was undone."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from db.core.database import owner_connection
from domain.ids import global_id, new_id
from tests.clients import Client
from tests.databases import column, execute
from tests.resolvers.test_study_session import noon_zone, session, sign_up
from tests.review_assertions import answer, card_ids, check_learner, review, undo

# A day passes for a learner: everything is a day longer ago.
PASS_A_DAY = """
    update cards set due_at = due_at - interval '1 day', due_day = due_day - 1,
        first_reviewed_at = first_reviewed_at - interval '1 day',
        last_reviewed_at = last_reviewed_at - interval '1 day', last_reviewed_day = last_reviewed_day - 1,
        last_entry_at = last_entry_at - interval '1 day',
        created_at = created_at - interval '1 day' where user_id = '{0}';
    update reviews set reviewed_at = reviewed_at - interval '1 day', day = day - 1, due_day = due_day - 1
        where user_id = '{0}';
    update review_keys set reviewed_at = reviewed_at - interval '1 day' where user_id = '{0}';
    with own as (delete from review_days where user_id = '{0}' returning *)
        insert into review_days select user_id, day - 1, reviews, recalled, new_cards, duration_ms, updated_at from own;
"""


async def add_new_cards(url: str, user: UUID, number: int) -> None:
    async with owner_connection(url) as owner:
        words = await owner.fetch("select id from vocabulary order by id limit $1", number)
        await owner.executemany(
            "insert into cards (id, user_id, vocabulary_id, state, due_at, interval_days, ease_factor, repetitions,"
            " lapses) values ($1, $2, $3, 'NEW', now() - interval '1 minute', 0, 2.5, 0, 0)",
            [(new_id(), user, word["id"]) for word in words],
        )


async def answer_all(client: Client, user: str, found: Any, key: str, quality: int = 4, **more: Any) -> Any:
    cards = [card["id"] for card in found["cards"]]
    answers = [answer(card, f"{key} {n}", quality, **more) for n, card in enumerate(cards)]
    return await review(client, answers, user)


def left(found: Any) -> tuple[int, int, int]:
    return found["newLeft"], found["learningLeft"], found["reviewsLeft"]


async def test_undo_gives_back_what_the_limits_allow(shared: Client, shared_database_url: str) -> None:
    url, subject, now = shared_database_url, "undo", datetime.now(UTC)
    settings = {"scheduler": "SM2", "new_cards_per_day": 3, "reviews_per_day": 4, "time_zone": noon_zone(now)}
    user = await sign_up(shared, url, subject, **settings)
    await add_new_cards(url, user, 20)
    assert left(await session(shared, subject)) == (3, 0, 0)
    new = await answer_all(shared, subject, await session(shared, subject, first=2), "new")
    assert left(await session(shared, subject)) == (1, 0, 0)
    await undo(shared, [new["results"][0]["review"]["id"]], subject)
    assert left(await session(shared, subject)) == (2, 0, 0)
    # A second device answered a card yesterday, before the limit of today.
    late = await session(shared, subject, first=1)
    await answer_all(shared, subject, late, "late", reviewedAt=(now - timedelta(days=1)).isoformat())
    assert left(await session(shared, subject)) == (2, 0, 1)
    reviewed = await answer_all(shared, subject, await session(shared, subject, state="LEARNING"), "second")
    assert [result["error"] for result in reviewed["results"]] == [None]
    await execute(url, f"update user_settings set reviews_per_day = 1 where user_id = '{user}'")
    await execute(url, PASS_A_DAY.format(user))
    await execute(url, PASS_A_DAY.format(user))
    assert left(await session(shared, subject)) == (3, 0, 1)
    done = await answer_all(shared, subject, await session(shared, subject, state="LEARNING"), "third")
    found = await session(shared, subject)
    assert left(found) == (3, 0, 0)
    assert datetime.fromisoformat(found["nextDueAt"]) <= now + timedelta(days=1)
    await undo(shared, [done["results"][0]["review"]["id"]], subject)
    assert left(await session(shared, subject)) == (3, 0, 1)


@pytest.mark.parametrize("scheduler", ["SM2", "FSRS"])
async def test_reset_cards_are_new_cards_of_the_limit(shared: Client, shared_database_url: str, scheduler: str) -> None:
    """Of a usual batch, and of answers before others, which are folded; undone in any order."""
    url, subject, now = shared_database_url, f"reset {scheduler}", datetime.now(UTC)
    settings = {"scheduler": scheduler, "new_cards_per_day": 5, "time_zone": noon_zone(now)}
    user = await sign_up(shared, url, subject, **settings)
    await add_new_cards(url, user, 12)
    cards = await card_ids(url, subject, 12)

    async def new_left() -> int:
        assert await check_learner(url, subject) >= 24
        left: int = (await session(shared, subject))["newLeft"]
        return left

    def minutes_ago(minutes: int) -> str:
        return (now - timedelta(minutes=minutes)).isoformat()

    async def reviewed(ids: list[str], key: str, **more: Any) -> list[str]:
        payload = await review(shared, [answer(card, f"{key} {card}", **more) for card in ids], subject)
        return [result["review"]["id"] for result in payload["results"]]

    for days in (40, 30):
        await reviewed(cards, f"{days} days", reviewedAt=minutes_ago(days * 1_440))
    reset = "mutation($input: ResetCardsInput!) { resetCards(input: $input) { errors { code } } }"
    values = {"cardIds": cards, "idempotencyKey": "reset", "changedAt": minutes_ago(30)}
    assert (await shared.run(reset, {"input": values}, user=subject)).data == {"resetCards": {"errors": []}}
    assert await new_left() == 5
    usual = await reviewed(cards[:3], "usual")
    assert await new_left() == 2
    # Before these answers: the same cards, and before the reset: no new ones.
    late = await reviewed(cards[:2], "late", reviewedAt=minutes_ago(10))
    before = await reviewed(cards[3:5], "before", reviewedAt=minutes_ago(40))
    assert await new_left() == 2
    # Several answers to one card.
    twice = [answer(cards[5], f"twice {n}", reviewedAt=minutes_ago(n)) for n in (3, 2, 1)]
    await review(shared, twice, subject)
    assert await new_left() == 1
    assert (await undo(shared, usual, subject))["errors"] == []
    assert await new_left() == 2
    assert (await undo(shared, late, subject))["errors"] == []
    assert await new_left() == 4
    assert (await undo(shared, before, subject))["errors"] == []
    await reviewed(cards[:5], "again")
    assert await new_left() == 0
    assert [card["id"] for card in (await session(shared, subject))["cards"] if card["state"] == "NEW"] == []
    # Without the reset, the cards were reviewed.
    undo_reset = 'mutation { undoScheduleChange(input: {idempotencyKey: "reset"}) { errors { code } } }'
    assert (await shared.run(undo_reset, user=subject)).data == {"undoScheduleChange": {"errors": []}}
    new_today = "{ viewer { dashboard { newToday } } }"
    assert (await shared.run(new_today, user=subject)).data == {"viewer": {"dashboard": {"newToday": 0}}}
    # One that arrives after the answers counts them.
    assert (await shared.run(reset, {"input": {**values, "idempotencyKey": "late"}}, user=subject)).data
    assert (await shared.run(new_today, user=subject)).data == {"viewer": {"dashboard": {"newToday": 6}}}
    await check_learner(url, subject)


async def test_zero_means_none(shared: Client, shared_database_url: str) -> None:
    url, subject = shared_database_url, "none"
    user = await sign_up(shared, url, subject, new_cards_per_day=0, reviews_per_day=0)
    await add_new_cards(url, user, 5)
    found = await session(shared, subject)
    assert (found["cards"], *left(found), found["nextDueAt"]) == ([], 0, 0, 0, None)
    assert left(await session(shared, subject, ignoreLimits=True)) == (5, 0, 0)


async def test_limits_start_again_when_the_learners_day_starts(shared: Client, shared_database_url: str) -> None:
    """The day of a review was the previous one if the day started since; it is today's if it starts within the hour."""
    url, subject, now = shared_database_url, "boundary", datetime.now(UTC)
    # The starts of an hour and of a calendar day are at least ten minutes away in one of them.
    local = next(
        local
        for zone in (noon_zone(now), "Asia/Kolkata", "Pacific/Marquesas")
        if 10 <= (local := now.astimezone(ZoneInfo(zone))).minute < 50 and local.hour < 23
    )
    zone, hour = str(local.tzinfo), local.hour
    user = await sign_up(shared, url, subject, time_zone=zone, day_starts_at_hour=hour + 1, new_cards_per_day=2)
    await add_new_cards(url, user, 9)
    await answer_all(shared, subject, await session(shared, subject), "first")
    found = await session(shared, subject)
    assert found["newLeft"] == 0
    # The card in learning steps is due before the day ends or within the window.
    assert found["nextDueAt"] is None or datetime.fromisoformat(found["nextDueAt"]) < now + timedelta(hours=1)
    await execute(url, f"update user_settings set day_starts_at_hour = {hour} where user_id = '{user}'")
    assert (await session(shared, subject))["newLeft"] == 2


@pytest.mark.parametrize("scheduler", ["SM2", "FSRS"])
async def test_thirty_days_are_within_the_limits(shared: Client, shared_database_url: str, scheduler: str) -> None:
    url, subject, chance = shared_database_url, f"month {scheduler}", Random(1)
    settings = {"scheduler": scheduler, "new_cards_per_day": 3, "reviews_per_day": 5}
    user = await sign_up(shared, url, subject, time_zone=noon_zone(datetime.now(UTC)), **settings)
    await add_new_cards(url, user, 95)
    held_back = 0
    for day in range(30):
        found = await session(shared, subject, ahead=1_439)
        held_back += found["reviewsLeft"] == 5
        assert found["newLeft"] == 3
        for turn in range(20):
            if not found["cards"]:
                break
            quality = chance.choice((1, 4, 4, 4, 5)) if turn < 3 else 5
            await answer_all(shared, subject, found, f"{day} {turn}", quality)
            found = await session(shared, subject, ahead=1_439)
        assert left(found) == (0, 0, 0)
        await execute(url, PASS_A_DAY.format(user))
    new = await column(url, f"select new_cards from review_days where user_id = '{user}'")
    done = await column(
        url,
        f"select count(distinct card_id) from reviews where user_id = '{user}' and interval_days_before >= 1"
        " group by day",
    )
    assert new == [3] * 30
    assert max(done) == 5
    assert held_back > 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 101}, "first: 101 is outside 1 to 100."),
        ({"ahead": -1}, "learnAheadMinutes: -1 is outside 0 to 1439."),
        ({"ahead": 1_440}, "learnAheadMinutes: 1440 is outside 0 to 1439."),
    ],
)
async def test_arguments_out_of_range(client: Client, arguments: dict[str, int], message: str) -> None:
    query = """query($first: Int, $ahead: Int) { viewer {
        studySession(first: $first, learnAheadMinutes: $ahead) { newLeft } } }"""
    answered = await client.run(query, arguments, user="demo")
    assert (answered.error_codes, answered.messages) == (["BAD_USER_INPUT"], [message])


async def test_session_takes_three_statements_and_is_not_cached(client: Client) -> None:
    query = "{ viewer { studySession(first: %d) { cards { id } newLeft } } }"
    one, hundred = [await client.run(query % first, user="demo") for first in (1, 100)]
    assert one.statements == hundred.statements == 3
    assert one.headers["cache-control"] == "private, no-cache"


async def test_filter_ids_are_of_their_type(client: Client) -> None:
    query = "query($filter: StudySessionFilter) { viewer { studySession(filter: $filter) { newLeft } } }"
    for name, other in (("chapterId", "Book"), ("bookId", "Chapter")):
        answered = await client.run(query, {"filter": {name: global_id(other, new_id())}}, user="demo")
        assert answered.error_codes == ["BAD_USER_INPUT"]
