"""Values whose parsing takes long: two megabytes of variables, and long headers.

An anonymous client sends them one after the other: many items of wrong or unusual types, and headers for which the
parsers of the standard library take a time that grows with the square of their length.
"""

import httpx
import orjson

from bench.attacks import Target

ROUNDS = 20
NODES = "query($values: [ID!]!) { nodes(ids: $values) { id } }"
REVIEWS = "mutation($values: [ReviewInput!]!) { reviewCards(input: {reviews: $values}) { errors { code } } }"
VARIABLES: list[tuple[str, list[object]]] = [
    (NODES, [1] * 990_000),
    (NODES, ["1"] * 9_998 + [{}]),
    (REVIEWS, [{}] * 660_000),
    (REVIEWS, [{"quality": 1.0}] * 4_999),
]
HEADERS = [
    {"Content-Type": 'multipart/form-data; boundary="' + ";" * 30_000},
    {"Content-Type": "multipart/form-data; boundary=b", "Cookie": 'a="' + r"\1" * 15_000 + '"'},
    {"Content-Type": "application/json", "Accept": "a," * 15_000},
    {"Content-Type": "application/json", "Accept": "a;q=0.1," * 3_500},
]


async def attack(target: Target) -> None:
    """Raises RuntimeError if a request is accepted."""
    bodies = [orjson.dumps({"query": query, "variables": {"values": values}}) for query, values in VARIABLES]
    async with httpx.AsyncClient(base_url=target.url, timeout=60) as client:
        for _ in range(ROUNDS):
            for body in bodies:
                await _send(client, body, {"Content-Type": "application/json"})
            for headers in HEADERS:
                await _send(client, b"", {"GraphQL-Require-Preflight": "1", **headers})


async def _send(client: httpx.AsyncClient, body: bytes, headers: dict[str, str]) -> None:
    response = await client.post("/graphql", content=body, headers=headers)
    if response.status_code < 400 and "errors" not in response.json():
        raise RuntimeError(f"{body[:80]!r} and {str(headers)[:80]} were accepted.")
