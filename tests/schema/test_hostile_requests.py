"""Random requests of anybody, with hostile values at every place of the schema: answered or refused, in JSON."""

import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from domain.errors import ErrorCode
from domain.rate_limits import RATE_LIMITS
from schema import schema
from tests.clients import Client
from tests.databases import created
from tests.engine.random_operations import RandomOperation
from tests.schema.hostile_values import as_json, as_literal, hostile_cursor, hostile_value
from tests.schema.places import SAMPLES, Place, Samples
from tests.schema.samples import samples_of
from tests.schema.test_edge_values import PLACES, role_of
from tests.settings import highest
from tests.streams import stream_server

# `make fuzz` asks for many, and for others each time.
BATCH = 100
BATCHES = int(os.environ.get("FUZZ_OPERATIONS", "600")) // BATCH
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))
ROLES = (None, "demo", "editor", "admin")
CURSORS = ("(after:)", "(before:)")
MAX_MESSAGE_LENGTH = 1_000
# Longer than the server reads, and not longer than httpx writes.
LONGEST_ADDRESS = 60_000
HEADERS = (b"GraphQL-Client-Name", b"Last-Event-ID", b"If-None-Match", b"X-Request-Id", b"Accept-Language", b"Cookie")


@dataclass(frozen=True)
class Platform:
    """A server on a socket, and what is there. `cursors`: real ones."""

    client: Client
    samples: Samples
    ids: list[str]
    cursors: list[str]

    def value(self, random: Random, coordinate: str, scalar: str) -> Any:
        """A good value as a rule, so that the others are reached."""
        if random.random() < 0.2:
            return self.hostile(random, coordinate, scalar)
        if scalar == "ID":
            return random.choice(self.ids)
        return None if coordinate.endswith(CURSORS) else SAMPLES[scalar]

    def hostile(self, random: Random, coordinate: str, scalar: str) -> Any:
        if coordinate.endswith(CURSORS):
            return hostile_cursor(random, self.cursors)
        return hostile_value(random, scalar, self.ids, self.cursors)


@dataclass(frozen=True)
class Request:
    """An operation as it is sent. `variables`: JSON, or nearly."""

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
            # What cannot be encoded in an address is left out.
            parameters = {"query": self.query.encode(errors="replace"), "variables": self.variables}
            encoded = urlencode(parameters)
            if len(encoded) < LONGEST_ADDRESS:
                return await client.http.get(f"/graphql?{encoded}", headers=headers)
        body = f'{{"query": {json.dumps(self.query)}, "variables": {self.variables}}}'
        return await client.http.post("/graphql", content=body, headers=headers)


@pytest.fixture(scope="module")
async def platform(servers: tuple[str, str], template: str) -> AsyncIterator[Platform]:
    unlimited = {limit.setting: highest(limit.setting) for limit in RATE_LIMITS}
    async with (
        created(servers[0], f"{template}_hostile", template) as url,
        stream_server(url, servers[1], **unlimited) as server,
    ):
        samples = await samples_of(server.client)
        ids = [id for value in samples.values() for id in (value if isinstance(value, list) else [value])]
        cursors: list[str] = []
        for place in PLACES:
            if place.coordinate.endswith("(after:)"):
                found = await server.client.run(place.query, place.variables(None, samples), as_=role_of(place))
                cursors += _values_of("endCursor", found.data)
        yield Platform(server.client, samples, ids, sorted({*cursors}))


def _values_of(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get(key):
            yield value[key]
        for below in value.values():
            yield from _values_of(key, below)
    elif isinstance(value, list):
        for below in value:
            yield from _values_of(key, below)


def request_at(place: Place, platform: Platform, random: Random) -> Request:
    """A hostile value at one place, and good ones at all others."""
    role = role_of(place) if random.random() < 0.6 else random.choice(ROLES)
    value = platform.hostile(random, place.coordinate, place.named)
    if place.is_list and random.random() < 0.8:
        value = [value] * random.choice((1, 1, 2, 300))
    variables = place.variables(value, platform.samples)
    query = place.query
    if random.random() < 0.4:
        query = _with_literal(query, variables.pop("value"))
    is_get = query.startswith("query") and random.random() < 0.4
    return Request(role, query, as_json(variables), is_get, _headers(random))


def _with_literal(query: str, value: Any) -> str:
    """The value in the place of the variable."""
    declared, _, rest = query.partition("$value: ")
    type_name = rest[: min(rest.index(end) for end in ",)" if end in rest)]
    rest = rest[len(type_name) :].removeprefix(", ")
    named = schema._schema.type_map[type_name.strip("[]!")]
    query = f"{declared}{rest}".replace("query() ", "query ").replace("mutation() ", "mutation ")
    return query.replace("$value", as_literal(value, named), 1)


def random_request(platform: Platform, random: Random) -> Request:
    """An operation over the whole schema, with several values of which some are hostile."""
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
async def test_hostile_requests_are_answered_or_refused(platform: Platform, seed: int) -> None:
    random = Random(seed)
    statuses: Counter[int] = Counter()
    for number in range(BATCH):
        if random.random() < 0.7:
            # Every place has its turn.
            request = request_at(PLACES[(seed * BATCH + number) % len(PLACES)], platform, random)
        else:
            request = random_request(platform, random)
        response = await request.send(platform.client)
        statuses[response.status_code] += 1
        check(response, f"seed {seed}, {number}: {response.status_code} {response.text[:1_000]}\n{request!r:.5000}")
    # As many as that get somewhere.
    assert statuses[200] > BATCH / 10, statuses


def check(response: httpx.Response, told: str) -> None:
    assert response.status_code < 500, told
    body = json.loads(response.content.decode(), parse_constant=lambda constant: pytest.fail(f"{constant} {told}"))
    json.dumps(body, ensure_ascii=False).encode()
    for error in body.get("errors", ()):
        assert error["extensions"]["code"] in {*ErrorCode} - {ErrorCode.INTERNAL_SERVER_ERROR}, told
        assert len(error["message"]) <= MAX_MESSAGE_LENGTH, told
