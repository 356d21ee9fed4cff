"""The dashboard is current after every mutation, when a card becomes due, and when a day ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from db.core.cache_tags import viewer_tags
from db.core.statement import Query, Row
from domain.ids import global_id, parse_global_id
from schema import schema
from tests.databases import column, execute, execute_and_notify
from tests.review_assertions import NEW, answer, card_ids
from tests.streams import SSE, Events, StreamServer, stream_server

FIELDS = """
    id streakDays longestStreakDays dueNow reviewsToday newToday retention30d studyMinutes7d
    limits { date endsAt newCards reviews newLeft reviewsLeft }
    forecast(days: 30) { date due }
    activity(days: 30) { date reviews recalled }
    levels { jlptLevel total learning mature }
    currentlyReading { id currentPage percent status lastReadAt book { title pageCount } }
"""
QUERY = f"{{ viewer {{ dashboard {{ {FIELDS} }} }} }}"
MUTATIONS = set(schema._schema.mutation_type.fields)  # type: ignore[union-attr]  # there is one

# No card of the demo learner becomes due during a test, except those that the test sets.
QUIET = """
    update cards set due_at = due_at + interval '1 day' where due_at between now() and now() + interval '1 day';
    update users set role = 'editor' where subject = 'demo';
"""
OF_ADMINISTRATORS = {"purgeCache", "setUserRole", "blockUser", "unblockUser"}
ZONE = "update user_settings set time_zone = '{}' where user_id = (select id from users where subject = 'demo')"


@pytest.fixture
async def server(writable_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    await execute(writable_database_url, QUIET)
    async with stream_server(writable_database_url, redis_url) as server:
        yield server


@asynccontextmanager
async def watching(server: StreamServer, fields: str = FIELDS) -> AsyncIterator[Callable[[], Any]]:
    """Yields a function that waits for the next dashboard event."""
    async with server.stream(SSE, f"subscription {{ dashboardUpdated {{ {fields} }} }}") as events:
        yield lambda: following(events)


async def following(events: Events) -> Any:
    async with asyncio.timeout(20):
        return (await anext(events)).data["dashboardUpdated"]


async def dashboard(server: StreamServer) -> Any:
    return (await server.client.run(QUERY, user="demo")).data["viewer"]["dashboard"]


class Walk:
    """Runs each mutation as a learner, who is also an editor, or as an administrator."""

    def __init__(self, server: StreamServer, url: str) -> None:
        self._server = server
        self._url = url
        self.ran: set[str] = set()

    async def run(self, name: str, input_: dict[str, Any], selection: str = "errors { code }") -> Any:
        input_type = schema._schema.mutation_type.fields[name].args["input"].type  # type: ignore[union-attr]  # as above
        query = f"mutation($input: {input_type}) {{ {name}(input: $input) {{ {selection} }} }}"
        user = "admin" if name in OF_ADMINISTRATORS else "demo"
        payload = (await self._server.client.run(query, {"input": input_}, user=user)).data[name]
        assert not payload.get("errors"), payload
        self.ran.add(name)
        return payload

    async def steps(self) -> AsyncIterator[None]:
        """Pauses after each mutation."""
        new, reviewed = await card_ids(self._url, "demo", 1, NEW), await card_ids(self._url, "demo", 2, "not suspended")
        [word] = await column(
            self._url,
            "select id from vocabulary"
            " where not exists (select from cards where vocabulary_id = vocabulary.id) limit 1",
        )
        for _ in range(2):
            await self.run("createCards", {"vocabularyIds": [global_id("Vocabulary", word)]})
            yield
        for suspended in (True, True, False):
            await self.run("setCardsSuspended", {"cardIds": reviewed[:1], "suspended": suspended})
            yield
        for key in ("first", "first", "second"):
            reviews = [answer(new[0], key, 3, durationMs=4_000)]
            found = await self.run("reviewCards", {"reviews": reviews}, "results { review { id } error { code } }")
            yield
        crammed = [answer(new[0], "cram", 2, durationMs=4_000, reschedule=False)]
        await self.run("reviewCards", {"reviews": crammed}, "results { error { code } }")
        yield
        await self.run("undoReviews", {"reviewIds": [found["results"][0]["review"]["id"]]})
        yield
        for changed in (
            {"newCardsPerDay": 3},
            {"reviewsPerDay": 77},
            {"timeZone": "Pacific/Kiritimati"},
            {"timeZone": "Pacific/Pago_Pago"},
            {"scheduler": "SM2"},
            {"scheduler": "FSRS"},
            {"desiredRetention": 0.8},
        ):
            await self.run("updateStudySettings", changed)
            yield
        for key, added in (("first", {"newCards": 5}), ("first", {"newCards": 5}), ("second", {"reviews": 6})):
            await self.run("extendTodayLimits", {"idempotencyKey": key, **added})
            yield
        book = {"author": "作者", "description": "New.", "jlptLevel": "N3", "pageCount": 10, "publish": True}
        made = await self.run("createBook", {"title": "新しい本", **book}, "book { id version } errors { code }")
        yield
        id = made["book"]["id"]
        for page in (3, 5, 5):
            await self.run("updateReadingProgress", {"bookId": id, "currentPage": page})
            yield
        await self.run("updateBook", {"id": id, "expectedVersion": 1, "title": "別の題"})
        yield
        # The book gets one page, so that the progress is complete.
        await self.run("importBookText", {"bookId": id, "expectedVersion": 2, "text": "一頁だけの本。"})
        yield
        await self.run("deleteBook", {"id": id})
        yield
        given = {"title": "Mine", "jlptLevel": "N4", "topics": ["食べ物"], "numberOfChapters": 3}
        made = await self.run("generateTextbook", given, "textbook { id version } job { id } errors { code }")
        yield
        await self.run("cancelJob", {"id": made["job"]["id"]})
        yield
        await self.run("retryJob", {"id": made["job"]["id"]})
        yield
        textbook, version = made["textbook"]["id"], made["textbook"]["version"]
        await self.run("updateTextbook", {"id": textbook, "expectedVersion": version, "title": "Yours"})
        yield
        await self.run("deleteTextbook", {"id": textbook})
        yield
        await self.run("restoreTextbook", {"id": textbook})
        yield
        [exercise] = await column(self._url, "select id from exercises where book_id is not null limit 1")
        attempt = {"exerciseId": global_id("Exercise", exercise), "answers": [{"option": 0}], "idempotencyKey": "e"}
        await self.run("answerExercises", {"attempts": [attempt]})
        yield
        [chapter] = await column(self._url, "select id from chapters where position = 1 limit 1")
        await self.run("updateChapterProgress", {"chapterId": global_id("Chapter", chapter), "isRead": True})
        yield
        await self.run("requestExport", {"kind": "CARDS"})
        yield
        await self.run("optimizeScheduling", {})
        yield
        await self.run("requestTextAnalysis", {"text": "猫が寝る。"})
        yield
        async for _ in self._cards(reviewed):
            yield
        ends_on = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
        await self.run("startVacation", {"endsOn": ends_on})
        yield
        await self.run("endVacation", {"undo": True})
        yield
        async for _ in self._accounts():
            yield
        await self.run("purgeCache", {"everything": True}, "purgedTags")
        yield
        # The last mutation changes the dashboard, so that all earlier events have been received.
        await self.run("updateStudySettings", {"timeZone": "Pacific/Kiritimati"})
        yield

    async def _cards(self, cards: list[str]) -> AsyncIterator[None]:
        given = {"cardIds": cards}
        kanji = await column(self._url, "select id from kanji limit 1")
        await self.run("createKanjiCards", {"kanjiIds": [global_id("Kanji", id) for id in kanji]})
        yield
        for name, changed in (
            ("flagCards", {"flag": 1}),
            ("tagCards", {"tags": ["verbs"]}),
            ("untagCards", {"tags": ["verbs"]}),
            ("rescheduleCards", {"days": 3, "idempotencyKey": "spread"}),
            ("buryCards", {"idempotencyKey": "bury"}),
            ("unburyCards", {"idempotencyKey": "unbury"}),
            ("resetCards", {"idempotencyKey": "reset"}),
            ("deleteCards", {}),
            ("restoreCards", {}),
        ):
            await self.run(name, given | changed)
            yield
        await self.run("undoScheduleChange", {"idempotencyKey": "reset"})
        yield

    async def _accounts(self) -> AsyncIterator[None]:
        await self.run("updateProfile", {"displayName": "別名"})
        yield
        [managed] = await column(self._url, "select id from users where subject not in ('demo', 'admin') limit 1")
        user = {"userId": global_id("User", managed), "reason": "Test."}
        for name, changed in (("setUserRole", {"role": "EDITOR"}), ("blockUser", {}), ("unblockUser", {})):
            await self.run(name, user | changed)
            yield


async def test_every_mutation_that_changes_the_dashboard_sends_an_event(
    server: StreamServer, writable_database_url: str
) -> None:
    """One event, equal to a query; none for mutations that do not change it."""
    walk = Walk(server, writable_database_url)
    changes = 0
    async with watching(server) as next_event:
        before = await next_event()
        assert before == await dashboard(server)
        async for _ in walk.steps():
            after = await dashboard(server)
            if after != before:
                assert await next_event() == after
                changes += 1
            before = after
    assert walk.ran == MUTATIONS
    assert changes >= 16


async def test_event_is_sent_if_the_selection_changed(server: StreamServer, writable_database_url: str) -> None:
    one, other = await card_ids(writable_database_url, "demo", 2, NEW)
    walk = Walk(server, writable_database_url)
    async with watching(server, "newToday") as next_event:
        before = (await next_event())["newToday"]
        # The second review of a card is not its first.
        for number, card in enumerate((one, one, one, other)):
            await walk.run("reviewCards", {"reviews": [answer(card, f"key {number}")]}, "results { duplicate }")
        assert [(await next_event())["newToday"] - before for _ in range(2)] == [1, 2]


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
        due_at = datetime.now(UTC) + timedelta(seconds=2)
        await set_due(writable_database_url, card, due_at)
        assert await next_event() == {"dueNow": number - 1}
        assert await next_event() == {"dueNow": number}
        assert datetime.now(UTC) >= due_at


async def test_end_of_day_updates_cached_statistics_and_sends_an_event(
    server: StreamServer, writable_database_url: str
) -> None:
    """At four in the morning, in the learner's time zone."""
    [card] = await card_ids(writable_database_url, "demo", 1, NEW)
    walk = Walk(server, writable_database_url)
    query = "{ viewer { dashboard { activity(days: 1) { date } forecast(days: 1) { date } reviewsToday } } }"
    ends_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=4)
    await execute(writable_database_url, ZONE.format(_zone_where_it_is_four_at(ends_at)))
    async with watching(server, "reviewsToday activity(days: 1) { date }") as next_event:
        before = await next_event()
        await walk.run("reviewCards", {"reviews": [answer(card, "key")]}, "results { error { code } }")
        assert (await next_event())["reviewsToday"] == before["reviewsToday"] + 1
        first = (await server.client.run(query, user="demo")).data["viewer"]["dashboard"]
        assert first["reviewsToday"] == before["reviewsToday"] + 1
        assert datetime.now(UTC) < ends_at
        # The new day has started.
        after = await next_event()
        assert datetime.now(UTC) >= ends_at
        second = (await server.client.run(query, user="demo")).data["viewer"]["dashboard"]
    assert (after["reviewsToday"], second["reviewsToday"]) == (0, 0)
    assert first["activity"][0]["date"] == first["forecast"][0]["date"] == before["activity"][0]["date"]
    assert second["activity"] == second["forecast"] == after["activity"]
    assert second["activity"][0]["date"] > first["activity"][0]["date"]


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
    with pytest.raises(TypeError, match="clock"):
        Query(text(sql), Row, rls_scoped=True, cache_tags=[viewer_tags("Dashboard")])
    Query(text(sql), Row, rls_scoped=True, cache_tags=[viewer_tags("Dashboard")], changes_at="changes_at")
    Query(text(sql), Row, rls_scoped=True)
