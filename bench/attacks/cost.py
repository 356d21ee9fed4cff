"""Operations of a few kilobytes with the highest possible cost: each is rejected before it is executed.

An anonymous client sends them one after the other: a textbook a hundred times with 47 aliases of its chapters, 49
aliases of the chapters' content, fragments that double, and introspection from each type to all fields.
"""

from typing import Any

import httpx

from bench.attacks import Target

ROUNDS = 20


async def attack(target: Target) -> None:
    """Raises RuntimeError if an operation is executed."""
    async with httpx.AsyncClient(base_url=target.url, timeout=60) as client:
        found = await client.post("/graphql", json={"query": "{ textbooks(first: 1) { nodes { id } } }"})
        textbook: str = found.json()["data"]["textbooks"]["nodes"][0]["id"]
        for _ in range(ROUNDS):
            for query, variables in operations(textbook):
                response = await client.post("/graphql", json={"query": query, "variables": variables})
                codes = [error["extensions"]["code"] for error in response.json().get("errors", ())]
                if codes != ["OPERATION_TOO_COMPLEX"]:
                    raise RuntimeError(f"{query[:80]} … was answered with {response.status_code} and {codes}")


def operations(textbook: str) -> list[tuple[str, dict[str, Any]]]:
    """Documents and variables, for the id of a textbook."""
    many = {"ids": [textbook] * 100}
    ids = "query($ids: [ID!]!) { nodes(ids: $ids)"
    chapters = _named("chapters { id title vocabulary { word } }", 47)
    contents = _named("content", 49)
    doubling = "".join(
        f"fragment F{n} on Textbook {{ a{n}: chapters {{ textbook {{ ...F{n + 1} }} }} ...F{n + 1} }} "
        for n in range(5)
    )
    types = _named("__schema { types { fields { name type { fields { name args { name } } } } } }", 49)
    return [
        (f"{ids} {{ ... on Textbook {{ {chapters} }} }} }}", many),
        (f"{ids} {{ ... on Textbook {{ chapters {{ {contents} }} }} }} }}", many),
        (f"query($id: ID!) {{ textbook(id: $id) {{ chapters {{ {contents} }} }} }}", {"id": textbook}),
        (f"{ids} {{ ...F0 }} }} {doubling} fragment F5 on Textbook {{ id }}", many),
        (f"{{ {types} }}", {}),
    ]


def _named(field: str, number: int) -> str:
    return " ".join(f"a{n}: {field}" for n in range(number))
