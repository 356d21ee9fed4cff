"""Traces of requests, events and jobs, as a collector receives them."""

import json
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from server.app import create_app
from server.observability.tracing.traces import open_traces
from tests.clients import Client, client_of, settings_of
from tests.otlp_server import OtlpServer, ReceivedSpan, otlp_server
from tests.servers import running_app
from tests.streams import DASHBOARD, SSE, WEBSOCKET, stream_server, websocket_events
from tests.workers import generate, running_worker, until

TRACE_ID, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED, NOT_SAMPLED = (f"00-{TRACE_ID}-{PARENT}-{flags}" for flags in ("01", "00"))
# The value of a variable.
SECRET = "private search term"

BOOKS = """
    query TracedBooks($text: String!) {
        books(first: 3) { nodes { title progress { percent } } }
        searchVocabulary(query: $text, first: 2) { nodes { __typename } }
        viewer { user { id displayName } }
    }
"""


@pytest.fixture
async def collector() -> AsyncIterator[OtlpServer]:
    async with otlp_server() as server:
        yield server


@pytest.fixture
async def traced(writable_database_url: str, redis_url: str, collector: OtlpServer) -> AsyncIterator[Client]:
    """A client of a server that keeps no traces without a reason."""
    async with client_of(
        writable_database_url,
        redis_url,
        otlp_endpoint=collector.address,
        otlp_headers="authorization=Bearer%20key",
        trace_sample_ratio=0,
        trace_slow_ms=60_000,
    ) as client:
        yield client


def named(spans: Sequence[ReceivedSpan], name: str) -> ReceivedSpan:
    [found] = [span for span in spans if span.name == name]
    return found


async def test_request_has_spans_in_the_client_trace(traced: Client, collector: OtlpServer) -> None:
    sent = {"traceparent": SAMPLED, "tracestate": "vendor=1", "X-Debug-Stats": "0", "graphql-client-name": "web"}
    answered = await traced.run(BOOKS, {"text": SECRET}, user="demo", headers=sent)
    user = answered.data["viewer"]["user"]
    root, *spans = await collector.trace("query TracedBooks")
    assert (root.trace_id, root.parent, root.state, root.kind) == (TRACE_ID, PARENT, "vendor=1", 2)
    assert root.resource["shinjp.process"] == "server"
    assert root.attributes["http.route"] == "/graphql"
    assert root.attributes["http.response.status_code"] == 200
    assert root.attributes["shinjp.client"] == "web"
    assert root.attributes["shinjp.request_id"] == answered.headers["x-request-id"]
    assert len(bytes.fromhex(root.attributes["graphql.document.hash"])) == 32
    assert collector.headers[0]["authorization"] == "Bearer key"

    document, execute, encode = (named(spans, name) for name in ("new document", "execute", "encode"))
    assert {span.parent for span in (document, execute, encode)} == {root.id}
    assert {named(spans, name).parent for name in ("parse", "validate")} == {document.id}
    assert named(spans, "plan").parent == execute.id
    batch = next(span for span in spans if span.attributes.get("shinjp.loader.keys") == 3)
    statement = named([span for span in spans if span.parent == batch.id], batch.name)
    assert statement.attributes["db.query.summary"] == batch.name
    assert statement.attributes["db.system.name"] == "postgresql"
    assert 0 <= statement.attributes["db.response.returned_rows"] <= 3
    assert any(span.attributes.get("db.system.name") == "redis" for span in spans)
    parents = {span.id: span for span in (root, *spans)}
    assert all(parents[span.parent or ""].start <= span.start <= span.end <= root.end for span in spans)

    for value in (SECRET, traced.token("demo"), user["id"], user["displayName"]):
        assert value not in collector.text


async def test_batches_have_links_to_the_fields_that_asked(traced: Client, collector: OtlpServer) -> None:
    query = "query Subjects { viewer { cards(first: 3) { nodes { subject { ... on Vocabulary { word } } } } } }"
    headers = {"X-Debug-Stats": "0", "X-Trace-Fields": "1"}
    assert (await traced.run(query, user="demo", headers=headers)).data["viewer"]["cards"]["nodes"][2]["subject"]
    _, *spans = await collector.trace("query Subjects")
    subjects = {span.id for span in spans if span.name == "Card.subject"}
    [batch] = [span for span in spans if span.parent in subjects and "shinjp.loader.keys" in span.attributes]
    assert len(subjects) == 3
    assert {id for _, id in batch.links} == subjects - {batch.parent}
    assert {trace_id for trace_id, _ in batch.links} == {batch.trace_id}


async def test_fields_have_spans_if_requested(traced: Client, collector: OtlpServer) -> None:
    query = "query TracedFields { viewer { dueCount: dashboard { dueNow } } books(first: 2) { nodes { title } } }"
    plain = await traced.run(query, user="demo", headers={"X-Debug-Stats": "0"})
    for _ in range(3):
        # Interpreted, then compiled.
        answered = await traced.run(query, user="demo", headers={"X-Debug-Stats": "0", "X-Trace-Fields": "1"})
        assert answered.data == plain.data
    _, *spans = await collector.trace("query TracedFields")
    execute, books = named(spans, "execute"), named(spans, "Query.books")
    assert books.parent == execute.id
    assert books.attributes["graphql.field.coordinates"] == "Query.books"
    assert any(span.parent == books.id and "db.query.summary" in span.attributes for span in spans)


