"""A server on a socket with content, and valid and hostile values for the inputs of its schema."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from graphql import resolve_schema_coordinate

from domain.errors import BadUserInput, ErrorCode
from domain.ids import parse_global_id
from domain.rate_limits import RATE_LIMITS
from schema import schema
from server.observability.error_log import error_counts
from tests.clients import Client
from tests.databases import created
from tests.schema.hostile_values import hostile_cursor, hostile_value
from tests.schema.places import SAMPLES, Place, Samples
from tests.schema.samples import samples_of
from tests.schema.test_edge_values import PLACES, role_of
from tests.settings import highest
from tests.streams import StreamServer, stream_server

ROLES = (None, "demo", "editor", "admin")
CURSORS = ("(after:)", "(before:)", "(since:)")
MAX_MESSAGE_LENGTH = 1_000
CODES = {*ErrorCode} - {ErrorCode.INTERNAL_SERVER_ERROR}
_EXPORT = "mutation { requestExport(input: {kind: CARDS}) { job { id } } }"


@dataclass(frozen=True)
class Platform:
    """`ids`, `cursors`: existing ones. `jobs`: an unfinished job of each role."""

    server: StreamServer
    samples: Samples
    ids: list[str]
    cursors: list[str]
    jobs: dict[str, str]

    @property
    def client(self) -> Client:
        return self.server.client

    def value(self, random: Random, coordinate: str, scalar: str) -> Any:
        """Mostly a valid value, so that the other inputs are reached."""
        if random.random() < 0.2:
            return self.hostile(random, coordinate, scalar)
        if scalar == "ID":
            return random.choice(self.ids)
        return None if coordinate.endswith(CURSORS) else SAMPLES[scalar]

    def hostile(self, random: Random, coordinate: str, scalar: str) -> Any:
        if coordinate.endswith(CURSORS):
            return hostile_cursor(random, self.cursors)
        return hostile_value(random, scalar, self.ids, self.cursors)

    def hostile_at(self, random: Random, place: Place) -> Any:
        value = self.hostile(random, place.coordinate, place.named)
        return [value] * random.choice((1, 1, 2, 300)) if place.is_list and random.random() < 0.8 else value


def _is_global_id(value: Any) -> bool:
    """Whether a sample is the id of a node, not a name or a URL."""
    try:
        return bool(parse_global_id(value))
    except (BadUserInput, TypeError):
        return False


@asynccontextmanager
async def open_platform(servers: tuple[str, str], template: str, name: str, **settings: Any) -> AsyncIterator[Platform]:
    """A platform on a separate database, with rate limits that are never reached."""
    unlimited: dict[str, Any] = {limit.setting: highest(limit.setting) for limit in RATE_LIMITS}
    async with (
        created(servers[0], f"{template}_{name}", template) as url,
        stream_server(url, servers[1], **unlimited, **settings, operation_timeout_seconds=300) as server,
    ):
        client = server.client
        samples = await samples_of(client)
        values = (item for value in samples.values() for item in (value if isinstance(value, list) else [value]))
        ids = [value for value in values if _is_global_id(value)]
        cursors: list[str] = []
        for place in PLACES:
            if place.coordinate.endswith("(after:)"):
                found = await client.run(place.query, place.variables(None, samples), user=role_of(place))
                cursors += _values_of("endCursor", found.data)
        jobs = {
            role: (await client.run(_EXPORT, user=role)).data["requestExport"]["job"]["id"] for role in ROLES if role
        }
        yield Platform(server, samples, [*ids, *jobs.values()], sorted({*cursors}), jobs)


async def _unfinished_job(client: Client, role: str) -> str:
    """A job that no worker runs."""
    id: str = (await client.run(_EXPORT, user=role)).data["requestExport"]["job"]["id"]
    return id


def _values_of(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get(key):
            yield value[key]
        for below in value.values():
            yield from _values_of(key, below)
    elif isinstance(value, list):
        for below in value:
            yield from _values_of(key, below)


def check_body(content: bytes, details: str) -> None:
    """Asserts that the body is valid JSON without internal errors. `details`: for failure messages."""
    body = json.loads(content.decode(), parse_constant=lambda constant: pytest.fail(f"{constant} {details}"))
    json.dumps(body, ensure_ascii=False).encode()
    errors = body if isinstance(body, list) else body.get("errors", ())
    for error in errors:
        assert error["extensions"]["code"] in CODES, details
        assert len(error["message"]) <= MAX_MESSAGE_LENGTH, details
        coordinate = error["extensions"].get("coordinate")
        assert coordinate or "path" not in error, details
        assert coordinate is None or resolve_schema_coordinate(schema._schema, coordinate), details


def internal_errors() -> int:
    """The number of internal errors, including those that no client received."""
    return error_counts().get(ErrorCode.INTERNAL_SERVER_ERROR.value, 0)
