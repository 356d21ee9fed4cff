"""Responses that use something deprecated say so in headers and extensions, and fail during brown-outs."""

from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Annotated, Any

import httpx
import pytest
import strawberry
from structlog.testing import capture_logs

from domain.brownouts import Brownout, parse_brownouts
from engine.request.deprecation import Sunset, deprecations, find_sunset_problems
from engine.request.operations import SourceEvent
from schema import schema as shinjp_schema
from schema.directives import SunsetDirective
from schema.sunsets import declare_sunsets
from server.graphql.deprecation_notice import warn_of_idle_brownouts
from tests.clients import client_of
from tests.databases import execute
from tests.small_endpoint import client_of_schema
from tests.streams import (
    ACCEPT,
    MULTIPART,
    SSE,
    TRANSPORTS,
    WEBSOCKET,
    multipart_events,
    socket_of,
    sse_events,
    stream_server,
    websocket_events,
)

SINCE, ON = "2026-01-31", "2999-12-31"
SUNSET = SunsetDirective(on=ON, since=SINCE, replacement="Query.name")


@strawberry.enum
class Order(Enum):
    NEW = "NEW"
    OLD = strawberry.enum_value("OLD", deprecation_reason="Use `NEW`.", directives=[SUNSET])


@strawberry.input
class Filter:
    order: Order | None = None
    width: int | None = strawberry.field(default=None, deprecation_reason="Unused.", directives=[SUNSET])


@strawberry.type
class Query:
    old = strawberry.field(
        resolver=lambda: "old", graphql_type=str, deprecation_reason="Use `name`.", directives=[SUNSET]
    )

    @strawberry.field
    def name(
        self,
        filter: Filter | None = None,
        size: Annotated[
            int | None,
            strawberry.argument(deprecation_reason="Unused.", directives=[SunsetDirective(on=ON, since=SINCE)]),
        ] = None,
    ) -> str:
        return "name"


async def events() -> AsyncGenerator[SourceEvent, None]:
    yield SourceEvent(1)


@strawberry.type
class Subscription:
    events = strawberry.subscription(
        resolver=events, graphql_type=int, deprecation_reason="Unused.", directives=[SUNSET]
    )


SCHEMA = strawberry.Schema(Query, subscription=Subscription)
declare_sunsets(SCHEMA._schema)


def test_parts_without_planned_end_and_after_it_are_found() -> None:
    assert set(deprecations(SCHEMA._schema)) == {
        "Query.old", "Query.name(size:)", "Filter.width", "Order.OLD", "Subscription.events",
    }  # fmt: skip
    assert deprecations(SCHEMA._schema)["Order.OLD"].sunset == Sunset(
        date.fromisoformat(SINCE), date.fromisoformat(ON), "Query.name"
    )
    assert find_sunset_problems(SCHEMA._schema, date(2998, 1, 1)) == []
    expired = find_sunset_problems(SCHEMA._schema, date.fromisoformat(ON))
    assert sorted(expired)[0] == f"Filter.width has its sunset on {ON}: remove it."
    assert len(expired) == 5


def test_schema_has_no_part_after_its_sunset() -> None:
    """Fails from the day of a sunset on, until the part is removed."""
    assert find_sunset_problems(shinjp_schema._schema, datetime.now(UTC).date()) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("old=2027-01-01T00:00Z/2027-01-02T00:00Z", "is not a coordinate"),
        ("Query.old=2027-01-01T00:00Z", "is not two times"),
        ("Query.old=2027-01-01T00:00/2027-01-02T00:00", "have no offset"),
        ("Query.old=2027-01-02T00:00Z/2027-01-01T00:00Z", "ends before it starts"),
        (" ".join(["Query.old=2027-01-01T00:00Z/2027-01-02T00:00Z"] * 101), "exceed the limit of 100"),
    ],
)
def test_malformed_brownouts(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_brownouts(text)


def test_brownouts_are_parsed() -> None:
    start, end = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, 1, tzinfo=UTC)
    text = " Query.old=2027-01-01T00:00Z/2027-01-01T01:00Z  Query.name(size:)=2027-01-01T02:00+02:00/2027-01-01T01:00Z"
    assert parse_brownouts(text) == (Brownout("Query.old", start, end), Brownout("Query.name(size:)", start, end))
    assert (parse_brownouts(text)[0].is_active(start), parse_brownouts(text)[0].is_active(end)) == (True, False)


