"""Streams of one learner share the execution of an event."""

from collections import Counter
from contextlib import AsyncExitStack
from typing import Any

import pytest

from server.graphql.handler import GraphQLHandler
from tests.databases import execute
from tests.review_assertions import NEW, answer, card_ids
from tests.server.dashboard_walk import Walk
from tests.server.dashboards import following, server
from tests.streams import SSE, Events, StreamServer, stream

__all__ = ["server"]

STREAMS = 20
REVIEWS = "subscription { dashboardUpdated { reviewsToday } }"
READING = "subscription { dashboardUpdated { currentlyReading { book { title } } } }"


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts the executed events of streams, under the key `events`."""
    counts: Counter[str] = Counter()
    original = GraphQLHandler.execute_operation

    async def execute_operation(self: GraphQLHandler, *arguments: Any, **options: Any) -> Any:
        counts["events"] += options.get("event") is not None
        return await original(self, *arguments, **options)

    monkeypatch.setattr(GraphQLHandler, "execute_operation", execute_operation)
    return counts


async def open_streams(stack: AsyncExitStack, server: StreamServer, query: str, number: int) -> list[Events]:
    """With one token, after their first events."""
    token = server.client.token("demo")
    opened = [await stack.enter_async_context(stream(server.address, SSE, query, token=token)) for _ in range(number)]
    for events in opened:
        await following(events)
    return opened


async def test_change_is_executed_once_for_all_streams(
    server: StreamServer, writable_database_url: str, executed: Counter[str]
) -> None:
    [card] = await card_ids(writable_database_url, "demo", 1, NEW)
    async with AsyncExitStack() as stack:
        streams = await open_streams(stack, server, REVIEWS, STREAMS)
        executed.clear()
        await Walk(server, writable_database_url).run(
            "reviewCards", {"reviews": [answer(card, "key")]}, "results { duplicate }"
        )
        counts = [(await following(events))["reviewsToday"] for events in streams]
    assert len(set(counts)) == 1
    # Streams are woken by the mutation, and again by its notifications.
    assert executed["events"] < STREAMS / 2


async def test_changed_book_wakes_only_streams_that_select_books(
    server: StreamServer, writable_database_url: str, executed: Counter[str]
) -> None:
    async with AsyncExitStack() as stack:
        await open_streams(stack, server, REVIEWS, 1)
        [reading] = await open_streams(stack, server, READING, 1)
        executed.clear()
        await execute(
            writable_database_url,
            "update books set title = title || '!' where id in (select book_id from reading_progress"
            " where user_id = (select id from users where subject = 'demo'))",
        )
        await following(reading)
    assert executed["events"] == 1
