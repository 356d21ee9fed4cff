"""Jobs fit a learner's parameters and reschedule all cards."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from db.core.database import owner_connection
from db.maintenance.parameter_fits import enqueue_parameter_fits
from db.services import rescheduling, schedule_computation
from db.services import scheduling as scheduling_service
from domain.enums import JobKind
from domain.ids import CardId, parse_global_id_as
from domain.scheduling import Schedule
from domain.scheduling.schedule_json import schedule_to_json
from jobs import rescheduling as jobs_rescheduling
from jobs import scheduling as scheduling_jobs
from jobs.attempts import Attempt, Work
from jobs.scheduling import fit_parameters, reschedule_cards
from tests.clients import Client
from tests.databases import column
from tests.domain.test_fitting import simulate
from tests.review_assertions import LEARNT, answer, card_ids, check_learner, days_ago, review, undo
from tests.workers import running_worker, until

WORK = {JobKind.FIT_PARAMETERS: fit_parameters, JobKind.RESCHEDULE_CARDS: reschedule_cards}
OPTIMIZE = """
    mutation($input: OptimizeSchedulingInput!) {
        optimizeScheduling(input: $input) { job { id kind } errors { code message } }
    }
"""
UPDATE = """
    mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) {
        settings { desiredRetention } job { id kind } errors { code }
    } }
"""
CANCEL = "mutation($input: CancelJobInput!) { cancelJob(input: $input) { job { id kind } errors { code } } }"
RETRY = "mutation($input: RetryJobInput!) { retryJob(input: $input) { job { id kind } errors { code } } }"
READ = """
    { viewer { scheduling { parameters source optimalRetention
        evaluation { logLoss rmse previousLogLoss previousRmse isKept reviews fittedAt } } } }
"""
# The simulated reviews. Parameters: $1, the subject; $2 to $4, numbers of the cards, days and qualities.
FILL = """
    with learner as (select id from users where subject = $1),
    logged as (
        select number, day, quality, (day + interval '12 hours') at time zone 'UTC' as at
        from unnest($2::int[], $3::date[], $4::int[]) as log (number, day, quality)
    ),
    numbered as (select row_number() over (order by id) - 1 as n, id as vocabulary_id from vocabulary),
    added as (
        insert into cards (id, user_id, vocabulary_id, state, due_at, interval_days, ease_factor, repetitions, lapses,
            first_reviewed_at, last_entry_at, created_at)
        select md5($1 || n)::uuid, learner.id, vocabulary_id, 'REVIEW', now(), 1, 2.5, 1, 0,
            (select min(at) from logged where number = n), now(), '2025-01-01'
        from numbered, learner where n in (select number from logged)
        returning id
    ),
    reviewed as (
        insert into reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
            interval_days_after, day)
        select md5($1 || number || day)::uuid, at, learner.id, md5($1 || number)::uuid, number || ' ' || day, quality,
            1, 1, day
        from logged, learner
        returning *
    ),
    keys as (
        insert into review_keys (user_id, idempotency_key, review_id, reviewed_at)
        select user_id, idempotency_key, id, reviewed_at from reviewed
    )
    insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms)
    select learner.id, day, count(*), count(*) filter (where quality >= 3),
        count(*) filter (where not exists (
            select from logged as earlier where earlier.number = logged.number and earlier.day < logged.day
        )), 0
    from logged, learner group by 1, 2
