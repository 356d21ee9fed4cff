"""What an account exports fills another one with the same cards, schedules and reviews."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from domain.enums import JobKind
from jobs.scheduling import reschedule_cards
from tests.clients import Client
from tests.databases import execute
from tests.jobs.test_import_sources import OF_LEARNER, PREPARE, TRAVELLER, export, exported, rows, run
from tests.jobs.test_imports import work
from tests.resolvers.mutations.test_schedule_changes import run as send
from tests.resolvers.mutations.test_vacations import start
from tests.review_assertions import answer, card_ids, check_learner, days_ago, review, undo
from tests.workers import export_work, running_worker, until

# In addition: an own word that the dictionary has, leeches, one of which the learner resumed, and odd tags.
MARKED = """
    update custom_vocabulary set (word, reading) = (select word, reading from vocabulary order by id limit 1)
        where word = '自分の言葉1';
    update cards set suspended = true, suspended_as_leech = true
        where id in (select id from cards where not suspended order by id desc limit 2);
    update cards set dismissed_leech_marks = 2
        where id in (select id from cards where not suspended order by id limit 3);
    insert into card_tags (card_id, tag, user_id)
        select id, unnest(array['one; two', 'back\\slash;', 'leech']), user_id from cards order by id desc limit 12;
    update card_contexts set (book_id, page) = (select id, page_count from books where published_at < now() limit 1)
        where card_id in (select card_id from card_contexts order by card_id limit 9);
"""
SETTINGS = (
    "mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) { job { id } errors { code } } }"
)
BURIED = "{ viewer { cards(first: 100, filter: {buried: true}) { nodes { kind vocabulary { id } buriedUntil } } } }"
# Others than that of the account that is exported.
OTHER = {"timeZone": "Asia/Tokyo", "dayStartsAt": 2, "desiredRetention": 0.8}
# Columns of reviews.
NOT_IN_ANKI = ("idempotencyKey", "undone", "dueDay")


async def change_settings(client: Client, url: str, user: str, **input: Any) -> None:
    payload = (await client.run(SETTINGS, {"input": input}, user=user)).data["updateStudySettings"]
    assert payload["errors"] == []
    if payload["job"]:
        await until(url, payload["job"]["id"])


async def study(client: Client, url: str, scheduler: str) -> None:
    """Gives the demo learner a log with everything that may be in one. A worker runs."""
    await change_settings(client, url, "demo", scheduler=scheduler)
    ids = await card_ids(url, "demo", 40, "state = 'REVIEW'")
    for day, qualities in ((2, (5, 3, 0)), (1, (4, 2, 1)), (0, (3, 0, 2))):
        answers = [
            answer(id, f"{id} {day}", quality, reviewedAt=days_ago(day), durationMs=1_234)
            for id, quality in zip(ids, qualities * 10, strict=False)
        ]
        payload = await review(client, answers)
        assert payload["errors"] == []
    await undo(client, [payload["results"][0]["review"]["id"]])
    crammed = [answer(ids[1], f"crammed {quality}", quality, reschedule=False) for quality in range(6)]
    assert (await review(client, [*crammed, answer(ids[2], "late", 0, reviewedAt=days_ago(400))]))["errors"] == []
    for name, chosen in (
        ("resetCards", ids[3:7]),
        ("rescheduleCards", ids[7:20]),
        ("buryCards", ids[20:26]),
        ("unburyCards", ids[24:26]),
    ):
        assert (await send(client, "demo", name, cardIds=chosen, idempotencyKey=name))["errors"] == []
    assert (await review(client, [answer(ids[6], "after the reset", 4)]))["errors"] == []
    vacation = await start(client, "demo", 3)
    assert vacation["errors"] == []
    if vacation["job"]:
        await until(url, vacation["job"]["id"])
    buried = await send(client, "demo", "buryCards", cardIds=ids[3:5], idempotencyKey="on vacation")
    assert buried["errors"] == []


async def cards_of(client: Client, url: str, user: str) -> dict[tuple[str, ...], dict[str, str]]:
    """The exported cards by what they ask, with all columns."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for row in await exported_rows(client, url, user, "CARDS"):
        if row["subject"] == "OWN_WORD":
            # Own words have another id in each account.
            row["subjectId"] = ""
        found[row["word"], row["reading"], row["subjectId"], row["kind"]] = row
    assert len(found) == 60
    return found


