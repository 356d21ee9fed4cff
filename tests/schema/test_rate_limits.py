"""Every mutation and every subscription has a rate limit."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    get_nullable_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)
from strawberry.types.field import StrawberryField

from cache.redis.client import open_redis
from cache.redis.rate_limiter import RateLimits
from db.core.database import open_database
from domain.rate_limits import (
    NEW_DOCUMENTS,
    PERSISTED_QUERIES,
    RATE_LIMITS,
    SIGN_UPS,
    SIMULATIONS,
    STREAMS,
    UPLOAD_REQUESTS,
    UPLOADS,
    RateLimit,
)
from server.observability.error_log import limit_counts
from tests.clients import Client, client_of
from tests.databases import column, execute
from tests.schema.root_types import MUTATION, SUBSCRIPTION

SUBJECT = "busy"
# A client that has exhausted the other one is rejected before the operation is known.
LIMITS_OF_VIEWERS = [limit for limit in RATE_LIMITS if limit is not NEW_DOCUMENTS]


MUTATIONS: dict[str, GraphQLField] = MUTATION.fields
SUBSCRIPTIONS: dict[str, GraphQLField] = SUBSCRIPTION.fields


def declared(name: str) -> RateLimit | None:
    definition = MUTATIONS[name].extensions["strawberry-definition"]
    assert isinstance(definition, StrawberryField)
    assert definition.base_resolver is not None
    limit: RateLimit | None = getattr(definition.base_resolver.wrapped_func, "__rate_limit__", None)
    return limit


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutation_declares_a_limit(name: str) -> None:
    assert declared(name) in RATE_LIMITS


# By requests that are no mutations.
OTHERWISE_USED = {STREAMS, SIGN_UPS, SIMULATIONS, PERSISTED_QUERIES, NEW_DOCUMENTS, UPLOADS, UPLOAD_REQUESTS}


def test_every_limit_is_used() -> None:
    assert {declared(name) for name in MUTATIONS} | OTHERWISE_USED == set(RATE_LIMITS)


def sample(type_: Any) -> Any:
    type_ = get_nullable_type(type_)
    if is_list_type(type_):
        return [sample(type_.of_type)]
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        required = {name: field for name, field in type_.fields.items() if is_required_input_field(field)}
        if type_.is_one_of:
            required = dict([next(iter(type_.fields.items()))])
        return {name: sample(field.type) for name, field in required.items()}
    return {
        "Boolean": True,
        "Date": "2026-01-31",
        "DateTime": "2026-01-31T00:00:00Z",
        "Int": 1,
        "String": "x",
        "ID": "x",
    }[type_.name]


def operation(kind: str, name: str, field: GraphQLField) -> tuple[str, dict[str, Any]]:
    required = {argument: one for argument, one in field.args.items() if is_required_argument(one)}
    variables = {argument: sample(one.type) for argument, one in required.items()}
    declarations = ", ".join(f"${argument}: {one.type}" for argument, one in required.items())
    values = ", ".join(f"{argument}: ${argument}" for argument in required)
    head = f"{kind} ({declarations})" if required else kind
    return f"{head} {{ {name}{f'({values})' if required else ''} {{ __typename }} }}", variables


def operations() -> Iterator[tuple[str, dict[str, Any], RateLimit]]:
    for name, field in MUTATIONS.items():
        limit = declared(name)
        assert limit is not None
        yield *operation("mutation", name, field), limit
    for name, field in SUBSCRIPTIONS.items():
        yield *operation("subscription", name, field), STREAMS
    yield "{ viewer { scheduling { simulate { reviews } } } }", {}, SIMULATIONS


async def test_every_limit_is_enforced(writable_database_url: str, redis_url: str) -> None:
    """Sends each operation as an administrator who has exhausted its limit."""
    settings: dict[str, Any] = {limit.setting: limit.times for limit in LIMITS_OF_VIEWERS}
    async with client_of(writable_database_url, redis_url, **settings) as client:
        await _check_limits(client, writable_database_url, redis_url)


async def _check_limits(writable: Client, writable_database_url: str, redis_url: str) -> None:
    await writable.run("{ viewer { id } }", user=SUBJECT)
    await execute(writable_database_url, f"update users set role = 'admin' where subject = '{SUBJECT}'")
    [viewer_id] = await column(writable_database_url, f"select id from users where subject = '{SUBJECT}'")
    async with (
        open_redis(redis_url) as redis,
        open_database(writable_database_url, min_size=1, max_size=1) as database,
    ):
        limits = RateLimits(redis, await database.identity(), writable.settings.rate_limits)
        for limit in LIMITS_OF_VIEWERS:
            if limit.has_tokens:
                for number in range(limit.times):
                    await limits.acquire(limit, f"viewer:{viewer_id}", token=str(number))
            else:
                await limits.acquire(limit, f"viewer:{viewer_id}", limit.times)
        before = dict(limit_counts())
        for query, variables, limit in operations():
            body = await send(writable, query, variables)
            [error] = body["errors"]
            assert error["extensions"]["code"] == "RATE_LIMITED", (query, error)
            assert error["extensions"]["limit"] == limit.setting.upper(), (query, error)
            assert 3_500 <= error["extensions"]["retryAfter"] <= 3_600 + limit.part.total_seconds() + 1
            assert error["message"].startswith(f"{limit.times} {limit.what} an hour are ")
        by_setting = {limit.setting.upper() for _, _, limit in operations()}
        assert {name for name in by_setting if limit_counts()[name] == before[name]} == set()
    counted = (await writable.http.get("/metrics")).text
    for limit in RATE_LIMITS:
        expected = sum(used is limit for _, _, used in operations())
        assert f'shinjp_rate_limited_total{{limit="{limit.name}"}} {expected:.1f}\n' in counted


async def send(client: Client, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    if not query.startswith("subscription"):
        return (await client.run(query, variables, user=SUBJECT)).body
    headers = {"Authorization": f"Bearer {client.token(SUBJECT)}", "Accept": "text/event-stream"}
    response = await client.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    [event] = [line for line in response.text.splitlines() if line.startswith("data: {")]
    body: dict[str, Any] = json.loads(event.removeprefix("data: "))
    return body
