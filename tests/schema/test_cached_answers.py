"""Random queries have equal responses with and without the field cache, while mutations and SQL change the data."""

import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from domain.errors import BadUserInput
from domain.ids import parse_global_id
from domain.rate_limits import RATE_LIMITS
from schema import schema
from tests.clients import Answer, Client, client_of
from tests.databases import created, execute_and_notify
from tests.engine.random_operations import RandomOperation
from tests.schema.places import SAMPLES, Samples
from tests.schema.samples import samples_of
from tests.schema.test_differential import MOMENTARY
from tests.schema.test_edge_values import PLACES, role_of
from tests.settings import highest

# `make fuzz` runs many, with other seeds each time.
STEPS = 100
# Recent queries, some of which are repeated.
QUERIES = 12
HISTORIES = int(os.environ.get("FUZZ_OPERATIONS", "200")) // 100
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))
ROLES = (None, "demo", "demo", "editor", "admin")
# Results that depend on the current time differ between two requests, and are compared again.
ATTEMPTS = 3
# A query: its document and its variables.
Query = tuple[str, dict[str, Any]]
# Fields that change by themselves.
UNEQUAL = frozenset({*MOMENTARY, "JobStats.oldestQueuedSeconds"})
MUTATIONS = [place for place in PLACES if place.query.startswith("mutation") and not place.is_list]
WRITES_BY_SQL = (
    "update books set title = '{text}' where id = '{Book}'",
    "update books set published_at = case when published_at is null then now() end where id = '{Book}'",
    "update textbooks set title = '{text}' where id = '{Textbook}'",
    "update textbooks set is_public = not is_public where id = '{Textbook}'",
    "update chapters set title = '{text}' where id = '{Chapter}'",
    "update vocabulary set meanings = '{{{text}}}' where id = '{Vocabulary}'",
    "update kanji set meanings = '{{{text}}}' where character = '人'",
    "update users set display_name = '{text}' where subject = 'demo'",
    "update cards set suspended = not suspended where id = '{Card}'",
)


@dataclass
class Platform:
    """Servers on one database, with and without the cache."""

    url: str
    cached: list[Client]
    uncached: Client
    samples: Samples
    ids: list[str]
    written: int = 0
    recent: list[Query] = field(default_factory=list)

    def value(self, random: Random, coordinate: str, scalar: str) -> Any:
        if coordinate.endswith(("(after:)", "(before:)")):
            return None
        if scalar == "ID":
            return random.choice(self.ids)
        return random.choice([1, 2, 5]) if scalar == "Int" else SAMPLES[scalar]

    async def write(self, random: Random) -> None:
        """Writes by SQL, or by a mutation with mostly valid values on one of the servers."""
        self.written += 1
        text = f"Text {self.written}"
        if random.random() < 0.4:
            rows = dict(base64.b64decode(id).decode().split(":") for id in self.ids)
            await execute_and_notify(self.url, random.choice(WRITES_BY_SQL).format(text=text, **rows))
            return
        place, samples = random.choice(MUTATIONS), {**self.samples, "String": text}
        version = await self.uncached.run(
            VERSIONS, {"book": samples["book"], "textbook": samples["textbook"]}, user="demo"
        )
        of = "textbook" if "UpdateTextbook" in place.query else "book"
        samples["expectedVersion"] = (version.data[of] or {"version": 1})["version"]
        known = place.coordinate.rpartition(".")[2]
        value = next((samples[key] for key in (place.coordinate, known, place.named) if key in samples), None)
        await random.choice(self.cached).run(place.query, place.variables(value, samples), user=role_of(place))

    def query(self, random: Random) -> Query:
        """Mostly a repeated query, so that parts of it may be cached."""
        if not self.recent or random.random() < 0.3:
            operation = RandomOperation(schema._schema, random, self.value, depth=3, exclude=UNEQUAL)
            self.recent.append((operation.text, operation.variables))
        return random.choice(self.recent[-QUERIES:])

    async def compare(self, random: Random) -> None:
        (text, variables), role = self.query(random), random.choice(ROLES)
        server = random.choice(self.cached)
        for _ in range(ATTEMPTS):
            shown = [_comparable(await server.run(text, variables, user=role)) for _ in range(2)]
            expected = _comparable(await self.uncached.run(text, variables, user=role))
            if shown == [expected, expected]:
                return
        raise AssertionError(f"{role} {text} {variables}\n{shown}\n{expected}")


VERSIONS = "query($book: ID!, $textbook: ID!) { book(id: $book) { version } textbook(id: $textbook) { version } }"


def _is_id(value: Any) -> bool:
    """Samples of other types are names and the like."""
    if not isinstance(value, str):
        return False
    try:
        parse_global_id(value)
    except BadUserInput:
        return False
    return True


def _comparable(answer: Answer) -> str:
    return json.dumps([answer.body.get("data"), sorted({*answer.error_codes})], ensure_ascii=False)


@pytest.fixture(scope="module")
async def platform(servers: tuple[str, str], template: str) -> AsyncIterator[Platform]:
    unlimited = {limit.setting: highest(limit.setting) for limit in RATE_LIMITS}
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(created(servers[0], f"{template}_cached", template))
        clients = [
            await stack.enter_async_context(client_of(url, servers[1], cache=cache, **unlimited))
            for cache in ("on", "on", "off")
        ]
        samples = await samples_of(clients[2])
        values = [one for value in samples.values() for one in (value if isinstance(value, list) else [value])]
        ids = [value for value in values if _is_id(value)]
        yield Platform(url, clients[:2], clients[2], samples, ids)


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + HISTORIES))
async def test_cached_responses_equal_those_without_cache(platform: Platform, seed: int) -> None:
    random = Random(seed)
    for _ in range(STEPS):
        if random.random() < 0.2:
            await platform.write(random)
        await platform.compare(random)
