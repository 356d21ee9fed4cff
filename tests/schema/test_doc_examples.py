"""The queries of the documentation about dictionary, search, texts, notifications and groups run without errors."""

import re
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, OperationType, parse

from domain.ids import global_id, new_id
from tests.clients import Client

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = [
    pytest.param(text, id=f"{name}-{number}")
    for name in ("dictionary", "search", "text-analysis", "book-texts", "notifications", "groups")
    for number, text in enumerate(re.findall(r"```graphql\n(.*?)```", (DOCS / f"{name}.md").read_text(), re.DOTALL))
]


@pytest.mark.parametrize("text", EXAMPLES)
async def test_queries_of_the_documentation_run(client: Client, text: str) -> None:
    books = "{ books(first: 1, filter: {hasText: true}) { nodes { id vocabulary(first: 1) { nodes { id } } } } }"
    [book] = (await client.run(books)).data["books"]["nodes"]
    [word] = book["vocabulary"]["nodes"]
    for operation in parse(text).definitions:
        assert isinstance(operation, OperationDefinitionNode)
        # The tests of jobs cover mutations and subscriptions.
        if operation.operation is not OperationType.QUERY:
            continue
        source = operation.loc.source.body[operation.loc.start : operation.loc.end] if operation.loc else ""
        values = {"id": book["id"], "word": word["id"], "analyzedText": global_id("AnalyzedText", new_id())}
        names = {definition.variable.name.value for definition in operation.variable_definitions or ()}
        variables = {name: value for name, value in values.items() if name in names}
        answer = await client.run(source, variables, user="demo")
        assert all(answer.data.values()), answer.data
