"""Random requests with hostile values in every input of the schema get JSON responses without internal errors."""

import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from schema import schema
from tests.clients import Client
from tests.engine.random_operations import RandomOperation
from tests.schema.hostile_platform import ROLES, Platform, check_body, internal_errors, open_platform
from tests.schema.hostile_values import as_json, as_literal
from tests.schema.places import Place
from tests.schema.test_edge_values import PLACES, role_of

# `make fuzz` runs many, with other seeds each time.
BATCH, OF_PLACES = 100, 95
BATCHES = int(os.environ.get("FUZZ_OPERATIONS", "800")) // BATCH
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))
# Above the server's limit, and below httpx's.
LONGEST_ADDRESS = 60_000
HEADERS = (b"GraphQL-Client-Name", b"Last-Event-ID", b"If-None-Match", b"X-Request-Id", b"Accept-Language", b"Cookie")
# The server reads this much of a body after its response.
READ_AFTER_RESPONSE = 64 * 1_048_576


@dataclass(frozen=True)
class Request:
    """An operation to send. `variables`: possibly invalid JSON."""

    role: str | None
    query: str
    variables: str
    is_get: bool
    headers: dict[bytes, bytes]

    async def send(self, client: Client) -> httpx.Response:
        headers = {b"GraphQL-Require-Preflight": b"1", b"Content-Type": b"application/json", **self.headers}
        if self.role:
            headers[b"Authorization"] = f"Bearer {client.token(self.role)}".encode()
        if self.is_get:
            # Values that cannot be encoded in a URL are omitted.
            parameters = {"query": self.query.encode(errors="replace"), "variables": self.variables}
            encoded = urlencode(parameters)
            if len(encoded) < LONGEST_ADDRESS:
                return await client.http.get(f"/graphql?{encoded}", headers=headers)
        body = f'{{"query": {json.dumps(self.query)}, "variables": {self.variables}}}'
        try:
            return await client.http.post("/graphql", content=body, headers=headers)
        except httpx.TransportError:
            # The response is lost if the server closes the connection before this client has sent the body.
            if len(body) < READ_AFTER_RESPONSE:
                raise
            return httpx.Response(413, content=b"{}")


@pytest.fixture(scope="module")
async def platform(servers: tuple[str, str], template: str) -> AsyncIterator[Platform]:
    async with open_platform(servers, template, "hostile") as platform:
        yield platform


def request_at(place: Place, platform: Platform, random: Random) -> Request:
    """A request with a hostile value in one input, and valid ones in all others."""
    role = role_of(place) if random.random() < 0.6 else random.choice(ROLES)
    variables = place.variables(platform.hostile_at(random, place), platform.samples)
    query = place.query
    if random.random() < 0.4:
        query = with_literal(query, variables.pop("value"))
    is_get = query.startswith("query") and random.random() < 0.4
    return Request(role, query, as_json(variables), is_get, _headers(random))


def with_literal(query: str, value: Any) -> str:
    """Replaces the variable by a literal."""
    declared, _, rest = query.partition("$value: ")
    type_name = rest[: min(rest.index(end) for end in ",)" if end in rest)]
    rest = rest[len(type_name) :].removeprefix(", ")
    named = schema._schema.type_map[type_name.strip("[]!")]
    query = f"{declared}{rest}".replace("() {", " {", 1)
    return query.replace("$value", as_literal(value, named), 1)


def random_request(platform: Platform, random: Random) -> Request:
    """An operation over the whole schema, with several values, some of them hostile."""
    operation = RandomOperation(schema._schema, random, platform.value, depth=3, mutation=random.random() < 0.3)
    text = operation.text
    is_get = not operation.mutation and random.random() < 0.4
    return Request(random.choice(ROLES), text, as_json(operation.variables), is_get, _headers(random))


def _headers(random: Random) -> dict[bytes, bytes]:
    if random.random() < 0.8:
        return {}
    value = random.choice((b"", b"\xff\xfe", b"9" * 5_000, b'W/"', b"\xe4\xba\xba", b"a,b;q=1e9", b"*" * 200))
    return {random.choice(HEADERS): value}


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + BATCHES))
async def test_hostile_requests_cause_no_internal_error(platform: Platform, seed: int) -> None:
    random = Random(seed)
    statuses: Counter[int] = Counter()
    internal = internal_errors()
    for number in range(BATCH):
        if number < OF_PLACES:
            # All places in turn.
            request = request_at(PLACES[(seed * OF_PLACES + number) % len(PLACES)], platform, random)
        else:
            request = random_request(platform, random)
        response = await request.send(platform.client)
        statuses[response.status_code] += 1
        details = f"seed {seed}, {number}: {response.status_code} {response.text[:1_000]}\n{request!r:.5000}"
        assert response.status_code < 500, details
        check_body(response.content, details)
        assert internal_errors() == internal, details
    # At least this many are executed.
    assert statuses[200] > BATCH / 10, statuses


def test_every_place_is_tested() -> None:
    assert len(PLACES) <= OF_PLACES * BATCHES
