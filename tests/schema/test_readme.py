"""The queries of the README run without errors."""

import re
from pathlib import Path

from tests.clients import Client

README = re.findall(r"```graphql\n(.*?)```", (Path(__file__).parents[2] / "README.md").read_text(), flags=re.DOTALL)


async def test_readme_queries_run(client: Client) -> None:
    assert len(README) == 5
    for query in README:
        assert all((await client.run(query, user="demo")).data.values())
