"""Usage of the schema is counted by client and version, and shown to administrators."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial

import pytest
import strawberry
from starlette.datastructures import Headers

from db.core.database import open_database
from db.services.usage import add_usage, read_regular_clients
from domain.usage import (
    MAX_CLIENTS,
    MAX_CLIENTS_OF_ANONYMOUS,
    MAX_CLIENTS_OF_SOURCE,
    MAX_REGULAR_CLIENTS,
    UNKNOWN,
    ClientName,
    UsageKey,
    UsageSource,
)
from engine.request.used_parts import UsedParts
from server.observability.client_names import get_client_name
from server.observability.usage import Usage, open_usage
from tests.clients import client_of
from tests.databases import column, execute
from tests.small_endpoint import client_of_schema

USAGE = """
    query ($coordinate: String!) {
        admin {
            deprecatedUsage { coordinate }
            schemaUsage(coordinate: $coordinate) { client version count lastUsedOn }
        }
    }
"""
COUNTS = """
    select concat_ws(' ', kind, nullif(name, ''), client, nullif(version, ''), count) from usage_counts
    where kind <> 'COORDINATE' or name like 'Query.%' order by 1
"""
BOOK = UsedParts(("Query", "Query.book", "Query.book(id:)", "Book.title"))
WEB = ClientName("web", "1.2")


def source() -> UsageSource:
    return UsageSource("address", is_viewer=False)


def viewer(number: int) -> UsageSource:
    return UsageSource(f"viewer {number}", is_viewer=True)


def stranger(number: int) -> UsageSource:
    return UsageSource(f"address {number}", is_viewer=False)


@strawberry.type
class Query:
    name: str = "name"
    old: str = strawberry.field(default="old", deprecation_reason="Use `name`. Sunset: 2027-01-31.")


async def test_endpoint_counts_valid_operations(writable_database_url: str) -> None:
    async with client_of_schema(strawberry.Schema(Query), writable_database_url) as client:
        headers = {"GraphQL-Client-Name": "web", "GraphQL-Client-Version": "1.2"}
        for query in ("{ name }", "{ old }", "{ old", "{ old }"):
            await client.post("", json={"query": query}, headers=headers)
        await client.post("", json={"query": "{ old }"})
    assert await column(writable_database_url, COUNTS) == [
        "COORDINATE Query.name web 1.2 1",
        "COORDINATE Query.old unknown 1",
        "COORDINATE Query.old web 1.2 2",
        "REQUEST unknown 1",
        "REQUEST web 1.2 3",
    ]


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"graphql-client-name": "web"}, ClientName("web")),
        ({"graphql-client-name": "web", "graphql-client-version": "1.2+3"}, ClientName("web", "1.2+3")),
        (
            {"apollographql-client-name": "mobile/2.0", "apollographql-client-version": "9"},
            ClientName("mobile/2.0", "9"),
        ),
        ({"graphql-client-name": "web", "apollographql-client-name": "mobile"}, ClientName("web")),
        ({"graphql-client-name": "web", "graphql-client-version": "x" * 33}, ClientName("web")),
        ({}, UNKNOWN),
        ({"graphql-client-version": "1"}, UNKNOWN),
        ({"graphql-client-name": ""}, UNKNOWN),
        ({"graphql-client-name": "x" * 65}, UNKNOWN),
        ({"graphql-client-name": "<script>"}, UNKNOWN),
    ],
)
def test_client_name_is_validated(headers: dict[str, str], name: ClientName) -> None:
    assert get_client_name(dict(Headers(headers).raw)) == name


async def test_variables_and_cached_responses_are_counted(writable_database_url: str, redis_url: str) -> None:
    query = "query ($levels: [JlptLevel!]) { books(first: 1, filter: {jlptLevels: $levels}) { nodes { title } } }"
    async with client_of(writable_database_url, redis_url) as client:
        for _ in range(4):
            response = await client.http.post(
                "/graphql",
                json={"query": query, "variables": {"levels": ["N5", "N4"]}},
                headers={"GraphQL-Client-Name": "web"},
            )
            assert "errors" not in response.json()
    counted = "select name from usage_counts where kind = 'COORDINATE' and client = 'web' and count = 4 order by 1"
    parts = (
        "Query Query.books Query.books(first:) Query.books(filter:) BookConnection.nodes Book.title"
        " BookFilter.jlptLevels JlptLevel JlptLevel.N4 JlptLevel.N5"
    )
    assert await column(writable_database_url, counted) == sorted(parts.split())


async def test_counts_add_up_for_administrators(writable_database_url: str, redis_url: str) -> None:
    async with (
        open_database(writable_database_url, min_size=1, max_size=2) as database,
        # Two processes.
        open_usage(partial(add_usage, database)) as first,
        open_usage(partial(add_usage, database)) as second,
    ):
        for usage in (first, second):
            usage.record(BOOK, (), None, WEB, source)
            usage.record(BOOK, (), None, ClientName("ios"), source)
        await asyncio.gather(first.flush(), second.flush())
        first.record(BOOK, (), None, WEB, source)
    variables = {"coordinate": "Query.book(id:)"}
    async with client_of(writable_database_url, redis_url) as client:
        found = (await client.run(USAGE, variables, user="admin")).data["admin"]
        assert (await client.run(USAGE, variables, user="editor")).data == {"admin": None}
        invalid = await client.run(USAGE, {"coordinate": "Book title"}, user="admin")
        unused = "Book JlptLevel.N5 BookFilter.jlptLevels Query.books(first:) @skip(if:) Removed.field"
        await execute(writable_database_url, REMOVED)
        for coordinate in unused.split():
            assert (await client.run(USAGE, {"coordinate": coordinate}, user="admin")).error_codes == []
        # A misspelt coordinate must not look unused.
        misspelt = "Bok book.title Book.titel JlptLevel.N9 BookFilter.level Query.books(frist:) Ghost.x(y:) @skp(if:)"
        for coordinate in misspelt.split():
            [message] = (await client.run(USAGE, {"coordinate": coordinate}, user="admin")).messages
            assert message == f"coordinate: {coordinate!r} is not in the schema, and no request used it."
    today = datetime.now(UTC).date().isoformat()
    days = {one.pop("lastUsedOn") for one in found["schemaUsage"]}
    assert max(days) <= today
    assert found == {
        "deprecatedUsage": [],
        "schemaUsage": [{"client": "web", "version": "1.2", "count": 3}, {"client": "ios", "version": "", "count": 2}],
    }
    assert invalid.error_codes == ["BAD_USER_INPUT"]


async def test_names_of_strangers_are_limited(writable_database_url: str) -> None:
    """By address and process, and by day in the database; registered apps and clients without names are counted."""
    await execute(writable_database_url, "insert into app_versions (app, version) values ('web', '1.2')")
    async with open_database(writable_database_url, min_size=1, max_size=2) as database:
        for process in range(3):
            async with open_usage(partial(add_usage, database), {WEB}.__contains__) as usage:
                for number in range(2 * MAX_CLIENTS_OF_SOURCE):
                    usage.record(BOOK, (), None, ClientName(f"{process} {number}"), source)
                for number in range(2 * MAX_CLIENTS):
                    usage.record(BOOK, (), None, ClientName(f"{process} many {number}"), partial(stranger, number))
                usage.record(BOOK, ("Order.OLD",), None, WEB, source)
                usage.record(BOOK, (), None, UNKNOWN, source)
        counted = "select client from usage_counts where kind = 'REQUEST' order by 1"
    clients = await column(writable_database_url, counted)
    assert len(clients) <= MAX_CLIENTS + 3
    assert {"others", "unknown", "web"} <= set(clients)
    assert sum(client.startswith("0 ") and "many" not in client for client in clients) == MAX_CLIENTS_OF_SOURCE
    totals = await column(writable_database_url, "select sum(count)::int from usage_counts group by kind order by kind")
    requests = 3 * (2 * MAX_CLIENTS_OF_SOURCE + 2 * MAX_CLIENTS + 2)
    assert totals == [requests * len(BOOK.coordinates) + 3, requests]


REMOVED = """
    insert into usage_counts (kind, name, day, client, version, count, last_used_at)
    values ('COORDINATE', 'Removed.field', (now() at time zone 'UTC')::date, 'web', '', 1, now())
