"""The queries that people see first, in GraphiQL's tabs and in the README, run and cost what is said here."""

import re
from pathlib import Path

import pytest

from tests.clients import Client

ROOT = Path(__file__).parents[2]
TABS = {path.stem: path.read_text() for path in sorted((ROOT / "server/graphiql/tabs").glob("*.graphql"))}
README = re.findall(r"```graphql\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)

# SQL statements, however much the database holds.
STATEMENTS = {"1-books": 3, "2-textbook": 5, "3-search": 4, "4-dashboard": 9}


def test_every_tab_is_counted() -> None:
    assert set(TABS) == set(STATEMENTS)


@pytest.mark.parametrize("tab", TABS)
async def test_a_tab_takes_so_many_statements(client: Client, tab: str) -> None:
    answer = await client.run(TABS[tab], as_="demo")
    assert answer.data
    assert answer.statements == STATEMENTS[tab]


async def test_the_queries_of_the_readme_run(client: Client) -> None:
    assert len(README) == 5
    for query in README:
        assert all((await client.run(query, as_="demo")).data.values())