async def test_traces_are_kept_for_a_reason(traced: Client, collector: OtlpServer) -> None:
    silent = {"X-Debug-Stats": "0"}
    query = "query {} {{ __typename }}"
    await traced.run(query.format("Plain"), headers=silent)
    await traced.run(query.format("Refused"), headers={**silent, "traceparent": NOT_SAMPLED})
    invalid = SAMPLED.replace(PARENT, "0" * 16)
    await traced.run(query.format("Invalid"), headers={**silent, "traceparent": invalid})
    await traced.run(query.format("ClientError") + "}", headers=silent)
    stats = await traced.run(query.format("Debugged"))
    root, *_ = await collector.trace("query Debugged")
    assert root.trace_id == stats.body["extensions"]["stats"]["traceId"] == stats.headers["x-request-id"]
    assert {span.trace_id for span in collector.spans} == {root.trace_id}


@pytest.mark.parametrize("reason", [{"trace_slow_ms": 1}, {"trace_sample_ratio": 1}], ids=["slow", "ratio"])
async def test_slow_or_sampled_traces_are_kept(
    reason: dict[str, float], content_database_url: str, collector: OtlpServer
) -> None:
    options = {"trace_sample_ratio": 0, "trace_slow_ms": 60_000} | reason
    async with client_of(content_database_url, None, otlp_endpoint=collector.address, **options) as client:
        await client.run("query Kept { books(first: 50) { nodes { title } } }", headers={"X-Debug-Stats": "0"})
        assert (await collector.trace("query Kept"))[0].parent is None


async def test_shutdown_sends_what_is_queued(content_database_url: str, collector: OtlpServer) -> None:
    settings = settings_of(content_database_url, None, otlp_endpoint=collector.address, trace_sample_ratio=1)
    async with running_app(create_app(settings)) as server, httpx.AsyncClient(timeout=60) as http:
        await http.post(f"http://{server.address}/graphql", json={"query": "query Last { __typename }"})
        assert collector.spans == []
    assert collector.spans[0].name == "query Last"


async def test_job_is_linked_to_the_request(traced: Client, collector: OtlpServer, writable_database_url: str) -> None:
    title = f"private title {uuid4()}"
    async with (
        open_traces(traced.settings.tracing, "worker") as traces,
        running_worker(writable_database_url, traces=traces),
    ):
        _, job = await generate(traced, title=title)
        await until(writable_database_url, job)
        root, *spans = await collector.trace("job GENERATE_TEXTBOOK")
    [(trace_id, span_id)] = root.links
    request = [span for span in collector.spans if span.trace_id == trace_id]
    assert span_id in {span.id for span in request}
    assert any(span.name == "mutation" for span in request)
    assert trace_id != root.trace_id
    assert root.attributes["shinjp.job.outcome"] == "succeeded"
    assert root.resource["shinjp.process"] == "worker"
    assert named(spans, "commands.attempts.succeed_job").parent == root.id
    assert title not in collector.text


async def test_events_are_linked_to_their_stream(
    content_database_url: str, redis_url: str, collector: OtlpServer
) -> None:
    settings = partial(stream_server, content_database_url, redis_url)
    async with settings(otlp_endpoint=collector.address, trace_sample_ratio=1) as server:
        for transport in (SSE, WEBSOCKET):
            async with server.stream(
                transport, f"subscription Dashboard{DASHBOARD.removeprefix('subscription')}"
            ) as events:
                await anext(events)
            stream, *_ = await collector.trace("subscription Dashboard")
            event, *spans = await collector.trace("event Dashboard")
            assert event.links == [(stream.trace_id, stream.id)]
            assert named(spans, "execute").parent == event.id
            collector.spans.clear()


@pytest.mark.parametrize(
    "stated_by", ["message", "payload", "headers of the payload", "handshake", "several", "nothing"]
)
async def test_socket_operations_continue_traces(
    content_database_url: str, redis_url: str, collector: OtlpServer, stated_by: str
) -> None:
    """The nearest statement counts. Invalid ones do not."""
    other = {"traceparent": f"00-{'9' * 32}-{'8' * 16}-01"}
    stated: dict[str, Any] = {"traceparent": SAMPLED, "tracestate": "vendor=1"}
    sent = {
        "message": (stated, {}, {}),
        "payload": ({"traceparent": 1}, stated, {}),
        "headers of the payload": ({"traceparent": "00-"}, {"headers": stated}, {}),
        "handshake": ({}, {"headers": 1, "traceparent": None}, stated),
        "several": (stated, other, other),
        "nothing": ({}, {}, {}),
    }
    extensions, payload, headers = sent[stated_by]
    configured = stream_server(
        content_database_url, redis_url, otlp_endpoint=collector.address, trace_sample_ratio=stated_by == "nothing"
    )
    async with (
        configured as server,
        connect(
            f"ws://{server.address}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            additional_headers=headers,
        ) as socket,
    ):
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        await socket.recv()
        operation = {"query": "query Traced { __typename }", "extensions": extensions}
        events = websocket_events(socket, operation)
        assert (await anext(events)).data == {"__typename": "Query"}
        await events.aclose()
        root, *_ = await collector.trace("query Traced")
    if stated_by == "nothing":
        assert root.parent is None
    else:
        assert (root.trace_id, root.parent, root.state) == (TRACE_ID, PARENT, "vendor=1")
