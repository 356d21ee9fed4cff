"""The queries that people see first, in GraphiQL's tabs and in the README, run and cost what is said here."""

import json
import re
from pathlib import Path

import pytest

from tests.clients import Client, client_of
from tests.review_assertions import answer, card_ids
from tests.workers import asked, forget_rate_limits, until, working

ROOT = Path(__file__).parents[2]
TABS = {path.stem: path.read_text() for path in sorted((ROOT / "server/graphiql/tabs").glob("*.graphql"))}
README = re.findall(r"```graphql\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)

# SQL statements, however much the database holds.
STATEMENTS = {
    "1-books": 3,
    "2-textbook": 5,
    "3-search": 4,
    "4-dashboard": 9,
    "5-review": 7,
    "6-undo": 6,
    # To ask for a textbook; and for the event that shows it whole.
    "7-generate": 7,
    "8-watch": 2,
}


def test_every_tab_is_counted() -> None:
    assert set(TABS) == set(STATEMENTS)


QUERIES = [tab for tab in TABS if re.search("^query ", TABS[tab], re.MULTILINE)]


@pytest.mark.parametrize("tab", QUERIES)
async def test_a_tab_takes_so_many_statements(client: Client, tab: str) -> None:
    answered = await client.run(TABS[tab], as_="demo")
    assert answered.data
    assert answered.statements == STATEMENTS[tab]


@pytest.mark.parametrize("number", [1, 3, 100])
async def test_a_batch_and_its_undoing_take_so_many(writable_database_url: str, redis_url: str, number: int) -> None:
    cards = await card_ids(writable_database_url, "demo", number)
    reviews = [answer(card, f"k{n}") for n, card in enumerate(cards)]
    async with client_of(writable_database_url, redis_url) as client:
        reviewed = await client.run(TABS["5-review"], {"input": {"reviews": reviews}}, as_="demo")
        ids = [result["review"]["id"] for result in reviewed.data["reviewCards"]["results"]]
        undone = await client.run(TABS["6-undo"], {"input": {"reviewIds": ids}}, as_="demo")
    assert len(undone.data["undoReviews"]["cards"]) == number
    assert (reviewed.statements, undone.statements) == (STATEMENTS["5-review"], STATEMENTS["6-undo"])


@pytest.mark.parametrize("chapters", [1, 5])
async def test_a_textbook_and_watching_it_take_so_many(
    writable: Client, writable_database_url: str, chapters: int
) -> None:
    await forget_rate_limits(writable)
    asked_for = await writable.run(TABS["7-generate"], asked(numberOfChapters=chapters), as_="demo")
    job = asked_for.data["generateTextbook"]["job"]["id"]
    async with working(writable_database_url):
        await until(writable_database_url, job)
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {writable.token('demo')}", "X-Debug-Stats": "1"}
    operation = {"query": TABS["8-watch"], "variables": {"id": job}}
    sent = await writable.http.post("/graphql", json=operation, headers=headers)
    [event] = [json.loads(line.removeprefix("data: ")) for line in sent.text.splitlines() if line.startswith("data: ")]
    assert len(event["data"]["jobStatus"]["result"]["chapters"]) == chapters
    assert asked_for.statements == STATEMENTS["7-generate"]
    assert event["extensions"]["stats"]["sqlStatements"] == STATEMENTS["8-watch"]


async def test_the_queries_of_the_readme_run(client: Client) -> None:
    assert len(README) == 5
    for query in README:
        assert all((await client.run(query, as_="demo")).data.values())