async def reviews_of(client: Client, url: str, user: str, source: str) -> list[dict[str, str]]:
    """The exported reviews in order, with what a source can have of them."""
    found = await exported_rows(client, url, user, "REVIEWS")
    if source == "ankiPackage":
        found = [row for row in found if row["undone"] == "false"]
        for row in found:
            row["durationMs"] = row["durationMs"] or "0"
            for name in NOT_IN_ANKI:
                del row[name]
    order = ("word", "reading", "kind", "reviewedAt", "quality")
    return sorted(found, key=lambda row: tuple(row[name] for name in order))


async def exported_rows(client: Client, url: str, user: str, kind: str) -> list[dict[str, str]]:
    content = (await export(client, url, user, kind=kind)).decode()
    return list(csv.DictReader(io.StringIO(content, newline="")))


def described(changes: str) -> list[Any]:
    """Entries of the log without the keys of vacations, which each card has, and those that set an exported schedule.

    The due day of a review that arrived late depends on the card's id if the log has none in its range.
    """
    entries = [each for each in json.loads(changes or "[]") if "card:" not in each["idempotencyKey"]]
    return [{**each, "idempotencyKey": each["kind"] == "VACATION" or each["idempotencyKey"]} for each in entries]


@pytest.mark.parametrize(
    ("source", "scheduler", "is_other"),
    [
        ("shinjpExport", "FSRS", False),
        ("shinjpExport", "SM2", True),
        ("ankiPackage", "SM2", False),
        ("ankiPackage", "FSRS", True),
    ],
)
async def test_exports_fill_another_account_exactly(
    importing: Client, writable_database_url: str, tmp_path: Path, source: str, scheduler: str, is_other: bool
) -> None:
    url, storage = writable_database_url, importing.settings.upload_storage()
    await importing.run("{ viewer { id } }", user=TRAVELLER)
    await execute(url, PREPARE.format(cards=60) + ";" + MARKED)
    working = {**work(storage), **export_work(tmp_path / "exports"), JobKind.RESCHEDULE_CARDS: reschedule_cards}
    async with running_worker(url, working):
        await study(importing, url, scheduler)
        await change_settings(importing, url, TRAVELLER, **(OTHER if is_other else {"scheduler": scheduler}))
        counts = await run(importing, await exported(importing, url, source), source)
        assert (counts["createdCards"], counts["ambiguous"]) == (60, 0)
        cards, found = [await cards_of(importing, url, user) for user in ("demo", TRAVELLER)]
        reviews = [await reviews_of(importing, url, user, source) for user in ("demo", TRAVELLER)]
    assert found.keys() == cards.keys()
    for key, card in cards.items():
        # A day starts at another time in another time zone.
        others = {"id", "scheduleChanges", *(["dueAt"] if is_other and card["dueDay"] else [])}
        assert {name: found[key][name] for name in card.keys() - others} == {
            name: card[name] for name in card.keys() - others
        }
        assert described(found[key]["scheduleChanges"]) == described(card["scheduleChanges"])
    for one, other in zip(*reviews, strict=True):
        others = {"id", "cardId"}
        if source == "ankiPackage":
            others |= {"retrievability", *(["day"] if is_other else [])}
        assert {name: other[name] for name in one.keys() - others} == {name: one[name] for name in one.keys() - others}
    assert await rows(url, "select count(*) from reviews" + OF_LEARNER, TRAVELLER) == [
        (await check_learner(url, TRAVELLER),)
    ]
    buried = [(await importing.run(BURIED, user=user)).data["viewer"]["cards"]["nodes"] for user in ("demo", TRAVELLER)]
    assert len(buried[0]) >= 2
    if not is_other:
        assert sorted(map(str, buried[1])) == sorted(map(str, buried[0]))
