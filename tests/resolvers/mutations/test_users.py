"""A new algorithm reschedules the cards; a new time zone moves due days and keeps past days."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from db.core.database import open_database
from db.core.transaction import Transaction, run_transaction
from db.services import scheduling as scheduling_service
from db.services.users import update_settings
from domain.enums import Role
from domain.request_stats import RequestStatistics
from domain.study_settings import SettingsChange
from domain.user_errors import InvalidInput
from domain.viewer import Viewer
from tests.clients import Client
from tests.databases import column
from tests.review_assertions import LEARNT, answer, card_ids, check_learner, days_ago, review

UPDATE = """
    mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) {
        settings { scheduler desiredRetention newCardsPerDay reviewsPerDay timeZone dayStartsAt learningSteps
            relearningSteps maximumInterval easyDays streakFreezesPerMonth } errors { code message path }
    } }
"""
DEMO = {
    "scheduler": "SM2",
    "desiredRetention": 0.9,
    "newCardsPerDay": 10,
    "reviewsPerDay": 120,
    "timeZone": "Asia/Tokyo",
    "dayStartsAt": 4,
    "learningSteps": [1, 10],
    "relearningSteps": [10],
    "maximumInterval": 36_500,
    "easyDays": [1, 1, 1, 1, 1, 1, 1],
    "streakFreezesPerMonth": 0,
}
CARDS = (
    "select array_agg(to_jsonb(cards) - '{{version,updated_at,changed_in}}'::text[] order by cards.id) from cards"
    " join users on users.id = user_id where subject = 'demo' and (last_reviewed_at is null) = {new}"
)


async def update(client: Client, user: str = "demo", **input_: Any) -> Any:
    return (await client.run(UPDATE, {"input": input_}, user=user)).data["updateStudySettings"]


async def test_omitted_settings_are_unchanged(checked_client: Client) -> None:
    assert await update(checked_client) == {"settings": DEMO, "errors": []}
    assert (await update(checked_client, newCardsPerDay=0, scheduler=None))["settings"] == {**DEMO, "newCardsPerDay": 0}
    assert (await update(checked_client, reviewsPerDay=9_999))["settings"] == {
        **DEMO,
        "newCardsPerDay": 0,
        "reviewsPerDay": 9_999,
    }


async def cards(database_url: str, *, new: bool) -> Any:
    """All columns of the demo learner's cards with or without reviews."""
    [found] = await column(database_url, CARDS.format(new=new))
    return found


async def test_switching_the_algorithm_reschedules_from_the_history(
    checked_client: Client, writable_database_url: str
) -> None:
    new, reviewed = [await cards(writable_database_url, new=value) for value in (True, False)]
    assert (await update(checked_client, scheduler="FSRS"))["settings"]["scheduler"] == "FSRS"
    await check_learner(writable_database_url, "demo")
    assert await cards(writable_database_url, new=True) == new
    assert await cards(writable_database_url, new=False) != reviewed
    assert (
        await column(
            writable_database_url, "select 1 from cards where last_reviewed_at is not null and stability is null"
        )
        == []
    )
    await update(checked_client, scheduler="SM2")
    assert await cards(writable_database_url, new=False) == reviewed


async def test_later_reviews_use_the_new_algorithm(checked_client: Client, writable_database_url: str) -> None:
    ids = await card_ids(writable_database_url, "demo", 3, LEARNT)
    await update(checked_client, scheduler="FSRS")
    await review(checked_client, [answer(id, f"k{n}", reviewedAt=days_ago(n * 100)) for n, id in enumerate(ids)])


async def test_retention_reschedules_only_fsrs_cards(checked_client: Client, writable_database_url: str) -> None:
    of_sm2 = await cards(writable_database_url, new=False)
    await update(checked_client, desiredRetention=0.8)
    assert await cards(writable_database_url, new=False) == of_sm2
    await update(checked_client, scheduler="FSRS")
    of_fsrs = await cards(writable_database_url, new=False)
    await update(checked_client, desiredRetention=0.97)
    assert await cards(writable_database_url, new=False) != of_fsrs
    await check_learner(writable_database_url, "demo")


@pytest.mark.parametrize("time_zone", ["UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu"])
async def test_new_time_zone_keeps_past_days(
    checked_client: Client, writable_database_url: str, time_zone: str
) -> None:
    days = "select array_agg(review_days::text order by day) from review_days where reviews > 0"
    due_days = "select array_agg((id, due_day)::text order by id) from cards"
    before = [await column(writable_database_url, query) for query in (days, due_days)]
    assert (await update(checked_client, timeZone=time_zone))["settings"]["timeZone"] == time_zone
    await check_learner(writable_database_url, "demo")
    assert [await column(writable_database_url, query) for query in (days, due_days)] == before


