"""`/metrics` and what it says about requests, operations, statements and the backlog."""

import re
from collections.abc import Mapping

import httpx
import pytest
from pydantic import SecretStr

from tests.clients import Client, client_of
from tests.open_metrics import parse_open_metrics
from tests.requests import post
from tests.streams import DASHBOARD, SSE, socket_of, stream_server

TOKEN = "a token for scrapes"
_LABEL = re.compile(r'\w+="[^"]*"')
OPERATIONS = "graphql_server_request_duration_seconds_count"


async def samples(client: Client) -> Mapping[str, float]:
    return parse((await client.http.get("/metrics")).text)


def parse(text: str) -> dict[str, float]:
    """Values by metric, with labels sorted by name."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, value = line.rsplit(" ", 1)
        metric, _, labels = name.partition("{")
        ordered = ",".join(sorted(_LABEL.findall(labels)))
        found[f"{metric}{{{ordered}}}"] = float(value)
    return found


async def difference(client: Client, before: Mapping[str, float], name: str) -> float:
    return (await samples(client)).get(name, 0.0) - before.get(name, 0.0)


async def test_operation_has_a_series_after_ten_uses(client: Client) -> None:
    name = f'{OPERATIONS}{{graphql_operation_name="Measured",graphql_operation_type="query"}}'
    before = await samples(client)
    for _ in range(9):
        await post(client, "query Measured { books(first: 1) { totalCount } }")
    assert await difference(client, before, name) == 0
    other = name.replace("Measured", "other")
    assert await difference(client, before, other) == 9
    # Also from the cache of responses, and with an error.
    await post(client, "query Measured { books(first: 1) { totalCount } }")
    await post(client, "query Measured { viewer { user { id } } }")
    assert await difference(client, before, name) == 2
    anonymous = name.replace("Measured", "")
    await post(client, "{ __typename }")
    assert await difference(client, before, anonymous) == 1


async def test_clients_and_cost_are_counted(client: Client) -> None:
    before = await samples(client)
    query = "query Costly { books(first: 9) { nodes { title } } }"
    for _ in range(10):
        await client.run(query, headers={"GraphQL-Client-Name": "ios"})
    await client.run(query)
    assert await difference(client, before, 'shinjp_client_operations_total{client="ios"}') == 1
    assert await difference(client, before, 'shinjp_client_operations_total{client="other"}') == 9
    assert await difference(client, before, 'shinjp_client_operations_total{client="unknown"}') == 1
    estimated, delivered = [
        await difference(client, before, f'shinjp_operation_cost_total{{state="{state}"}}')
        for state in ("estimated", "delivered")
    ]
    assert estimated >= delivered > 0


async def test_errors_have_operation_and_code(client: Client) -> None:
    before = await samples(client)
    await post(client, '{ node(id: "x") { id } }')
    labels = 'error_type="BAD_USER_INPUT",graphql_operation_name="",graphql_operation_type="query"'
    assert await difference(client, before, f"graphql_server_request_errors_total{{{labels}}}") == 1


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("POST", "/graphql", "/graphql", 415),
        ("GET", "/healthz", "/healthz", 200),
        ("GET", "/exports/unknown.csv", "/exports/{name}", 401),
        ("GET", "/nowhere/at/all", "", 404),
        ("BREW", "/healthz", "/healthz", 405),
    ],
)
async def test_requests_by_route(client: Client, method: str, path: str, route: str, status: int) -> None:
    before = await samples(client)
    assert (await client.http.request(method, path)).status_code == status
    shown = "_OTHER" if method == "BREW" else method
    labels = f'http_request_method="{shown}",http_response_status_code="{status}",http_route="{route}"'
    assert await difference(client, before, f"http_server_request_duration_seconds_count{{{labels}}}") == 1


async def test_statements_and_batches_have_names(client: Client) -> None:
    before = await samples(client)
    headers = {"Cache-Control": "no-cache"}
    query = "{ books(first: 2) { nodes { id pages(first: 1) { nodes { number } } } } }"
    assert (await client.run(query, user="admin", headers=headers)).data["books"]["nodes"]
    after = await samples(client)
    total = "db_client_operation_duration_seconds_count{}"
    assert after[total] > before.get(total, 0)
    grown = {name for name, value in after.items() if value > before.get(name, 0)}
    for metric in ("shinjp_sql_statement_seconds_count{", "shinjp_sql_statement_rows_total{"):
        statements = {name for name in grown if name.startswith(metric)}
        assert any('"queries.books.' in name for name in statements), (metric, statements)
    assert any(name.startswith("shinjp_loader_batch_size_bucket{") for name in grown)


async def test_redis_and_plans_are_counted(client: Client) -> None:
    before = await samples(client)
    for _ in range(3):
        await client.run("query Planned { books(first: 7) { nodes { title } } }", user="demo")
    after = await samples(client)
    for name in (
        'shinjp_plans_total{how="built"}',
        "shinjp_redis_duration_seconds_count{}",
    ):
        assert after[name] > before[name], name
    commands = {name for name in after if name.startswith("shinjp_redis_command_seconds_count{")}
    assert sum(after[name] for name in commands) == after["shinjp_redis_duration_seconds_count{}"]
    assert after["shinjp_redis_failures_total{}"] == before["shinjp_redis_failures_total{}"]


async def test_kept_traces_are_exemplars(content_database_url: str) -> None:
    """In the format that Prometheus requests; and the whole of it is valid."""
    trace_id = "1af7651916cd43dd8448eb211c80319c"
    for flags, is_kept in (("00", False), ("01", True)):
        options = {"otlp_endpoint": "http://127.0.0.1:9", "trace_sample_ratio": 0}
        async with client_of(content_database_url, None, **options) as traced:
            headers = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-{flags}"}
            await traced.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
            accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
            response = await traced.http.get("/metrics", headers=accept)
        assert response.headers["Content-Type"].startswith("application/openmetrics-text")
        assert response.headers["Vary"].startswith("Accept, Accept-Encoding")
        found = {
            sample.name
            for sample in parse_open_metrics(response.text)
            if sample.exemplar is not None and sample.exemplar.labels["trace_id"] == trace_id
        }
        durations = ("http_server_request_duration_seconds", "graphql_server_request_duration_seconds")
        assert found == ({f"{name}_bucket" for name in durations} if is_kept else set())


@pytest.mark.parametrize("ratio", [0, 1])
async def test_resolvers_are_measured_on_demand(content_database_url: str, ratio: float) -> None:
    name = 'graphql_server_resolver_duration_seconds_count{graphql_field_coordinates="Query.books"}'
    async with client_of(content_database_url, None, resolver_metrics_ratio=ratio) as client:
        before = await samples(client)
        for _ in range(2):
            await client.run("{ books(first: 2) { nodes { title } } }", user="demo")
        assert await difference(client, before, name) == 2 * ratio


async def test_backlog_is_in_the_metrics(client: Client) -> None:
    found = await samples(client)
    assert found['shinjp_job_queue_depth{kind="EXPORT"}'] >= 0
    assert found['shinjp_job_queue_age_seconds{kind="EXPORT"}'] >= 0
    assert found['shinjp_processes{kind="server"}'] >= 1
    assert found["process_cpu_seconds_total{}"] > 0


async def test_streams_and_sockets_are_counted(content_database_url: str) -> None:
    async with stream_server(content_database_url, None) as server:
        before = await samples(server.client)
        async with server.stream(SSE, DASHBOARD) as events, socket_of(server.address, None):
            assert (await anext(events)).data
            assert await difference(server.client, before, "shinjp_streams{}") == 1
            assert await difference(server.client, before, "shinjp_sockets{}") == 1
            labels = 'graphql_operation_name="",graphql_operation_type="subscription"'
            name = f"{OPERATIONS}{{{labels}}}"
            assert await difference(server.client, before, name) == 1


async def test_token_is_required(content_database_url: str) -> None:
    async with client_of(content_database_url, None, metrics_token=SecretStr(TOKEN)) as client:

        async def get(authorization: str | None) -> httpx.Response:
            headers = {} if authorization is None else {"Authorization": authorization}
            return await client.http.get("/metrics", headers=headers)

        for wrong in (None, "", "Bearer", f"Bearer {TOKEN}x", TOKEN, f"Basic {TOKEN}"):
            response = await get(wrong)
            assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert (await get(f"Bearer {TOKEN}")).status_code == 200


async def test_own_port_replaces_the_route(content_database_url: str) -> None:
    async with client_of(content_database_url, None, metrics_port=0) as client:
        assert (await client.http.get("/metrics")).status_code == 404