"""


LEARNER = "select id from users where subject = '{}'"
IMPORTED = schedule_to_json(Schedule.initial(datetime(2025, 1, 1, tzinfo=UTC)))


async def create_learner(client: Client, url: str, subject: str, cards: int) -> None:
    await client.run("{ viewer { id } }", user=subject)
    reviews = simulate(cards, 1)
    values = [review[0].int for review in reviews], [review[1] for review in reviews], [review[2] for review in reviews]
    async with owner_connection(url) as connection:
        await connection.execute(FILL, subject, *values)


async def run(client: Client, query: str, subject: str, **input_: Any) -> Any:
    [payload] = (await client.run(query, {"input": input_}, user=subject)).data.values()
    return payload


async def read(client: Client, subject: str) -> Any:
    return (await client.run(READ, user=subject)).data["viewer"]["scheduling"]


async def test_fit_is_used_if_it_is_better(shared: Client, shared_database_url: str) -> None:
    url, subject = shared_database_url, "fitted learner"
    await create_learner(shared, url, subject, 150)
    before = await read(shared, subject)
    assert (before["source"], before["evaluation"], before["optimalRetention"]) == ("DEFAULT", None, None)
    payload = await run(shared, OPTIMIZE, subject, idempotencyKey="once")
    assert payload["errors"] == []
    assert payload == await run(shared, OPTIMIZE, subject, idempotencyKey="once")
    async with running_worker(url, WORK):
        assert (await until(url, payload["job"]["id"]))["status"] == "SUCCEEDED"
    after = await read(shared, subject)
    assert after["source"] == "FITTED"
    assert after["parameters"] != before["parameters"]
    assert len(after["parameters"]) == len(before["parameters"]) == 21
    assert after["evaluation"]["isKept"]
    assert after["evaluation"]["logLoss"] < 0.95 * after["evaluation"]["previousLogLoss"]
    assert await check_learner(url, subject) == after["evaluation"]["reviews"]
    # A second fit of the same reviews is no improvement: the parameters stay.
    again = await run(shared, OPTIMIZE, subject)
    async with running_worker(url, WORK):
        await until(url, again["job"]["id"])
    unchanged = await read(shared, subject)
    assert unchanged["parameters"] == after["parameters"]
    assert not unchanged["evaluation"]["isKept"]


async def test_only_known_histories_are_fitted(
    shared: Client, shared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that start among the newest reviews, and not after an import of a state."""
    url, subject = shared_database_url, "learner with unknown histories"
    await create_learner(shared, url, subject, 150)
    async with owner_connection(url) as connection:
        # Most cards are older than the newest reviews, some of which were reset, and some were imported.
        log = await connection.fetch(
            "select card_id, reviewed_at from reviews join users on users.id = user_id where subject = $1"
            " order by reviewed_at, idempotency_key",
            subject,
        )
        newest = log[-1_000:]
        cards = sorted({row["card_id"] for row in newest})
        times = [row["reviewed_at"] for row in newest]
        changes = {
            card: (kind, times[200]) for card, kind in zip(cards, ["RESET"] * 60 + ["IMPORT"] * 10, strict=False)
        }
        await connection.executemany(
            "insert into schedule_changes (id, user_id, card_id, kind, changed_at, day, days, details, idempotency_key)"
            " select gen_random_uuid(), id, $2, $3, $4::timestamptz + interval '1 second', '2026-01-01', 0, $5,"
            " $2::uuid::text from users where subject = $1",
            [(subject, card, kind, at, IMPORTED) for card, (kind, at) in changes.items()],
        )
    monkeypatch.setattr(scheduling_jobs, "MAX_REVIEWS", 1_000)
    first: dict[Any, Any] = {}
    for card, at in log:
        first.setdefault(card, at)
    known = {card for card, at in first.items() if at > times[0]}
    expected = 0
    for card, at in newest:
        kind, since = changes.get(card, (None, at))
        expected += kind == "RESET" if at > since else card in known
    assert 400 < expected < 900
    job = await run(shared, OPTIMIZE, subject)
    async with running_worker(url, WORK):
        assert (await until(url, job["job"]["id"]))["status"] == "SUCCEEDED"
    assert (await read(shared, subject))["evaluation"]["reviews"] == expected


async def test_few_reviews_are_not_fitted(shared: Client, shared_database_url: str) -> None:
    await create_learner(shared, shared_database_url, "beginner", 10)
    payload = await run(shared, OPTIMIZE, "beginner")
    assert (payload["job"], [error["code"] for error in payload["errors"]]) == (None, ["TOO_SHORT"])
    assert "400" in payload["errors"][0]["message"]


