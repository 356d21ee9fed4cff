"""The field cache of two processes: current for the writer immediately, for others soon."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.clients import Client, client_of
from tests.databases import execute
from tests.review_assertions import NEW, answer, card_ids, review
from tests.server.test_field_cache import BOOK, BOOKS, DASHBOARD, UPDATE, outcomes, until


@asynccontextmanager
async def two_processes(database_url: str, redis_url: str) -> AsyncIterator[tuple[Client, Client]]:
    """Two servers on the same database and the same Redis."""
    async with client_of(database_url, redis_url) as one, client_of(database_url, redis_url) as other:
        yield one, other


async def test_writer_reads_its_change_in_every_process(writable_database_url: str, redis_url: str) -> None:
    async with two_processes(writable_database_url, redis_url) as clients:
        [book, *_] = (await clients[0].run(BOOKS)).data["books"]["nodes"]
        version = book["version"]
        for number in range(6):
            writer, reader = clients[number % 2], clients[1 - number % 2]
            for client in clients:
                await client.run(BOOK, {"id": book["id"]}, user="editor")
                await client.run(BOOKS, user="editor")
            change = {"id": book["id"], "expectedVersion": version + number, "title": f"Title {number}"}
            assert (await writer.run(UPDATE, {"input": change}, user="editor")).data["updateBook"]["errors"] == []
            for client in (reader, writer):
                shown = (await client.run(BOOK, {"id": book["id"]}, user="editor")).data["book"]["title"]
                listed = (await client.run(BOOKS, user="demo")).data["books"]["nodes"][0]["title"]
                assert shown == listed == f"Title {number}"


async def test_write_by_sql_reaches_every_process(writable_database_url: str, redis_url: str) -> None:
    async with two_processes(writable_database_url, redis_url) as clients:
        [book, *_] = (await clients[0].run(BOOKS)).data["books"]["nodes"]
        for client in clients:
            await client.run(BOOKS)
        await execute(writable_database_url, "update books set title = 'By SQL'")
        for client in clients:

            async def is_right(client: Client = client) -> bool:
                listed = (await client.run(BOOKS)).data["books"]["nodes"]
                shown = (await client.run(BOOK, {"id": book["id"]})).data["book"]["title"]
                return {shown, *(node["title"] for node in listed)} == {"By SQL"}

            await until(is_right)


async def test_dashboard_is_current_after_a_review_in_every_process(writable_database_url: str, redis_url: str) -> None:
    async with two_processes(writable_database_url, redis_url) as (one, other):
        before = (await one.run(DASHBOARD, user="demo")).data["viewer"]["dashboard"]
        warm = await other.run(DASHBOARD, user="demo")
        assert outcomes(warm) == {"Viewer.dashboard": {"hits": 1, "holes": 1}}
        for number, card in enumerate(await card_ids(writable_database_url, "demo", 3, NEW), 1):
            await review(one, [answer(card, f"key-{number}")])
            shown = (await other.run(DASHBOARD, user="demo")).data["viewer"]["dashboard"]
            assert shown["reviewsToday"] == before["reviewsToday"] + number
        assert (await other.run(DASHBOARD, user="somebody")).data["viewer"]["dashboard"]["reviewsToday"] == 0


async def test_purge_reaches_all_processes(writable_database_url: str, redis_url: str) -> None:
    purge = "mutation($input: PurgeCacheInput!) { purgeCache(input: $input) { purgedTags } }"
    async with two_processes(writable_database_url, redis_url) as clients:
        for purged, misses in (
            ({"tags": ["books"]}, 1),
            ({"tags": ["Book:*"]}, 0),
            ({"tags": ["books:*"]}, 0),
            ({"everything": True}, 1),
        ):
            for client in clients:
                await client.run(BOOKS)
            answered = await clients[0].run(purge, {"input": purged}, user="admin")
            assert answered.data["purgeCache"]["purgedTags"] == purged.get("tags", ["*"])
            again = [outcomes(await client.run(BOOKS))["Query.books"].get("misses", 0) for client in clients]
            # The second process reads the value of the first.
            assert again == [misses, 0]
        too_many = [f"Book:{number}" for number in range(101)]
        for tags in (None, [], ["x" * 61], ["本"], too_many):
            wrong = {"tags": tags}
            assert (await clients[0].run(purge, {"input": wrong}, user="admin")).error_codes == ["BAD_USER_INPUT"]
        assert (await clients[0].run(purge, {"input": {"everything": True}}, user="editor")).error_codes == [
            "FORBIDDEN"
        ]
        log = (await clients[0].run("{ admin { auditLog(first: 2) { nodes { action changes } } } }", user="admin")).data
        # The first one is this look at the log.
        [_, entry] = log["admin"]["auditLog"]["nodes"]
        assert (entry["action"], json.loads(entry["changes"])["tags"]["after"]) == ("purgeCache", ["*"])


async def test_lost_listener_bypasses_the_cache_until_reconnected(writable_database_url: str, redis_url: str) -> None:
    async with client_of(writable_database_url, redis_url) as client:
        await client.run(BOOKS)
        await execute(
            writable_database_url,
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'shinjp changes' and datname = current_database();"
            # No listener receives the notification.
            "update books set title = 'Meanwhile'",
        )

        async def is_right() -> object:
            return (await client.run(BOOKS)).data["books"]["nodes"][0]["title"] == "Meanwhile"

        await until(is_right)

        async def is_cached() -> object:
            return "hits" in outcomes(await client.run(BOOKS)).get("Query.books", {})

        await until(is_cached)
        assert await is_right()