def test_brownouts_without_effect_are_logged() -> None:
    """Of a misspelt part, too: its announced brown-out would not take place."""
    times = "2027-01-10T09:00Z/2027-01-10T10:00Z"
    brownouts = parse_brownouts(f"Query.old={times} Query.odl={times} Query.name={times}")
    with capture_logs() as logged:
        warn_of_idle_brownouts(brownouts, deprecations(SCHEMA._schema))
    assert [line["coordinate"] for line in logged] == ["Query.odl", "Query.name"]


async def test_responses_name_deprecated_parts(shared_database_url: str) -> None:
    dates = {"since": SINCE, "sunset": ON}
    old = {"coordinate": "Query.old", "reason": "Use `name`.", **dates, "replacement": "Query.name"}
    width = {"coordinate": "Filter.width", "reason": "Unused.", **dates, "replacement": "Query.name"}
    order = {"coordinate": "Order.OLD", "reason": "Use `NEW`.", **dates, "replacement": "Query.name"}
    size = {"coordinate": "Query.name(size:)", "reason": "Unused.", **dates}
    cases: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
        ("{ name }", {}, []),
        ("{ old again: old }", {}, [old]),
        ("{ old name(size: 1) }", {}, [old, size]),
        ("query ($f: Filter) { name(filter: $f) }", {"f": {"order": "NEW"}}, []),
        ("query ($f: Filter) { name(filter: $f) }", {"f": {"order": "OLD", "width": 1}}, [order, width]),
        ("query ($f: Filter) { old name(filter: $f) }", {"f": {"width": 1}}, [old, width]),
    ]
    async with client_of_schema(SCHEMA, shared_database_url) as http:
        for query, variables, expected in cases:
            for _ in range(3):
                response = await http.post("", json={"query": query, "variables": variables})
                body, headers = response.json(), response.headers
                assert body["data"]
                assert body.get("extensions", {}).get("deprecations", []) == expected
                assert headers.get("deprecation") == ("@1769817600" if expected else None)
                assert headers.get("sunset") == ("Tue, 31 Dec 2999 00:00:00 GMT" if expected else None)
        dry_run = {"extensions": {"cost": {"dryRun": True}}}
        measured = await http.post("", json={"query": "{ old }", **dry_run})
        assert measured.json()["extensions"]["deprecations"] == [old]
        assert "deprecation" in measured.headers
        streamed = {"query": "subscription { events }", **dry_run}
        events = await http.post("", json=streamed, headers={"Accept": "text/event-stream"})
        assert '"deprecations":[{"coordinate":"Subscription.events"' in events.text
        got = await http.get("", params={"query": "{ old }"})
        assert "deprecation" in got.headers
        events = await http.post("", json={"query": "subscription { events }"}, headers={"Accept": "text/event-stream"})
        assert events.headers["deprecation"] == "@1769817600"
        assert events.headers["sunset"] == "Tue, 31 Dec 2999 00:00:00 GMT"
        assert '"deprecations":[{"coordinate":"Subscription.events"' in events.text


