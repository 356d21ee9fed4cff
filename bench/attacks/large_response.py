"""Many concurrent requests for the largest allowed responses, which must not block the event loop.

Anonymous clients, each on its own connection, request as many objects and aliases as the limits allow, with distinct
documents, so that no response is cached.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.attacks import Target

# Builds a document from its page size and a number that makes it unique.
Operation: TypeAlias = Callable[[int, int], str]

CONNECTIONS = 8
ROUNDS = 10
MAX_BYTES = 17 * 1024 * 1024
# Expected error codes.
REFUSALS = {"OPERATION_TOO_COMPLEX", "RESPONSE_TOO_LARGE", "TIMEOUT", "RATE_LIMITED", "SERVICE_UNAVAILABLE"}


async def attack(target: Target) -> None:
    """Raises RuntimeError for a response above the limit, or for an invalid one."""
    numbers = count()
    async with httpx.AsyncClient(base_url=f"http://{target.host}:{target.port}", timeout=60) as client:
        operations = [await _largest(client, operation, numbers) for operation in (_chapters, _books, _words)]

        async def ask() -> None:
            for _ in range(ROUNDS):
                for operation, first in operations:
                    await _answer(client, operation(first, next(numbers)))

        await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))


async def _largest(client: httpx.AsyncClient, operation: Operation, numbers: Iterator[int]) -> tuple[Operation, int]:
    """The operation with the largest page size that is accepted."""
    first = 100
    while first > 1 and await _answer(client, operation(first, next(numbers))):
        first //= 2
    return operation, first


async def _answer(client: httpx.AsyncClient, query: str) -> set[str]:
    """The error codes of the response."""
    response = await client.post("/graphql", json={"query": query})
    if len(response.content) > MAX_BYTES:
        raise RuntimeError(f"an answer of {len(response.content)} bytes")
    codes = {error["extensions"]["code"] for error in response.json().get("errors", ())}
    if codes - REFUSALS:
        raise RuntimeError(f"{query[:80]} … was answered with {response.status_code} and {sorted(codes)}")
    return codes


def _chapters(first: int, number: int) -> str:
    words = "vocabulary { id word reading meanings jlptLevel }"
    return (
        f"{{ a{number}: textbooks(first: {first}) {{ nodes {{ id title chapters {{ id title content {words} }} }} }} }}"
    )


def _books(first: int, number: int) -> str:
    fields = " ".join(f"a{n}: title b{n}: author" for n in range(20))
    return f"{{ a{number}: books(first: {first}) {{ nodes {{ id description {fields} }} }} }}"


def _words(first: int, number: int) -> str:
    names = " ".join(
        f'a{n}: searchVocabulary(query: "a", first: {first}) {{ nodes {{ id word reading meanings }} }}'
        for n in range(number % 7, number % 7 + 20)
    )
    return f"{{ {names} }}"
