"""Streaks of a learner who misses days or travels."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from db.core.database import owner_connection
from tests.clients import Client
from tests.databases import column
from tests.resolvers.test_study_session import noon_zone, sign_up
from tests.review_assertions import answer, card_ids, check_learner, days_ago, review, undo

DAY = timedelta(days=1)
READ = """
    { viewer { dashboard { streakDays longestStreakDays streakFreezesUsed streakFreezesLeft
        activity(days: 60) { date reviews streakFreeze } } } }
"""
UPDATE = "mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) { errors { code } } }"


async def streak(client: Client, user: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.run(READ, user=user)).data["viewer"]["dashboard"]
    found["frozen"] = {
        date.fromisoformat(day["date"]): day["streakFreeze"] for day in found.pop("activity") if day["streakFreeze"]
    }
    return found


async def create_learner(client: Client, url: str, subject: str, **settings: Any) -> str:
    """The id of a card."""
    values: dict[str, Any] = {"time_zone": "UTC", "day_starts_at_hour": 0, **settings}
    await sign_up(client, url, subject, **values)
    await client.run("mutation { createCards(input: {jlptLevel: N5, limit: 1}) { createdCount } }", user=subject)
    return (await card_ids(url, subject, 1))[0]


async def study(client: Client, user: str, card: str, *past: int) -> Any:
    """Review the card N days ago, for each of the numbers."""
    payload = await review(client, [answer(card, f"{n} {days_ago(0)}", reviewedAt=days_ago(n)) for n in past], user)
    assert payload["errors"] == []
    return payload


async def test_missed_day_is_frozen_until_it_is_studied(shared: Client, shared_database_url: str) -> None:
    url, user = shared_database_url, "learner with a freeze"
    card = await create_learner(shared, url, user, streak_freezes_per_month=1)
    today = datetime.now(UTC).date()
    await study(shared, user, card, 4)
    await study(shared, user, card, 3)
    await study(shared, user, card, 1)
    missed = today - 2 * DAY
    assert (found := await streak(shared, user))["frozen"] == {missed: "MISSED"}
    assert (found["streakDays"], found["longestStreakDays"]) == (3, 3)
    used = int(missed.month == today.month)
    assert (found["streakFreezesUsed"], found["streakFreezesLeft"]) == (used, 1 - used)
    # A device sends the review of the missed day: the freeze is given back, and used again when it is undone.
    late = await study(shared, user, card, 2)
    assert (found := await streak(shared, user))["frozen"] == {}
    assert (found["streakDays"], found["streakFreezesUsed"], found["streakFreezesLeft"]) == (4, 0, 1)
    await check_learner(url, user)
    data = (await shared.run("{ viewer { reviews(first: 2) { nodes { id } } } }", user=user)).data
    nodes = [node["id"] for node in data["viewer"]["reviews"]["nodes"]]
    # The newest review of a card is undone first.
    assert nodes[1] == late["results"][0]["review"]["id"]
    assert (await undo(shared, nodes, user))["errors"] == []
    await study(shared, user, card, 1)
    assert (found := await streak(shared, user))["frozen"] == {missed: "MISSED"}
    assert found["streakDays"] == 3
    await check_learner(url, user)


@pytest.mark.parametrize(
    ("before", "after", "missed", "streak_days", "frozen"),
    [
        # Ended, whatever the allowance is now.
        (0, 10, 3, 1, 0),
        (1, 2, 2, 1, 0),
        (2, 0, 3, 1, 0),
        # Not ended: the days count as with the allowance on which they were missed.
        (2, 10, 2, 3, 2),
        (2, 0, 2, 3, 2),
        (2, 1, 2, 3, 2),
    ],
)
async def test_another_allowance_changes_no_missed_day(
    shared: Client, shared_database_url: str, before: int, after: int, missed: int, streak_days: int, frozen: int
) -> None:
    url, user = shared_database_url, f"learner with {before}, then {after} freezes, {missed} days missed"
    # The days missed are of one month, or the allowance is that of two.
    first, today = datetime.now(UTC).date() - missed * DAY, datetime.now(UTC).date()
    is_alive = streak_days > 1
    if not is_alive and first.month != (today - DAY).month:
        pytest.skip("Each of two months has an allowance.")
    card = await create_learner(shared, url, user, streak_freezes_per_month=before)
    await study(shared, user, card, missed + 2)
    await study(shared, user, card, missed + 1)
    for allowance in (after, 10 if after == 0 else after):
        assert (await streak(shared, user))["streakDays"] == (2 if is_alive else 0)
        update = {"input": {"streakFreezesPerMonth": allowance}}
        assert (await shared.run(UPDATE, update, user=user)).data == {"updateStudySettings": {"errors": []}}
    assert (await streak(shared, user))["streakDays"] == (2 if is_alive else 0)
    await study(shared, user, card, 0)
    found = await streak(shared, user)
    assert (found["streakDays"], len(found["frozen"])) == (streak_days, frozen)
    # A day that was studied after all, on a device without a connection, is not missed.
    for past in range(1, missed + 1):
        await study(shared, user, card, past)
    found = await streak(shared, user)
    assert (found["streakDays"], found["frozen"]) == (missed + 3, {})
    await check_learner(url, user)


async def test_streaks_equal_a_count_by_hand(shared: Client, shared_database_url: str) -> None:
    """Random days, frozen or studied, before and after a refresh of the materialized view."""
    url, chance, today = shared_database_url, Random(5), datetime.now(UTC).date()
    for number in range(12):
        user, per_month = f"learner with random days {number}", chance.randint(0, 3)
        id = await sign_up(shared, url, user, time_zone="UTC", day_starts_at_hour=0, streak_freezes_per_month=per_month)
        days = {
            today - past * DAY: chance.choices(["STUDIED", "MISSED", "VACATION"], [8, 1, 1])[0]
            for past in range(-3, 80)
            if chance.random() < 0.85 and past not in range(1 + number % 4)
        }
        for day in days:
            if day > today:
                days[day] = "VACATION"
        async with owner_connection(url) as owner:
            if number % 2:
                await owner.execute("refresh materialized view private.learner_statistics")
            await owner.executemany(
                "insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms, freeze_reason)"
                " values ($1, $2, $3, 0, 0, 0, $4)",
                [(id, day, kind == "STUDIED", None if kind == "STUDIED" else kind) for day, kind in days.items()],
            )
            if not number % 2:
                await owner.execute(
                    "update review_days set updated_at = now() - interval '1 hour' where user_id = $1", id
                )
                await owner.execute("refresh materialized view private.learner_statistics")
        found = await streak(shared, user)
        expected = _count_by_hand(days, today, per_month)
        names = ("streakDays", "longestStreakDays", "streakFreezesUsed", "streakFreezesLeft")
        assert tuple(found[name] for name in names) == expected, (number, days)


def _count_by_hand(days: dict[date, str], today: date, per_month: int) -> tuple[int, int, int, int]:
    used = Counter(day.replace(day=1) for day, kind in days.items() if kind == "MISSED")
    newest = max((day for day, kind in days.items() if kind == "STUDIED"), default=today)
    missed = [newest + n * DAY for n in range(1, (today - newest).days) if newest + n * DAY not in days]
    pending = Counter(day.replace(day=1) for day in missed)
    is_alive = all(used[month] + number <= per_month for month, number in pending.items())
    lengths, length = [0], 0
    for past in range(120, -10, -1):
        kind = days.get(today - past * DAY)
        length = 0 if kind is None else length + (kind == "STUDIED")
        lengths.append(length)
        if today - past * DAY == newest:
            current = length
    month = today.replace(day=1)
    now_used = used[month] + (pending[month] if is_alive else 0)
    return current if is_alive else 0, max(lengths), now_used, max(per_month - now_used, 0)


async def test_traveller_across_the_date_line_keeps_the_streak(shared: Client, shared_database_url: str) -> None:
    """25 hours to the east skip the rest of the day and perhaps another; to the west, a day is repeated."""
    url, user = shared_database_url, "traveller"
    card = await create_learner(shared, url, user, time_zone="Pacific/Niue", day_starts_at_hour=4)
    await study(shared, user, card, 2)
    await study(shared, user, card, 1)
    assert (await streak(shared, user))["streakDays"] == 2
    counted = (
        f"select day::text from review_days join users on users.id = user_id where subject = '{user}' and reviews > 0"
    )
    before = await column(url, counted)
    await shared.run(UPDATE, {"input": {"timeZone": "Pacific/Kiritimati"}}, user=user)
    found = await streak(shared, user)
    assert found["streakDays"] == 2
    assert set(found["frozen"].values()) == {"TRAVEL"}
    assert found["streakFreezesUsed"] == 0
    assert await column(url, counted) == before
    await study(shared, user, card, 0)
    assert (await streak(shared, user))["streakDays"] == 3
    # Back, where today is a day that has ended in Kiritimati.
    await shared.run(UPDATE, {"input": {"timeZone": "Pacific/Niue"}}, user=user)
    assert (await streak(shared, user))["streakDays"] == 3
    await study(shared, user, card, 0)
    assert (found := await streak(shared, user))["streakDays"] >= 3
    assert set(before) < set(await column(url, counted))


async def test_earlier_start_of_the_day_keeps_the_streak(shared: Client, shared_database_url: str) -> None:
    """A day that the setting ends or leaves too short is frozen, others are not."""
    url, user = shared_database_url, "night owl"
    # The day ends in an hour or less, and with the new setting now.
    zone = noon_zone(datetime.now(UTC))
    card = await create_learner(shared, url, user, time_zone=zone, day_starts_at_hour=13)
    await study(shared, user, card, 1)
    await shared.run(UPDATE, {"input": {"dayStartsAt": 12}}, user=user)
    found = await streak(shared, user)
    assert (found["streakDays"], list(found["frozen"].values())) == (1, ["TRAVEL"])
    await study(shared, user, card, 0)
    assert (await streak(shared, user))["streakDays"] == 2