async def test_brownouts_fail_at_their_times(shared_database_url: str) -> None:
    now = datetime.now(UTC)
    times = [(now + timedelta(days=days)).isoformat(timespec="seconds") for days in (-1, 30, 60)]
    brownouts = f"Query.old={times[0]}/{times[1]} Filter.width={times[0]}/{times[1]} Order.OLD={times[1]}/{times[2]}"
    async with client_of_schema(SCHEMA, shared_database_url, brownouts=brownouts) as http:
        for query in ("{ old }", "{ name(filter: {width: 1}) }"):
            response = await http.post(
                "", json={"query": query}, headers={"Accept": "application/graphql-response+json"}
            )
            [error] = response.json()["errors"]
            assert (response.status_code, error["extensions"]["code"]) == (410, "BROWNOUT")
            assert error["extensions"]["coordinate"] in ("Query.old", "Filter.width")
            assert error["extensions"]["until"] == times[1]
        [announced] = (await http.post("", json={"query": "{ name(filter: {order: OLD}) }"})).json()["extensions"][
            "deprecations"
        ]
        assert announced["brownouts"] == [{"start": times[1], "end": times[2]}]
        assert (await http.post("", json={"query": "{ name }"})).json() == {"data": {"name": "name"}}


VERSIONS = """
    insert into trusted_documents (id, text, operation, kind, cost)
        select id, 'query ' || id || ' { jlptContentStats { jlptLevel } }', id, 'query', 1
        from unnest(array['Old', 'New']) as id
        union all
        select 'Followed', 'subscription Followed { dashboardUpdated { dueNow } }', 'Followed', 'subscription', 1;
    insert into app_versions (app, version, state, state_since) values
        ('web', '1', 'DEPRECATED', '2026-01-31'), ('web', '2', 'ACTIVE', now());
    insert into app_version_documents (app, version, document_id)
        values ('web', '1', 'Old'), ('web', '1', 'Followed'), ('web', '1', 'New'), ('web', '2', 'New');
"""


async def test_documents_of_deprecated_versions(writable_database_url: str, redis_url: str) -> None:
    await execute(writable_database_url, VERSIONS)
    async with client_of(writable_database_url, redis_url) as shinjp:
        for id, deprecation in (("Old", "@1769817600"), ("New", None)):
            for _ in range(3):
                response = await shinjp.http.post("/graphql", json={"documentId": id})
                assert response.headers.get("deprecation") == deprecation
                extensions = response.json().get("extensions", {})
                assert [one["documentId"] for one in extensions.get("deprecations", [])] == (
                    ["Old"] if deprecation else []
                )


async def test_streams_announce_deprecated_documents(writable_database_url: str, redis_url: str) -> None:
    """Of queries and subscriptions, over each transport."""
    await execute(writable_database_url, VERSIONS)
    async with stream_server(writable_database_url, redis_url) as server:
        bearer = server.client.token("demo")
        for transport in TRANSPORTS:
            for id in ("Old", "New", "Followed"):
                if transport == MULTIPART and id != "Followed":
                    # These get a response that is no stream.
                    continue
                announced = await first_event(server.address, transport, {"documentId": id}, bearer)
                documents = [one["documentId"] for one in announced.get("extensions", {}).get("deprecations", [])]
                assert documents == ([] if id == "New" else [id]), (transport, id)


async def first_event(address: str, transport: str, operation: dict[str, Any], bearer: str) -> dict[str, Any]:
    """The payload; checks the headers of HTTP."""
    if transport == WEBSOCKET:
        async with socket_of(address, bearer) as socket:
            event = await anext(websocket_events(socket, operation))
            assert event.body is not None
            return event.body
    headers = {"Accept": ACCEPT[transport], "Authorization": f"Bearer {bearer}"}
    async with (
        httpx.AsyncClient(timeout=60) as http,
        http.stream("POST", f"http://{address}/graphql", json=operation, headers=headers) as response,
    ):
        events = sse_events(response) if transport == SSE else multipart_events(response)
        event = await anext(events)
        await events.aclose()
        assert event.body is not None
        is_deprecated = "deprecations" in event.body.get("extensions", {})
        assert response.headers.get("deprecation") == ("@1769817600" if is_deprecated else None)
        return event.body
