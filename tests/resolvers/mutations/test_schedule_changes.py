"""Cards are reset, buried and rescheduled by entries of their logs, in any order of arrival."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from domain.ids import global_id
from tests.clients import Client
from tests.databases import column
from tests.resolvers.test_study_session import noon_zone
from tests.review_assertions import answer, buried_cards, check_learner, days_ago, review, undo

CARD = "id state dueAt dueDay intervalDays easeFactor stability difficulty repetitions lapses lastReviewedAt"
CREATE = "mutation($n: Int) { createCards(input: {jlptLevel: N5, limit: $n}) { cards { id } } }"
TRAVEL = """mutation($zone: String, $hour: Int) {
    updateStudySettings(input: {timeZone: $zone, dayStartsAt: $hour}) { errors { code } } }"""
ZONES = ("UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati")
KINDS = ("resetCards", "buryCards", "unburyCards", "rescheduleCards")


async def make_cards(client: Client, user: str, number: int, *, scheduler: str = "FSRS") -> list[str]:
    """Cards that are overdue, of which one of five is due later, and the last is new."""
    settings = "mutation($s: Scheduler) { updateStudySettings(input: {scheduler: $s}) { errors { code } } }"
    await client.run(settings, {"s": scheduler}, user=user)
    cards = (await client.run(CREATE, {"n": number}, user=user)).data["createCards"]["cards"]
    ids = [card["id"] for card in cards]
    await review(
        client,
        [
            answer(id, f"first-{days}-{id}", 4, reviewedAt=days_ago(days + n % 5))
            for n, id in enumerate(ids[:-1])
            for days in ((60, 50, 1) if n % 5 == 4 else (60, 50))
        ],
        user,
    )
    return ids


async def run(client: Client, user: str, name: str, **input_: Any) -> Any:
    type_name = name[0].upper() + name[1:]
    if name == "rescheduleCards":
        input_ = {"days": 7, **input_}
    result = "cardIds" if name == "undoScheduleChange" else f"cards {{ {CARD} }}"
    query = f"mutation($input: {type_name}Input!) {{ {name}(input: $input) {{ {result} errors {{ code path }} }} }}"
    answered = await client.run(query, {"input": input_}, user=user)
    return answered.data[name] | {"statements": answered.statements}


async def read(client: Client, user: str, ids: list[str]) -> Any:
    query = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Card {{ {CARD} }} }} }}"
    return (await client.run(query, {"ids": ids}, user=user)).data["nodes"]


async def studied(client: Client, user: str) -> set[str]:
    """The cards that are due, which sessions and counts agree on."""
    query = """{ viewer { dueCards(first: 100) { nodes { id } } dashboard { dueNow }
        studySession(first: 100, filter: {ignoreLimits: true}) { cards { id } } } }"""
    viewer = (await client.run(query, user=user)).data["viewer"]
    due = {card["id"] for card in viewer["dueCards"]["nodes"]}
    assert {card["id"] for card in viewer["studySession"]["cards"]} == due
    assert viewer["dashboard"]["dueNow"] == len(due)
    return due


async def check_buried(client: Client, url: str, user: str) -> int:
    """The list and the field of buried cards are as the log says; returns their number."""
    expected = await buried_cards(url, user)
    query = "{ viewer { cards(first: 100%s) { nodes { id buriedUntil } } } }"
    for filter in ("", ", filter: {buried: true}", ", filter: {buried: false}"):
        nodes = (await client.run(query % filter, user=user)).data["viewer"]["cards"]["nodes"]
        found = {node["id"]: datetime.fromisoformat(node["buriedUntil"]) for node in nodes if node["buriedUntil"]}
        assert found == ({} if "false" in filter else expected)
        assert "true" not in filter or len(nodes) == len(expected)
    return len(expected)


async def test_buried_cards_return_on_the_next_day(shared: Client, shared_database_url: str) -> None:
    ids = await make_cards(shared, "buries", 6)
    before = await read(shared, "buries", ids)
    due = await studied(shared, "buries")
    buried = (await run(shared, "buries", "buryCards", cardIds=ids, idempotencyKey="b"))["cards"]
    now = datetime.now(UTC)
    assert len(due) >= 2
    assert await studied(shared, "buries") == set()
    assert await check_buried(shared, shared_database_url, "buries") >= len(due)
    for card, earlier in zip(buried, before, strict=True):
        if card["id"] in due:
            assert timedelta() < datetime.fromisoformat(card["dueAt"]) - now <= timedelta(hours=25)
        else:
            assert card["dueAt"] == earlier["dueAt"]
        assert card["intervalDays"] == earlier["intervalDays"]
    await run(shared, "buries", "unburyCards", cardIds=ids, idempotencyKey="u")
    assert await read(shared, "buries", ids) == before
    assert await check_buried(shared, shared_database_url, "buries") == 0
    # Undoing that buries them again.
    await run(shared, "buries", "undoScheduleChange", idempotencyKey="u")
    assert await read(shared, "buries", ids) == buried
    await check_learner(shared_database_url, "buries")


async def test_buried_cards_return_when_the_day_starts_in_another_time_zone(
    shared: Client, shared_database_url: str
) -> None:
    """New cards, cards in learning steps and those in review, also deleted ones, of whatever state the day is."""
    user = "buries and travels"
    ids = await make_cards(shared, user, 6)
    created = (await shared.run(CREATE, {"n": 5}, user=user)).data["createCards"]["cards"]
    ids += [card["id"] for card in created]
    await review(shared, [answer(id, f"step {id}", 1) for id in ids[-3:-1]], user)
    await run(shared, user, "buryCards", cardIds=ids, idempotencyKey="b")
    delete = "mutation($ids: [ID!]!) { deleteCards(input: {cardIds: $ids}) { errors { code } } }"
    await shared.run(delete, {"ids": ids[-1:]}, user=user)
    buried = await check_buried(shared, shared_database_url, user)
    assert buried >= 5
    # The next day starts at another time, but no earlier day or later one begins.
    for zone in (noon_zone(datetime.now(UTC)), "UTC"):
        for hour in (5, 6, 4):
            await shared.run(TRAVEL, {"zone": zone, "hour": hour}, user=user)
            await check_learner(shared_database_url, user)
            await check_buried(shared, shared_database_url, user)
    assert await check_buried(shared, shared_database_url, user) == buried


async def test_cards_are_not_buried_by_an_entry_that_arrives_after_its_end(shared: Client) -> None:
    ids = await make_cards(shared, "late bury", 4)
    before = await read(shared, "late bury", ids)
    times = [days_ago(hours / 24) for hours in (0.2, 0.1)]
    await run(shared, "late bury", "unburyCards", cardIds=ids, changedAt=times[1], idempotencyKey="u")
    await run(shared, "late bury", "buryCards", cardIds=ids, changedAt=times[0], idempotencyKey="b")
    assert await read(shared, "late bury", ids) == before


async def test_reset_cards_are_new_and_keep_their_logs(shared: Client, shared_database_url: str) -> None:
    ids = await make_cards(shared, "resets", 3)
    lapsed = (await review(shared, [answer(ids[0], "lapse", 1)], "resets"))["results"]
    assert lapsed
    before = await read(shared, "resets", ids)
    cards = (await run(shared, "resets", "resetCards", cardIds=ids[:2], idempotencyKey="r"))["cards"]
    assert [(card["state"], card["repetitions"], card["stability"]) for card in cards] == [("NEW", 0, None)] * 2
    assert [card["lapses"] for card in cards] == [card["lapses"] for card in before[:2]]
    assert set(ids) & await studied(shared, "resets") == set(ids)
    query = "{ viewer { reviews { totalCount } dashboard { newToday } } }"
    viewer = (await shared.run(query, user="resets")).data["viewer"]
    assert viewer == {"reviews": {"totalCount": 5}, "dashboard": {"newToday": 0}}
    [result] = (await review(shared, [answer(ids[1], "again", 4)], "resets"))["results"]
    # The reset precedes the review, which is the first of the card now.
    await run(shared, "resets", "undoScheduleChange", idempotencyKey="r")
    assert (await read(shared, "resets", ids[:1])) == before[:1]
    await check_learner(shared_database_url, "resets")
    await undo(shared, [result["review"]["id"]], "resets")
    assert await read(shared, "resets", ids) == before


async def test_overdue_cards_are_spread_evenly(shared: Client, shared_database_url: str) -> None:
    ids = await make_cards(shared, "spreads", 41)
    before = {card["id"]: card for card in await read(shared, "spreads", ids)}
    today = datetime.now(UTC) - timedelta(hours=4)
    is_due = {id: card["dueDay"] is not None and card["dueDay"] <= f"{today:%Y-%m-%d}" for id, card in before.items()}
    assert 10 < sum(is_due.values()) < 41
    cards = (await run(shared, "spreads", "rescheduleCards", cardIds=ids, days=7, idempotencyKey="s"))["cards"]
    days = Counter(card["dueDay"] for card in cards if is_due[card["id"]])
    assert sorted(days) == [f"{today + timedelta(days=n):%Y-%m-%d}" for n in range(7)]
    assert max(days.values()) - min(days.values()) <= 1
    assert all(card == before[card["id"]] for card in cards if not is_due[card["id"]])
    kept = ("intervalDays", "stability", "easeFactor", "state")
    assert all(card[name] == before[card["id"]][name] for card in cards for name in kept)
    await check_learner(shared_database_url, "spreads")


async def test_late_review_ends_a_rescheduling(shared: Client, shared_database_url: str) -> None:
    """A card whose review arrives after it was rescheduled was not overdue."""
    ids = await make_cards(shared, "late review", 4)
    await run(shared, "late review", "rescheduleCards", cardIds=ids, days=30, idempotencyKey="s")
    [result] = (await review(shared, [answer(ids[0], "late", 4, reviewedAt=days_ago(0.1))], "late review"))["results"]
    assert result["review"]
    [card] = await read(shared, "late review", ids[:1])
    assert abs(datetime.fromisoformat(card["dueAt"]) - datetime.now(UTC)) > timedelta(days=10)
    await check_learner(shared_database_url, "late review")


@pytest.mark.parametrize("kind", KINDS)
async def test_change_is_saved_once_and_undone(shared: Client, shared_database_url: str, kind: str) -> None:
    user = f"once {kind}"
    ids = await make_cards(shared, user, 5)
    before = await read(shared, user, ids)
    input_ = {"cardIds": ids[:4], "idempotencyKey": "k"}
    first = await run(shared, user, kind, **input_)
    assert await run(shared, user, kind, **input_) == {**first, "statements": 3}
    own = f"user_id = (select id from users where subject = '{user}')"
    assert await column(
        shared_database_url, f"select count(*) from schedule_changes where {own} and not undone and batch_key = 'k'"
    ) == [4]
    other = KINDS[KINDS.index(kind) - 1]
    for refused in (
        await run(shared, user, kind, **{**input_, "cardIds": ids}),
        await run(shared, user, kind, **input_, changedAt=days_ago(1)),
        await run(shared, user, other, **input_),
    ):
        assert [(error["code"], error["path"]) for error in refused["errors"]] == [("CONFLICT", ["idempotencyKey"])]
    undone = await run(shared, user, "undoScheduleChange", idempotencyKey="k")
    assert set(undone["cardIds"]) == set(ids[:4])
    assert await read(shared, user, ids) == before
    again = await run(shared, user, "undoScheduleChange", idempotencyKey="k")
    assert again["cardIds"] == undone["cardIds"]
    assert (await run(shared, user, kind, **input_))["cards"] == before[:4]
    assert await read(shared, user, ids) == before
    await check_learner(shared_database_url, user)


@pytest.mark.parametrize("kind", KINDS)
async def test_statements_do_not_grow(shared: Client, kind: str) -> None:
    user = f"counts {kind}"
    ids = await make_cards(shared, user, 50)
    counts = [
        (await run(shared, user, kind, cardIds=cards, idempotencyKey=str(len(cards))))["statements"]
        for cards in (ids[:1], ids)
    ]
    counts += [(await run(shared, user, "undoScheduleChange", idempotencyKey=key))["statements"] for key in ("1", "50")]
    assert counts == [7] * 4


@pytest.mark.parametrize("scheduler", ["FSRS", "SM2"])
async def test_random_changes_in_any_order_of_arrival(shared: Client, shared_database_url: str, scheduler: str) -> None:
    """Cards are the fold of their logs after each change, review, deletion and undo."""
    user, chance = f"random {scheduler}", Random(scheduler)
    ids = await make_cards(shared, user, 6, scheduler=scheduler)
    keys: list[str] = []
    buried = 0
    for number in range(60):
        # Mostly of the present day.
        cards, at = chance.sample(ids, chance.randint(1, 4)), days_ago(chance.random() ** 6 * 20)
        match chance.randrange(9):
            case 1:
                await shared.run(TRAVEL, {"zone": chance.choice(ZONES), "hour": chance.randint(3, 5)}, user=user)
            case 0:
                await review(
                    shared, [answer(id, f"{number} {id}", chance.randrange(6), reviewedAt=at) for id in cards], user
                )
            case 2 if keys:
                await run(shared, user, "undoScheduleChange", idempotencyKey=chance.choice(keys))
            case 3:
                query = "mutation($ids: [ID!]!) { %s(input: {cardIds: $ids}) { errors { code } } }"
                name = chance.choice(["deleteCards", "restoreCards", "restoreCards"])
                await shared.run(query % name, {"ids": cards[:1]}, user=user)
            case _:
                keys.append(str(number))
                kind = chance.choice((*KINDS, "resetCards", "buryCards", "buryCards"))
                days = {"days": chance.randint(1, 9)}
                await run(
                    shared,
                    user,
                    kind,
                    cardIds=cards,
                    changedAt=at,
                    idempotencyKey=keys[-1],
                    **(days if kind == "rescheduleCards" else {}),
                )
        buried += await check_buried(shared, shared_database_url, user)
    assert buried > 5
    assert await check_learner(shared_database_url, user) > 10


@pytest.mark.parametrize(
    ("kind", "values", "code", "path"),
    [
        ("resetCards", {"cardIds": []}, "TOO_SHORT", ["cardIds"]),
        ("buryCards", {"cardIds": ["no id"]}, "INVALID", ["cardIds", "0"]),
        ("unburyCards", {"cardIds": [global_id("Card", uuid4())]}, "NOT_FOUND", ["cardIds", "0"]),
        ("resetCards", {"cardIds": [global_id("Card", uuid4())] * 1_001}, "TOO_LONG", ["cardIds"]),
        ("rescheduleCards", {"days": 0}, "OUT_OF_RANGE", ["days"]),
        ("rescheduleCards", {"days": 366}, "OUT_OF_RANGE", ["days"]),
        ("buryCards", {"idempotencyKey": ""}, "REQUIRED", ["idempotencyKey"]),
        ("buryCards", {"idempotencyKey": "k" * 201}, "TOO_LONG", ["idempotencyKey"]),
        ("resetCards", {"changedAt": "1999-12-31T23:59:59Z"}, "OUT_OF_RANGE", ["changedAt"]),
        ("undoScheduleChange", {"idempotencyKey": "unknown"}, "NOT_FOUND", ["idempotencyKey"]),
    ],
)
async def test_bad_input(shared: Client, kind: str, values: dict[str, Any], code: str, path: list[str]) -> None:
    cards = {} if kind == "undoScheduleChange" else {"cardIds": await make_cards(shared, "bad changes", 2)}
    refused = await run(shared, "bad changes", kind, **{**cards, "idempotencyKey": "bad", **values})
    assert [(error["code"], error["path"]) for error in refused["errors"]] == [(code, path)]


async def test_key_of_another_learner_is_unknown(shared: Client) -> None:
    ids = await make_cards(shared, "owner of a key", 2)
    await run(shared, "owner of a key", "resetCards", cardIds=ids, idempotencyKey="mine")
    refused = await run(shared, "stranger to a key", "undoScheduleChange", idempotencyKey="mine")
    assert [error["code"] for error in refused["errors"]] == ["NOT_FOUND"]
