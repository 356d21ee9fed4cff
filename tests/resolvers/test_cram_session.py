"""Cramming shows all cards, due or not, until each was answered right; it moves cards only if the answers say so."""

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest

from domain.enums import NewCardMix, NewCardOrder, Scheduler
from tests.clients import Client
from tests.databases import execute
from tests.resolvers.test_study_limits import add_new_cards, left
from tests.resolvers.test_study_session import (
    QUERY,
    add_cards,
    as_session,
    noon_zone,
    session,
    sign_up,
    with_global_ids,
)
from tests.review_assertions import answer, check_learner, days_ago, review, undo
from tests.study_reference import Learner

VARIANTS = [(Scheduler.SM2, NewCardMix.MIXED), (Scheduler.FSRS, NewCardMix.LAST)]


@pytest.mark.parametrize(("variant", "order"), list(product(VARIANTS, NewCardOrder)))
async def test_session_equals_a_slow_reference(
    shared: Client, shared_database_url: str, variant: tuple[Scheduler, NewCardMix], order: NewCardOrder
) -> None:
    (scheduler, mix), now, subject = variant, datetime.now(UTC), f"crams {variant} {order}"
    chance, zone = Random(subject), noon_zone(now)
    settings = {"scheduler": scheduler.value, "new_card_mix": mix.value, "new_card_order": order.value}
    user = await sign_up(shared, shared_database_url, subject, time_zone=zone, **settings)
    await add_cards(shared_database_url, user, chance, 25, now, zone)
    learner = await Learner.of(shared_database_url, subject)
    for first, since, filter, expected in (
        (100, None, {}, {}),
        (9, now - timedelta(days=3), {}, {}),
        (100, now, {"state": "REVIEW"}, {"state": "REVIEW"}),
    ):
        cram: dict[str, Any] = {"cram": True, "cramSince": since and since.isoformat(), **filter}
        found = as_session(await session(shared, subject, first, **cram))
        assert found == with_global_ids(learner.cram(now, since, **expected), first), cram


async def test_cards_are_repeated_until_they_are_known(shared: Client, shared_database_url: str) -> None:
    url, subject = shared_database_url, "crams before a test"
    user = await sign_up(shared, url, subject, time_zone=noon_zone(datetime.now(UTC)), new_cards_per_day=0)
    await add_new_cards(url, user, 3)
    await execute(url, f"update cards set due_at = now() + interval '9 days' where user_id = '{user}'")
    since = days_ago(0)

    async def crammed() -> Any:
        return await session(shared, subject, cram=True, cramSince=since)

    async def answer_first(key: str, quality: int, **more: Any) -> Any:
        first = (await crammed())["cards"][0]["id"]
        return first, await review(shared, [answer(first, key, quality, reschedule=False, **more)], subject)

    assert (await session(shared, subject))["cards"] == []
    assert left(await crammed()) == (3, 0, 0)
    wrong, saved = await answer_first("wrong", 1)
    again = await crammed()
    assert (left(again), again["cards"][-1]["id"], again["nextDueAt"]) == ((2, 1, 0), wrong, None)
    for number in range(2):
        await answer_first(f"right {number}", 4)
    assert [card["id"] for card in (await crammed())["cards"]] == [wrong]
    await answer_first("wrong again", 2)
    assert left(await crammed()) == (0, 1, 0)
    await answer_first("right at last", 3)
    assert (await crammed())["cards"] == []
    assert (await session(shared, subject))["nextDueAt"] is not None
    # A later session starts with all cards again, and so does one whose answers were undone.
    assert left(await session(shared, subject, cram=True, cramSince=days_ago(-1))) == (3, 0, 0)
    await undo(shared, [saved["results"][0]["review"]["id"]], subject)
    assert (await crammed())["cards"] == []
    await check_learner(url, subject)
    # Moving the cards is a choice of each answer.
    first = (await session(shared, subject, cram=True, cramSince=days_ago(-1)))["cards"][0]["id"]
    await review(shared, [answer(first, "for the schedule", 5)], subject)
    assert left(await session(shared, subject, cram=True, cramSince=days_ago(-1))) == (2, 0, 1)


async def test_start_of_cramming_requires_cramming(client: Client) -> None:
    answered = await client.run(QUERY, {"filter": {"cramSince": days_ago(1)}}, user="demo")
    assert (answered.error_codes, answered.messages) == (["BAD_USER_INPUT"], ["cramSince requires cram."])


async def test_cramming_takes_three_statements(client: Client) -> None:
    query = "{ viewer { studySession(first: %d, filter: {cram: true}) { cards { id } newLeft } } }"
    one, hundred = [await client.run(query % first, user="demo") for first in (1, 100)]
    assert one.statements == hundred.statements == 3
    assert len(hundred.data["viewer"]["studySession"]["cards"]) == 100
