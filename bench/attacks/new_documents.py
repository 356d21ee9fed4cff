"""New documents, each as long and as expensive to validate as the limits allow.

All documents differ, so that none is cached, and parsing and validating them is expensive. Three clients send two of
9 kB per second, and then as many as they can, until `MAX_NEW_DOCUMENTS` rejects them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.attacks import Target

SECONDS_AT_MOST = 90.0
SLOW_SECONDS = 10
CONNECTIONS = 4
FLOOD_SECONDS = 20
# Expected error codes.
REFUSALS = {
    "DOCUMENT_TOO_LARGE",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "OPERATION_TOO_COMPLEX",
    "RATE_LIMITED",
    "SERVICE_UNAVAILABLE",
    "TIMEOUT",
}


def _flat(number: int, write: Callable[[int], str]) -> str:
    return " ".join(map(write, range(number)))


def _documents(number: int) -> list[str]:
    """A distinct document for each number."""
    nested = "viewer { user { id } } "
    return [
        # 9 kB each.
        f"query Q{number} {{ {nested * 380} }}",
        f"query Q{number} {{ {_flat(180, lambda i: f'...F{i}')} }} "
        + _flat(180, lambda i: f"fragment F{i} on Query {{ a: __typename }}"),
        f"query Q{number} {{ books(filter: {{ {_flat(850, lambda i: f'titl{i}: 1')} }}) {{ totalCount }} }}",
        # Of the maximum length.
        f"query Q{number} {{ {nested * 560} }}",
        f"query Q{number} {{ {_flat(430, lambda i: f'...F{i}')} }} "
        + _flat(430, lambda i: f"fragment F{i} on Query {{ a: __typename }}"),
        f"query Q{number} {{ {'__typename ' * 3_900} }}",
        f"query Q{number} {{ {_flat(3_900, lambda i: f'ghost{i}')} }}",
        f"query Q{number} {{ __typename }} #{'x' * 65_000}",
        f"query Q{number} {{ __typename }} #{'x' * 1_900_000}",
    ]


async def attack(target: Target) -> str:
    """Raises RuntimeError for an unexpected response."""
    numbers, codes = count(), Counter[str]()
    tokens = (None, target.token, target.editor_token)
    async with httpx.AsyncClient(base_url=target.url, timeout=60) as client:
        for second in range(SLOW_SECONDS):
            documents = _documents(next(numbers))[:3]
            sent = (_send(client, documents[(second + index) % 3], tokens[index], codes) for index in range(2))
            await asyncio.gather(asyncio.sleep(1), *sent)

        async def flood(token: str | None) -> None:
            while True:
                for document in _documents(next(numbers)):
                    await _send(client, document, token, codes)

        floods = [asyncio.create_task(flood(token)) for token in tokens for _ in range(CONNECTIONS)]
        done, _ = await asyncio.wait(floods, timeout=FLOOD_SECONDS, return_when=asyncio.FIRST_EXCEPTION)
        for task in floods:
            task.cancel()
        await asyncio.gather(*floods, return_exceptions=True)
        for task in done:
            task.result()
    return ", ".join(f"{number} {code}" for code, number in codes.most_common())


async def _send(client: httpx.AsyncClient, document: str, token: str | None, codes: Counter[str]) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    response = await client.post("/graphql", json={"query": document}, headers=headers)
    found = {error["extensions"]["code"] for error in response.json().get("errors", ())} or {"answered"}
    codes.update(found)
    if found - REFUSALS - {"answered"}:
        raise RuntimeError(f"{document[:80]} … was answered with {response.status_code} and {sorted(found)}")