async def test_learners_are_fitted_weekly(shared: Client, shared_database_url: str) -> None:
    url, subject = shared_database_url, "weekly learner"
    await create_learner(shared, url, subject, 150)
    of_learner = f"select count(*) from jobs join users on users.id = user_id where subject = '{subject}'"
    async with owner_connection(url) as connection:
        for _ in range(2):
            async with connection.transaction():
                await enqueue_parameter_fits(connection)
    assert await column(url, of_learner) == [1]
    job = (await column(url, of_learner.replace("count(*)", "jobs.id")))[0]

    async def during(call: int) -> None:
        if call == 0:
            await run(shared, UPDATE, subject, scheduler="SM2", desiredRetention=0.8)

    work = {JobKind.FIT_PARAMETERS: observed(fit_parameters, during)}
    async with running_worker(url, work), owner_connection(url) as connection:
        while not await connection.fetchval("select finished_at is not null from jobs where id = $1", job):
            await connection.execute("select pg_sleep(0.05)")
    assert (await read(shared, subject))["source"] == "FITTED"
    # Settings that were changed during the fit remain.
    settings = f"select scheduler || ' ' || desired_retention from user_settings where user_id = ({LEARNER})"
    assert await column(url, settings.format(subject)) == ["SM2 0.8"]
    await check_learner(url, subject)


