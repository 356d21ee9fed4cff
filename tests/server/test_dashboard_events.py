"""The dashboard is current after every mutation."""

from uuid import uuid4

from tests.review_assertions import NEW, answer, card_ids
from tests.schema.root_types import MUTATION
from tests.server.dashboard_walk import Walk
from tests.server.dashboards import dashboard, server, watching
from tests.streams import StreamServer

__all__ = ["server"]

MUTATIONS = set(MUTATION.fields)


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
        await review(walk, one)
        assert (await next_event())["newToday"] == before + 1
        # The second review of a card is not its first.
        for card in (one, one, other):
            await review(walk, card)
        assert (await next_event())["newToday"] == before + 2


async def review(walk: Walk, card: str) -> None:
    await walk.run("reviewCards", {"reviews": [answer(card, uuid4().hex)]}, "results { duplicate }")