async def test_all_cards_of_a_day_are_due_when_it_starts(checked_client: Client, writable_database_url: str) -> None:
    due_at = (
        "select distinct (due_at at time zone 'Asia/Tokyo')::time::text from cards"
        " join users on users.id = user_id where subject = 'demo' and due_day is not null"
    )
    assert await column(writable_database_url, due_at) == ["04:00:00"]
    assert (await update(checked_client, dayStartsAt=6))["settings"]["dayStartsAt"] == 6
    assert await column(writable_database_url, due_at) == ["06:00:00"]
    await check_learner(writable_database_url, "demo")
    [card] = await card_ids(writable_database_url, "demo", 1, LEARNT)
    await review(checked_client, [answer(card, "late", reviewedAt="2026-03-01T20:30:00Z")])
    days = "select day::text from reviews where idempotency_key = 'late'"
    # 5:30 in Tokyo.
    assert await column(writable_database_url, days) == ["2026-03-01"]


async def test_steps_and_maximum_interval_reschedule_fsrs_cards(
    checked_client: Client, writable_database_url: str
) -> None:
    await update(checked_client, scheduler="FSRS")
    changed: dict[str, Any] = {"learningSteps": [5, 30], "relearningSteps": [], "maximumInterval": 20}
    settings = (await update(checked_client, **changed))["settings"]
    assert {name: settings[name] for name in changed} == changed
    await check_learner(writable_database_url, "demo")
    assert await column(writable_database_url, "select max(due_day - last_reviewed_day) from cards") == [20]
    kinds = "select kind from schedule_changes"
    assert await column(writable_database_url, kinds) == ["SETTINGS", "SETTINGS"]


@pytest.mark.parametrize("scheduler", ["FSRS", "SM2"])
async def test_easy_days_apply_to_later_reviews(
    checked_client: Client, writable_database_url: str, scheduler: str
) -> None:
    """They move no due day, and reviews that are saved later avoid them."""
    await update(checked_client, scheduler=scheduler)
    due_days = "select array_agg((id, due_day)::text order by id) from cards"
    before = await column(writable_database_url, due_days)
    easy_days = [1, 1, 1, 1, 1, 0, 0]
    assert (await update(checked_client, easyDays=easy_days))["settings"]["easyDays"] == easy_days
    assert await column(writable_database_url, due_days) == before
    ids = await card_ids(writable_database_url, "demo", 40, LEARNT)
    await review(checked_client, [answer(card, f"easy {n}") for n, card in enumerate(ids)])
    weekdays = await column(
        writable_database_url,
        "select extract(isodow from due_day)::int from reviews where idempotency_key like 'easy %'"
        " and interval_days_after > 3",
    )
    assert len(weekdays) > 20
    assert not {6, 7} & set(weekdays)
    await check_learner(writable_database_url, "demo")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        # The night in which clocks go back: 3:59 and 4:00 local time, before and after the change.
        ("2026-10-25T00:30:00Z", "2026-10-24"),
        ("2026-10-25T01:30:00Z", "2026-10-24"),
        ("2026-10-25T02:59:59Z", "2026-10-24"),
        ("2026-10-25T03:00:00Z", "2026-10-25"),
        # The night in which clocks go forward.
        ("2026-03-29T00:59:59Z", "2026-03-28"),
        ("2026-03-29T01:59:59Z", "2026-03-28"),
        ("2026-03-29T02:00:00Z", "2026-03-29"),
    ],
)
async def test_day_starts_at_four_local_time(shared: Client, shared_database_url: str, moment: str, day: str) -> None:
    subject = f"learner at {moment}"
    await update(shared, user=subject, timeZone="Europe/Berlin")
    await shared.run("mutation { createCards(input: {jlptLevel: N5, limit: 1}) { createdCount } }", user=subject)
    [card] = await card_ids(shared_database_url, subject, 1)
    await review(shared, [answer(card, "k", reviewedAt=moment)], user=subject)
    local = datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/Berlin"))
    assert (local.hour >= 4) == (str(local.date()) == day)
    found = await column(
        shared_database_url,
        "select day::text from review_days join users on users.id = user_id"
        f" where subject = '{subject}' and reviews > 0",
    )
    assert found == [day]
    assert await check_learner(shared_database_url, subject) == 1


async def test_streak_continues_across_daylight_saving(shared: Client, shared_database_url: str) -> None:
    """Reviews at 23:30 local time each day, across changes of the clocks: no day is missed."""
    subject = "learner with a streak"
    await update(shared, user=subject, timeZone="Europe/Berlin")
    await shared.run("mutation { createCards(input: {jlptLevel: N5, limit: 1}) { createdCount } }", user=subject)
    [card] = await card_ids(shared_database_url, subject, 1)
    zone = ZoneInfo("Europe/Berlin")
    evenings = [datetime(2026, 10, day, 23, 30, tzinfo=zone).astimezone(UTC) for day in range(20, 31)]
    reviews = [answer(card, f"k{n}", reviewedAt=at.isoformat()) for n, at in enumerate(evenings)]
    assert (await review(shared, reviews, user=subject))["errors"] == []
    query = "{ viewer { dashboard { longestStreakDays } } }"
    data = (await shared.run(query, user=subject)).data
    assert data["viewer"]["dashboard"]["longestStreakDays"] == len(evenings)


