"""Random requests for streams with hostile values, on every transport, cause no internal error."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from random import Random

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

from schema import schema
from server.http.request import GraphQLRequest
from tests.schema.hostile_platform import ROLES, Platform, internal_errors, open_platform
from tests.schema.hostile_streams import PARAMETERS, StreamRequest, authorization, hostile_message, send_messages
from tests.schema.hostile_values import as_json, hostile_value
from tests.schema.places import Place, places
from tests.schema.test_edge_values import PLACES
from tests.schema.test_hostile_requests import with_literal
from tests.streams import DASHBOARD, JOB_STATUS, MY_JOBS, TRANSPORTS, WEBSOCKET

# `make fuzz` runs many, with other seeds each time.
BATCH = 50
BATCHES = int(os.environ.get("FUZZ_OPERATIONS", "600")) // 200
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))
OF_STREAMS = list(places(schema._schema, ("subscription",)))
# The documents with which the parameters of a request are tested.
DOCUMENTS = (JOB_STATUS, MY_JOBS, DASHBOARD)
EVENT_IDS = (b"", b"0", b"1", b"-1", b"1.5", b"1e3", b"9" * 18, b"9" * 19, b"9" * 5_000, b"0x1", b"\xff\xfe")


@pytest.fixture(scope="module")
async def platform(servers: tuple[str, str], template: str) -> AsyncIterator[Platform]:
    # Short: keep-alives distinguish a stream without events from one that fails.
    async with open_platform(servers, template, "hostile_streams", stream_keepalive_seconds=0.2) as platform:
        yield platform


def request_at(place: Place, platform: Platform, random: Random) -> StreamRequest:
    """A request with a hostile value in one input, and valid ones in all others."""
    role = random.choice((*ROLES, "demo"))
    samples = platform.samples | {"ID": platform.jobs[role or "demo"]}
    value = platform.hostile_at(random, place)
    if random.random() < 0.4:
        value = samples["ID"] if place.named == "ID" else 1
    variables = place.variables(value, samples)
    query = place.query
    if random.random() < 0.4:
        query = with_literal(query, variables.pop("value"))
    return _request({"query": json.dumps(query), "variables": as_json(variables)}, role, random)


def request_with(parameter: str, platform: Platform, random: Random) -> StreamRequest:
    """A request with a hostile value as one of its parameters."""
    role = random.choice((*ROLES, "demo"))
    variables = as_json({"id": platform.jobs[role or "demo"]})
    parameters = {"query": json.dumps(random.choice(DOCUMENTS)), "variables": variables}
    value = hostile_value(random, "String", platform.ids, platform.cursors)
    if parameter == "extensions" and random.random() < 0.7:
        version = random.choice((1, 1, 1, value))
        value = {"persistedQuery": random.choice((value, {"version": version, "sha256Hash": value}))}
    return _request(parameters | {parameter: as_json(value)}, role, random)


def _request(parameters: dict[str, str], role: str | None, random: Random) -> StreamRequest:
    transport = random.choice(TRANSPORTS)
    # WebSockets have no keep-alives: there the stream starts with the missed events.
    ids = EVENT_IDS[:6] if transport == WEBSOCKET else EVENT_IDS
    last_event_id = random.choice(ids) if random.random() < 0.5 else None
    return StreamRequest(transport, role, parameters, last_event_id, random.random() < 0.4)


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + BATCHES))
async def test_hostile_requests_for_streams_cause_no_internal_error(platform: Platform, seed: int) -> None:
    random = Random(seed)
    answers: Counter[str] = Counter()
    internal = internal_errors()
    for number in range(BATCH):
        turn = seed * BATCH + number
        if number % 3:
            request = request_at(OF_STREAMS[turn % len(OF_STREAMS)], platform, random)
        else:
            request = request_with(PARAMETERS[turn // 3 % len(PARAMETERS)], platform, random)
        details = f"seed {seed}, {number}: {request!r:.5000}"
        async with asyncio.timeout(60):
            answers[await request.send(platform, details)] += 1
        assert internal_errors() == internal, details
    # At least this many are executed.
    assert answers["event"] + answers["open"] > BATCH / 25, answers


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + BATCHES))
async def test_hostile_messages_cause_no_internal_error(platform: Platform, seed: int) -> None:
    random = Random(seed)
    answers: Counter[str] = Counter()
    internal = internal_errors()
    for number in range(BATCH):
        role = random.choice(ROLES)
        token = platform.client.token(role) if role else None
        messages = [json.dumps({"type": "connection_init", "payload": authorization(token)})]
        if random.random() < 0.1:
            messages.clear()
        messages += [hostile_message(random, platform) for _ in range(random.randint(1, 3))]
        details = f"seed {seed}, {number}: {messages!r:.5000}"
        async with asyncio.timeout(60):
            answers[await send_messages(platform, messages, details)] += 1
        assert internal_errors() == internal, details
    async with asyncio.timeout(60):
        while platform.server.streams:  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0.01)
    assert min(answers["open"], answers["closed"]) > BATCH / 20, answers


def test_every_argument_is_tested() -> None:
    """Arguments of all fields of all objects, and fields of all input objects, reached from any root type."""
    tried = {place.coordinate for place in (*PLACES, *OF_STREAMS)}
    expected = set()
    for type_ in schema._schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            expected |= {f"{type_.name}.{name}({key}:)" for name, field in type_.fields.items() for key in field.args}
        elif isinstance(type_, GraphQLInputObjectType):
            expected |= {f"{type_.name}.{name}" for name in type_.fields}
    assert tried == expected


@pytest.mark.parametrize("kind", ["query", "mutation", "subscription"])
def test_every_argument_of_a_root_field_is_tested_in_its_operation_type(kind: str) -> None:
    root = getattr(schema._schema, f"{kind}_type")
    expected = {f"{root.name}.{name}({key}:)" for name, field in root.fields.items() for key in field.args}
    tried = {place.coordinate for place in (*PLACES, *OF_STREAMS) if place.query.startswith(kind)}
    assert expected
    assert expected <= tried
    # Including input objects of subscriptions, if there are any.
    for name, field in root.fields.items():
        for key, argument in field.args.items():
            named = get_named_type(argument.type)
            if isinstance(named, GraphQLInputObjectType):
                assert {f"{named.name}.{below}" for below in named.fields} <= tried, f"{name}({key}:)"


def test_every_request_parameter_is_tested() -> None:
    assert {name.replace("_", "") for name in GraphQLRequest._fields} == {name.lower() for name in PARAMETERS}
