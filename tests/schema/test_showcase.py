"""The queries that people see first, in GraphiQL's tabs and in the README, run and cost what is said here."""

import re
from pathlib import Path

import pytest

from tests.clients import Client, client_of
from tests.learners import answer, card_ids

ROOT = Path(__file__).parents[2]
TABS = {path.stem: path.read_text() for path in sorted((ROOT / "server/graphiql/tabs").glob("*.graphql"))}
README = re.findall(r"```graphql\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)

# SQL statements, however much the database holds.
STATEMENTS = {"1-books": 3, "2-textbook": 5, "3-search": 4, "4-dashboard": 9, "5-review": 7, "6-undo": 6}


def test_every_tab_is_counted() -> None:
    assert set(TABS) == set(STATEMENTS)


@pytest.mark.parametrize("tab", [tab for tab in TABS if "mutation" not in TABS[tab]])
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


async def test_the_queries_of_the_readme_run(client: Client) -> None:
    assert len(README) == 5
    for query in README:
        assert all((await client.run(query, as_="demo")).data.values())
