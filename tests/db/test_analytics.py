"""Analytics from totals of days agree with a count of the rows, also after late and removed ones."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from db.core.database import owner_connection
from db.maintenance.analytics import count_all_days, count_recent_days
from domain.analytics import first_day_of_words, first_month_of_words
from domain.ids import new_id
from tests.clients import Client
from tests.databases import wait_for_listeners

QUERY = """
    query ($from: Date!, $to: Date!) { admin { analytics(from: $from, to: $to) {
        activeLearners newLearners reviews newCards studyMinutes booksStarted booksFinished chaptersRead
        textbooksGenerated
        days { date activeLearners weeklyActiveLearners monthlyActiveLearners newLearners reviews }
        cohorts { week learners retention }
    } } }
"""
ACTIVE = "select count(distinct user_id) from review_days where day between $1 and $2 and reviews > 0"
COHORT = """
    select count(distinct user_id) from review_days join users on users.id = user_id
    where date_trunc('week', users.created_at at time zone 'UTC')::date = $1 and date_trunc('week', day)::date = $2
        and reviews > 0
"""
INSERT = """
    insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms) values ($1, $2, $3, 0, 1, 60000)
"""


@pytest.fixture
async def connection(writable_database_url: str) -> AsyncIterator[Any]:
    async with owner_connection(writable_database_url) as connection:
        await connection.execute("delete from review_days; delete from users where role <> 'admin'")
        await connection.execute(
            "delete from analytics_days; delete from analytics_gaps; delete from analytics_cohorts"
        )
        yield connection


async def check(client: Client, connection: Any, random: Random) -> None:
    today: date = await connection.fetchval("select current_date")
    for days in (0, 6, 29, 100, 366):
        to = today - timedelta(days=random.randint(0, 400))
        from_ = to - timedelta(days=days)
        variables = {"from": from_.isoformat(), "to": to.isoformat()}
        found = (await client.run(QUERY, variables, user="admin")).data["admin"]["analytics"]
        assert found["activeLearners"] == await connection.fetchval(ACTIVE, from_, to), (from_, to)
        reviews = "select coalesce(sum(reviews), 0) from review_days where day between $1 and $2"
        assert found["reviews"] == sum(day["reviews"] for day in found["days"])
        assert found["reviews"] == await connection.fetchval(reviews, from_, to)
        for day in random.sample(found["days"], min(3, len(found["days"]))):
            end = date.fromisoformat(day["date"])
            for name, length in (("activeLearners", 1), ("weeklyActiveLearners", 7), ("monthlyActiveLearners", 30)):
                start = end - timedelta(days=length - 1)
                assert day[name] == await connection.fetchval(ACTIVE, start, end), (name, end)
        for cohort in random.sample(found["cohorts"], min(2, len(found["cohorts"]))):
            week, number = date.fromisoformat(cohort["week"]), random.randrange(len(cohort["retention"]))
            active = await connection.fetchval(COHORT, week, week + timedelta(weeks=number))
            assert cohort["retention"][number] == pytest.approx(active / cohort["learners"])


async def test_totals_agree_with_rows(writable: Client, connection: Any) -> None:
    random = Random(1)
    today: date = await connection.fetchval("select current_date")
    learners = [new_id() for _ in range(40)]
    signed_up = {id: random.randint(1, 800) for id in learners}
    for id, days in signed_up.items():
        await connection.execute(
            "insert into users (id, subject, email, display_name, role, created_at)"
            " values ($1, $2, '', 'L', 'learner', now() - $3 * interval '1 day')",
            id,
            str(id),
            days,
        )
    rows = [
        (id, today - timedelta(days=ago), random.choice((0, 5, 9)))
        for id, days in signed_up.items()
        for ago in random.sample(range(days), min(days, random.choice((1, 20, 200))))
    ]
    await connection.executemany(INSERT, rows)
    await count_recent_days(connection)
    await count_all_days(connection)
    await check(writable, connection, random)

    # Late reviews, which change the gaps of later days, and removed ones of the last days.
    known = {(id, day) for id, day, _ in rows}
    late = [(random.choice(learners), today - timedelta(days=random.randint(0, 500))) for _ in range(20)]
    await connection.executemany(INSERT, [(*each, 3) for each in set(late) - known])
    await connection.execute("delete from review_days where day = current_date and user_id = any($1)", learners[:20])
    await count_all_days(connection)
    await check(writable, connection, random)


HARDEST = """
    query ($from: Date!, $to: Date!) { admin { analytics(from: $from, to: $to) {
        topVocabulary(first: 100) { reviews lapseRate vocabulary { id } }
    } } }