async def test_many_reviews_are_rescheduled_by_a_job(
    shared: Client, shared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, subject = shared_database_url, "learner with many reviews"
    await create_learner(shared, url, subject, 30)
    monkeypatch.setattr(scheduling_service, "MAX_REVIEWS_IN_REQUEST", 20)
    payload = await run(shared, UPDATE, subject, desiredRetention=0.8)
    assert payload["settings"] == {"desiredRetention": 0.9}
    assert payload["job"]["kind"] == "RESCHEDULE_CARDS"
    async with running_worker(url, WORK):
        job = await until(url, payload["job"]["id"])
    assert (job["status"], job["progress"]) == ("SUCCEEDED", 1)
    assert (await run(shared, UPDATE, subject))["settings"] == {"desiredRetention": 0.8}
    assert job["completed_steps"] == await check_learner(url, subject)
    # Settings that reschedule no card need no job.
    assert (await run(shared, UPDATE, subject, timeZone="Asia/Tokyo"))["job"] is None


def observed(work: Work, during: Callable[[int], Awaitable[None]]) -> Work:
    """The job, which calls `during` with a number after each of its reports of progress."""
    calls = count()

    class Observed(Attempt):
        __slots__ = ()

        async def advance(self, message: str, *, done: int, of: int) -> None:
            await super().advance(message, done=done, of=of)
            await during(next(calls))

    async def run(attempt: Attempt) -> Mapping[str, object] | None:
        return await work(Observed(attempt.job, attempt.viewer, attempt.database, attempt.on_commit))

    return run


async def test_learner_studies_during_the_job(
    shared: Client, shared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job waits for each action, so that none of them waits for the job. It is killed after its commit."""
    url, subject = shared_database_url, "learner who studies during a job"
    await create_learner(shared, url, subject, 30)
    learner = f"(select id from users where subject = '{subject}')"
    [before] = await column(url, f"select count(*) from reviews where user_id = {learner}")
    monkeypatch.setattr(rescheduling, "BATCH_SIZE", 8)
    monkeypatch.setattr(schedule_computation, "BATCH_SIZE", 8)
    monkeypatch.setattr(scheduling_service, "MAX_REVIEWS_IN_REQUEST", 20)
    job = (await run(shared, UPDATE, subject, desiredRetention=0.8))["job"]["id"]
    cards = sorted(await card_ids(url, subject, 30, LEARNT), key=lambda id: str(parse_global_id_as(CardId, id)))
    reviewed: list[str] = []

    async def study(*answers: dict[str, Any]) -> None:
        payload = await review(shared, list(answers), subject)
        assert [result["error"] for result in payload["results"]] == [None] * len(answers)
        reviewed.extend(result["review"]["id"] for result in payload["results"])

    async def during(call: int) -> None:
        match call:
            case 0:  # The first card has been computed; the last one has not.
                await study(answer(cards[0], "computed", 1), answer(cards[-1], "later", 5))
                await study(answer(cards[1], "late", 3, reviewedAt=days_ago(100)))
            case 1:
                assert (await undo(shared, reviewed[:1], subject))["errors"] == []
                await study(answer(cards[0], "again", 5))
            case 2:  # All cards are computed a second time.
                assert (await run(shared, UPDATE, subject, timeZone="Asia/Tokyo"))["job"] is None
            case 4:
                await study(answer(cards[2], "second", 4))

    calls = count()

    async def killed_once(attempt: Attempt) -> Mapping[str, object] | None:
        result = await observed(reschedule_cards, during)(attempt)
        if next(calls) == 0:
            monkeypatch.setattr(scheduling_service, "MAX_REVIEWS_IN_REQUEST", 10_000)
            newer = await run(shared, UPDATE, subject, desiredRetention=0.85)
            assert (newer["settings"], newer["job"]) == ({"desiredRetention": 0.85}, None)
            # Everything is saved: it is not reported as cancelled.
            assert (await run(shared, CANCEL, subject, id=job))["errors"] == [{"code": "CONFLICT"}]
            raise ConnectionError("killed")
        return result

    async with running_worker(url, {JobKind.RESCHEDULE_CARDS: killed_once}):
        found = await until(url, job)
    assert (found["status"], found["attempts"], next(calls)) == ("SUCCEEDED", 2, 2)
    assert (await run(shared, UPDATE, subject))["settings"] == {"desiredRetention": 0.85}
    assert len(reviewed) == 5
    assert await check_learner(url, subject) == before + len(reviewed)


async def test_job_ends_although_settings_change_during_it(
    shared: Client, shared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, subject = shared_database_url, "learner who changes settings during a job"
    await create_learner(shared, url, subject, 30)
    monkeypatch.setattr(scheduling_service, "MAX_REVIEWS_IN_REQUEST", 20)
    job = (await run(shared, UPDATE, subject, scheduler="SM2"))["job"]["id"]

    async def during(call: int) -> None:
        if call < jobs_rescheduling._PASSES:
            await run(shared, UPDATE, subject, dayStartsAt=call + 1)

    async with running_worker(url, {JobKind.RESCHEDULE_CARDS: observed(reschedule_cards, during)}):
        assert (await until(url, job))["status"] == "SUCCEEDED"
    learner = f"(select id from users where subject = '{subject}')"
    assert await column(url, f"select scheduler from user_settings where user_id = {learner}") == ["SM2"]
    await check_learner(url, subject)


async def test_newer_request_wins(shared: Client, shared_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older job that runs after it changes only the settings that no newer request has."""
    url, subject = shared_database_url, "learner with several requests"
    await create_learner(shared, url, subject, 30)
    monkeypatch.setattr(scheduling_service, "MAX_REVIEWS_IN_REQUEST", 20)

    async def request(**change: Any) -> Any:
        return (await run(shared, UPDATE, subject, **change))["job"]["id"]

    older = await request(scheduler="SM2", desiredRetention=0.8, timeZone="Asia/Tokyo", maximumInterval=100)
    await run(shared, CANCEL, subject, id=older)
    newer = await request(desiredRetention=0.95)
    # Cancelled, so that it changes nothing.
    await run(shared, CANCEL, subject, id=await request(scheduler="FSRS"))
    await run(shared, UPDATE, subject, timeZone="Europe/Berlin")

    async def during(call: int) -> None:
        if call == 0:
            monkeypatch.setattr(scheduling_service, "MAX_REVIEWS_IN_REQUEST", 10_000)
            await run(shared, UPDATE, subject, maximumInterval=200)

    async with running_worker(url, WORK):
        await until(url, newer)
    await run(shared, RETRY, subject, id=older)
    async with running_worker(url, {JobKind.RESCHEDULE_CARDS: observed(reschedule_cards, during)}):
        assert (await until(url, older))["status"] == "SUCCEEDED"
    names = "scheduler || ' ' || desired_retention || ' ' || time_zone || ' ' || max_interval_days"
    settings = f"select {names} from user_settings where user_id = ({LEARNER})"
    assert await column(url, settings.format(subject)) == ["SM2 0.95 Europe/Berlin 200"]
    await check_learner(url, subject)