@pytest.mark.parametrize(
    ("input_", "code", "path"),
    [
        ({"desiredRetention": 0.69}, "OUT_OF_RANGE", ["desiredRetention"]),
        ({"desiredRetention": 0.98}, "OUT_OF_RANGE", ["desiredRetention"]),
        ({"newCardsPerDay": -1}, "OUT_OF_RANGE", ["newCardsPerDay"]),
        ({"reviewsPerDay": 10_000}, "OUT_OF_RANGE", ["reviewsPerDay"]),
        ({"dayStartsAt": 24}, "OUT_OF_RANGE", ["dayStartsAt"]),
        ({"learningSteps": [0]}, "OUT_OF_RANGE", ["learningSteps", "0"]),
        ({"learningSteps": [1] * 11}, "TOO_LONG", ["learningSteps"]),
        ({"relearningSteps": [10, 1_440]}, "OUT_OF_RANGE", ["relearningSteps", "1"]),
        ({"maximumInterval": 0}, "OUT_OF_RANGE", ["maximumInterval"]),
        ({"streakFreezesPerMonth": -1}, "OUT_OF_RANGE", ["streakFreezesPerMonth"]),
        ({"streakFreezesPerMonth": 11}, "OUT_OF_RANGE", ["streakFreezesPerMonth"]),
        ({"easyDays": []}, "TOO_SHORT", ["easyDays"]),
        ({"easyDays": [1] * 6}, "TOO_SHORT", ["easyDays"]),
        ({"easyDays": [1] * 8}, "TOO_LONG", ["easyDays"]),
        ({"easyDays": [1, 1, 1, 1, 1, 1, 1.01]}, "OUT_OF_RANGE", ["easyDays", "6"]),
        ({"easyDays": [-0.01, 1, 1, 1, 1, 1, 1]}, "OUT_OF_RANGE", ["easyDays", "0"]),
        ({"timeZone": "Mars/Olympus"}, "INVALID", ["timeZone"]),
        ({"timeZone": "JST"}, "INVALID", ["timeZone"]),
        ({"timeZone": "UTC+3"}, "INVALID", ["timeZone"]),
        ({"timeZone": ""}, "INVALID", ["timeZone"]),
    ],
)
async def test_bad_input_changes_nothing(shared: Client, input_: dict[str, Any], code: str, path: list[str]) -> None:
    payload = await update(shared, scheduler="FSRS", **input_)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]
    assert payload["settings"] is None
    assert (await update(shared))["settings"] == DEMO


async def test_all_errors_are_reported_together(shared: Client) -> None:
    payload = await update(shared, desiredRetention=2, newCardsPerDay=-1, timeZone="Nowhere")
    assert [error["path"] for error in payload["errors"]] == [["desiredRetention"], ["newCardsPerDay"], ["timeZone"]]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
async def test_non_numbers_are_rejected(shared: Client, number: str) -> None:
    """Neither JSON nor GraphQL has NaN and infinity."""
    body = '{"query": %s, "variables": {"input": {"desiredRetention": %s}}}'
    query = '"mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) { errors { code } } }"'
    headers = {"Authorization": f"Bearer {shared.token('demo')}", "Content-Type": "application/json"}
    response = await shared.http.post("/graphql", content=body % (query, number), headers=headers)
    assert response.status_code in (200, 400)
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_time_zone_unknown_to_the_database_changes_nothing(
    checked_client: Client, writable_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python and PostgreSQL may have different releases of the time zone database. No job is requested either."""
    monkeypatch.setattr(scheduling_service, "MAX_REVIEWS_IN_REQUEST", 1)
    [learner] = await column(writable_database_url, "select id from users where subject = 'demo'")
    viewer, change = Viewer(learner, Role.LEARNER), SettingsChange(time_zone="Mars/Olympus")
    by_job = replace(change, desired_retention=0.8)
    works: list[Callable[[Transaction], Awaitable[object]]] = [
        partial(update_settings, change=change),
        partial(scheduling_service.change_settings, change=by_job),
    ]
    async with open_database(writable_database_url, min_size=1, max_size=1) as database:
        for work in works:
            with pytest.raises(InvalidInput, match="Mars/Olympus"):
                await run_transaction(database, viewer, datetime.now(UTC), "request", RequestStatistics(), work)
    assert (await update(checked_client))["settings"] == DEMO


async def test_reviews_are_spread_over_days(checked_client: Client, writable_database_url: str) -> None:
    """With FSRS, equal cards that are reviewed together become due on different days."""
    await update(checked_client, scheduler="FSRS")
    new = await card_ids(writable_database_url, "demo", 15, "state = 'NEW' and not suspended")
    await review(checked_client, [answer(id, f"easy {id}", 5) for id in new])
    counts = "select count(*) from cards where first_reviewed_at > now() - interval '1 hour' group by due_day"
    assert len(await column(writable_database_url, counts)) >= 3
    await check_learner(writable_database_url, "demo")