"""
REGULAR = """
    insert into usage_counts (kind, name, day, client, version, count, last_used_at)
    select 'REQUEST', '', (now() at time zone 'UTC')::date - age, client, '', count, now()
    from (
        select 'ios' as client, 5 as count, generate_series(1, 20) as age
        union all select 'android', 3, generate_series(1, 20)
        union all select 'stranger ' || number, 1000, 1 from generate_series(1, 300) as number
        union all select 'unknown', 9, generate_series(1, 20)
        union all select 'former', 9, 31
        union all select 'today', 9, 0
    ) as given
"""


async def test_strangers_cannot_displace_regular_clients(writable_database_url: str) -> None:
    """Those of many days keep their names in all processes, whatever strangers sent yesterday, and send first today."""
    await execute(writable_database_url, REGULAR)
    async with open_database(writable_database_url, min_size=1, max_size=2) as database:
        regular = await read_regular_clients(database, datetime.now(UTC))
        assert len(regular) == MAX_REGULAR_CLIENTS
        assert {ClientName("ios"), ClientName("android")} <= regular
        assert regular.isdisjoint(map(ClientName, ("unknown", "former", "today")))
        for _ in range(2):
            read = partial(read_regular_clients, database)
            async with open_usage(partial(add_usage, database), read_regular=read) as usage:
                await usage.flush()
                for number in range(2 * MAX_CLIENTS):
                    usage.record(BOOK, (), None, ClientName(f"a{number}"), partial(viewer, number))
                # Also from an address that has introduced as many as it may.
                for number in range(2 * MAX_CLIENTS_OF_SOURCE):
                    usage.record(BOOK, (), None, ClientName(f"b{number}"), source)
                for name in ("ios", "android"):
                    usage.record(BOOK, (), None, ClientName(name), source)
    counted = "select client || ' ' || count from usage_counts where kind = 'REQUEST' and day = "
    today = await column(writable_database_url, f"{counted}(now() at time zone 'UTC')::date")
    assert {"ios 2", "android 2"} <= set(today)
    assert len(today) <= MAX_CLIENTS + 3


async def test_strangers_cannot_take_the_places_of_viewers(writable_database_url: str) -> None:
    """In any order, in one process or several, also if a stranger uses the name first."""
    async with open_database(writable_database_url, min_size=1, max_size=2) as database:
        for process in range(2):
            async with open_usage(partial(add_usage, database)) as usage:
                for number in range(2 * MAX_CLIENTS):
                    name = "0" if process == number == 0 else f"{process} stranger {number}"
                    usage.record(BOOK, (), None, ClientName(name), partial(stranger, number))
                await usage.flush()
                for number in range(50):
                    usage.record(BOOK, (), None, ClientName(f"{50 * process + number}"), partial(viewer, number // 10))
    counted = "select client from usage_counts where kind = 'REQUEST'"
    clients = set(await column(writable_database_url, counted))
    assert {str(number) for number in range(100)} <= clients
    strangers = [client for client in clients if "stranger" in client]
    # The counts of others are in the first place, too.
    assert MAX_CLIENTS_OF_ANONYMOUS - 3 <= len(strangers) <= MAX_CLIENTS_OF_ANONYMOUS
    assert len(clients) <= MAX_CLIENTS + 3


async def test_name_of_a_stranger_that_a_viewer_uses_has_a_place(writable_database_url: str) -> None:
    async with open_database(writable_database_url, min_size=1, max_size=2) as database:
        for process in range(2):
            async with open_usage(partial(add_usage, database)) as usage:
                # The second process does not know that the places are taken.
                for number in range(MAX_CLIENTS_OF_ANONYMOUS):
                    usage.record(BOOK, (), None, ClientName(f"{process} {number}"), partial(stranger, number))
                await usage.flush()
                usage.record(BOOK, (), None, ClientName(f"{process} 7"), partial(viewer, 7))
    clients = await column(writable_database_url, "select client from usage_counts where kind = 'REQUEST'")
    assert {"0 7", "1 7", "others"} <= set(clients)
    assert not {"1 6", "1 8"} & set(clients)


async def test_counts_that_cannot_be_flushed_are_kept(writable_database_url: str) -> None:
    async with open_database(writable_database_url, min_size=1, max_size=1, timeout=0.5) as database:
        usage = Usage(partial(add_usage, database))
        usage.record(UsedParts(("Query.gone",)), (), "id", UNKNOWN, source)
        async with database.connection():
            # The pool has no other connection.
            await usage.flush()
        usage.record(UsedParts(("Query.gone",)), ("Order.OLD",), None, UNKNOWN, source)
        await usage.flush()
    counts = "select concat_ws(' ', kind, nullif(name, ''), count) from usage_counts order by 1"
    assert await column(writable_database_url, counts) == [
        "COORDINATE Order.OLD 1",
        "COORDINATE Query.gone 2",
        "DOCUMENT id 1",
        "REQUEST 2",
    ]


def test_documents_in_memory_are_bounded() -> None:
    async def write(
        _counts: dict[UsageKey, int],
        _at: datetime,
        _regular: Collection[ClientName],
        _of_viewers: Collection[ClientName],
    ) -> None:
        pass

    usage = Usage(write)
    for number in range(3_000):
        usage.record(UsedParts((f"Query.a{number}",)), (), None, UNKNOWN, source)
    assert len(usage._uses) <= 2_000
    assert sum(usage._uses.values()) + usage._counts.total() // 2 == 3_000
