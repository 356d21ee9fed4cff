"""The dashboard is current when a card becomes due, and when a day ends."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from db.core.cache_tags import viewer_tags
from db.core.statement import Query, Row
from domain.ids import parse_global_id
from tests.databases import execute, execute_and_notify
from tests.review_assertions import NEW, answer, card_ids
from tests.server.dashboard_walk import Walk
from tests.server.dashboards import server, watching
from tests.streams import StreamServer

__all__ = ["server"]

ZONE = "update user_settings set time_zone = '{}' where user_id = (select id from users where subject = 'demo')"


async def set_due(url: str, card: str, at: datetime) -> None:
    await execute_and_notify(
        url, f"update cards set due_at = '{at.isoformat()}' where id = '{parse_global_id(card)[1]}'"
    )


async def due_now(server: StreamServer) -> tuple[int, bool]:
    """The number of due cards, and whether it was cached."""
    answered = await server.client.run("{ viewer { dashboard { dueNow } } }", user="demo")
    return answered.data["viewer"]["dashboard"]["dueNow"], "hits" in str(answered.body["extensions"]["stats"]["cache"])


async def test_cached_due_cards_expire_when_a_learning_step_ends(
    server: StreamServer, writable_database_url: str
) -> None:
    """As soon as the card is due, without a write."""
    [card] = await card_ids(writable_database_url, "demo", 1, "due_at <= now() and not suspended")
    number, _ = await due_now(server)
    hits, due_at = 0, datetime.now(UTC)
    async with asyncio.timeout(60):
        # On a busy machine the card may be due before the write has reached the server.
        while (await due_now(server))[0] == number:
            due_at = datetime.now(UTC) + timedelta(seconds=2)
            await set_due(writable_database_url, card, due_at)
        while hits < 2 or datetime.now(UTC) < due_at + timedelta(seconds=0.3):
            asked_at = datetime.now(UTC)
            found, is_hit = await due_now(server)
            hits += is_hit
            possible = {number - 1} if asked_at < due_at else {number}
            if asked_at < due_at <= datetime.now(UTC):
                possible |= {number}
            assert found in possible


async def test_event_is_sent_when_a_learning_step_ends(server: StreamServer, writable_database_url: str) -> None:
    [card] = await card_ids(writable_database_url, "demo", 1, "due_at <= now() and not suspended")
    async with watching(server, "dueNow") as next_event:
        number = (await next_event())["dueNow"]
        # On a busy machine the write must reach the server before the card is due.
        due_at = datetime.now(UTC) + timedelta(seconds=6)
        await set_due(writable_database_url, card, due_at)
        assert await next_event() == {"dueNow": number - 1}
        assert await next_event() == {"dueNow": number}
        assert datetime.now(UTC) >= due_at


async def test_end_of_day_updates_cached_statistics_and_sends_an_event(
    server: StreamServer, writable_database_url: str
) -> None:
    """At four in the morning, in the learner's time zone."""
    # On a busy machine the day may end before the review is saved.
    for seconds in (4, 16, 48):
        if await _day_ended_after_a_review(server, writable_database_url, seconds):
            return
    raise AssertionError("The day ended before the review was saved.")


async def _day_ended_after_a_review(server: StreamServer, url: str, seconds: int) -> bool:
    """Reviews a card at the end of a day, which is in this number of seconds; returns False if that was too late."""
    [card] = await card_ids(url, "demo", 1, NEW)
    query = "{ viewer { dashboard { activity(days: 1) { date } forecast(days: 1) { date } reviewsToday } } }"
    ends_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
    await execute(url, ZONE.format(_zone_where_it_is_four_at(ends_at)))
    async with watching(server, "reviewsToday activity(days: 1) { date }") as next_event:
        before = await next_event()
        reviews = [answer(card, f"in {seconds} seconds")]
        await Walk(server, url).run("reviewCards", {"reviews": reviews}, "results { error { code } }")
        saved = await next_event()
        first = (await server.client.run(query, user="demo")).data["viewer"]["dashboard"]
        if datetime.now(UTC) >= ends_at:
            return False
        assert saved["reviewsToday"] == first["reviewsToday"] == before["reviewsToday"] + 1
        # The new day has started.
        after = await next_event()
        assert datetime.now(UTC) >= ends_at
        second = (await server.client.run(query, user="demo")).data["viewer"]["dashboard"]
    assert (after["reviewsToday"], second["reviewsToday"]) == (0, 0)
    assert first["activity"][0]["date"] == first["forecast"][0]["date"] == before["activity"][0]["date"]
    assert second["activity"] == second["forecast"] == after["activity"]
    assert second["activity"][0]["date"] > first["activity"][0]["date"]
    return True


def _zone_where_it_is_four_at(moment: datetime) -> str:
    """A POSIX time zone, where offsets west of Greenwich are positive."""
    seconds = int((moment - moment.replace(hour=4, minute=0, second=0)).total_seconds())
    if seconds > 12 * 3600:
        seconds -= 24 * 3600
    sign, seconds = ("-" if seconds < 0 else "+"), abs(seconds)
    return f"<X>{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@pytest.mark.parametrize(
    "sql", ["select id from cards where due_at <= :now", "select now()", "select current_date", "select Now( )"]
)
def test_clock_dependent_query_declares_its_expiry(sql: str) -> None:
    """Otherwise its cached value would be served after that time."""
    undeclared = Query(text(sql), Row, rls_scoped=True, cache_tags=[viewer_tags("Dashboard")])
    with pytest.raises(TypeError, match="clock"):
        _ = undeclared.sql
    declared = Query(text(sql), Row, rls_scoped=True, cache_tags=[viewer_tags("Dashboard")], changes_at="changes_at")
    uncached = Query(text(sql), Row, rls_scoped=True)
    assert {declared.sql.lower(), uncached.sql.lower()} <= {sql.lower(), sql.lower().replace(":now", "$1")}