"""
LAPSES = """
    select count(*) as reviews, avg((quality < 3)::int)::float as rate from reviews join cards on cards.id = card_id
    where day between $1 and $2 and not undone and rescheduled and vocabulary_id is not null
    group by vocabulary_id having count(*) >= 5 order by rate desc, vocabulary_id limit 100
"""


async def test_words_agree_with_the_log(writable: Client, writable_database_url: str) -> None:
    random = Random(2)
    async with owner_connection(writable_database_url) as connection:
        today: date = await connection.fetchval("select current_date")
        kept = first_day_of_words(today)

        async def check_words() -> None:
            for from_, to in (
                (today - timedelta(days=20), today),
                (kept, today - timedelta(days=3)),
                (kept + timedelta(days=9), today),
                # Of the month before, only the total is known.
                (kept - timedelta(days=1), today),
                (kept - timedelta(days=200), kept - timedelta(days=40)),
                (today - timedelta(days=366), today),
            ):
                variables = {"from": from_.isoformat(), "to": to.isoformat()}
                found = (await writable.run(HARDEST, variables, user="admin")).data["admin"]["analytics"]
                first = from_ if from_ >= kept else from_.replace(day=1)
                last = to if to >= kept else (to.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
                expected = await connection.fetch(LAPSES, first, last)
                assert [(word["reviews"], word["lapseRate"]) for word in found["topVocabulary"]] == [
                    *map(tuple, expected)
                ]
                assert expected or to - from_ < timedelta(days=100)

        await check_words()
        # Reviews of any day are undone.
        for days in ([today], random.sample([kept - timedelta(days=n) for n in range(-60, 200)], 30)):
            await connection.execute("update reviews set undone = true where quality < 3 and day = any($1)", days)
            await connection.execute("update review_days set updated_at = clock_timestamp() where day = any($1)", days)
            await count_all_days(connection)
            await check_words()
        # Months pass: days are no longer kept, then their months.
        await connection.execute(
            "update analytics_word_days set day = day - 400; update analytics_word_months set month = month - 4000"
        )
        await count_all_days(connection)
        assert await connection.fetchval("select min(day) from analytics_word_days") >= kept
        first_month = first_month_of_words(today)
        assert await connection.fetchval("select min(month) from analytics_word_months") >= first_month


async def test_answer_is_cached_until_the_worker_counts(
    writable: Client, writable_database_url: str, connection: Any
) -> None:
    variables = {"from": "2026-01-01", "to": "2026-12-31"}
    first, second = [await writable.run(QUERY, variables, user="admin") for _ in range(2)]
    assert first.data == second.data
    assert first.statements > second.statements == 0
    admin = await connection.fetchval("select id from users where role = 'admin' limit 1")
    await connection.execute(INSERT, admin, date(2026, 11, 1), 7)
    await count_all_days(connection)
    await wait_for_listeners(writable_database_url)
    assert (await writable.run(QUERY, variables, user="admin")).data["admin"]["analytics"]["reviews"] == 7


async def test_other_totals_are_of_their_days(writable: Client, connection: Any) -> None:
    await connection.execute(
        """
        insert into users (id, subject, email, display_name, role, created_at)
            values (gen_random_uuid(), 'reader', '', 'R', 'learner', '2026-03-03');
        insert into reading_progress (id, user_id, book_id, current_page, started_at, last_read_at, finished_at)
            select gen_random_uuid(), users.id, books.id, 1, '2026-03-04', '2026-03-06', '2026-03-06'
            from users, (select id from books limit 2) as books where subject = 'reader';
        insert into chapter_progress (user_id, chapter_id, is_read, last_read_at)
            select users.id, chapters.id, true, '2026-03-05' from users, (select id from chapters limit 3) as chapters
            where subject = 'reader';
        update textbooks set owner_id = (select id from users where subject = 'reader'), created_at = '2026-03-05'
            where id = (select id from textbooks where status = 'READY' limit 1)
        """
    )
    await count_recent_days(connection)
    for from_, to, expected in (
        ("2026-03-03", "2026-03-06", (1, 2, 2, 3, 1)),
        ("2026-03-04", "2026-03-05", (0, 2, 0, 3, 1)),
        ("2026-03-06", "2026-03-06", (0, 0, 2, 0, 0)),
    ):
        found = (await writable.run(QUERY, {"from": from_, "to": to}, user="admin")).data["admin"]["analytics"]
        names = ("newLearners", "booksStarted", "booksFinished", "chaptersRead", "textbooksGenerated")
        assert tuple(found[name] for name in names) == expected
