"""Learners are notified exactly once of what concerns them, on all devices, as far as they want to be."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from db.core.database import owner_connection
from db.services.notifications import NewNotification, notify_users
from domain.ids import UserId
from domain.notifications import DEFAULT_CHANNELS, MAX_NEW, NotificationChannel, NotificationKind
from jobs.textbooks.dictionary_generator import DictionaryCache, DictionaryGenerator
from tests.clients import Client
from tests.databases import column, execute
from tests.streams import TRANSPORTS, Events, StreamServer, stream_server
from tests.workers import export_work, generate, generator_work, running_worker, until

LIST = """
    query ($unread: Boolean, $kinds: [NotificationKind!]) { viewer {
        unreadNotificationCount
        notifications(first: 100, filter: {unread: $unread, kinds: $kinds}) { nodes {
            id kind readAt job { id result { __typename } } textbook { id }
        } }
    } }
"""
MARK = """
    mutation ($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) {
        notifications { id readAt } viewer { unreadNotificationCount } errors { code path }
    } }
"""
PREFER = """
    mutation ($preferences: [NotificationPreferenceInput!]!) {
        updateNotificationPreferences(input: {preferences: $preferences}) {
            viewer { notificationPreferences { kind channel enabled } } errors { code path }
        }
    }
"""
EXPORT = "mutation { requestExport(input: {kind: CARDS, format: CSV}) { job { id } errors { code } } }"
STREAM = "subscription { notificationReceived { unreadCount notification { id kind } } }"


@pytest.fixture(scope="module")
async def server(shared_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    async with stream_server(shared_database_url, redis_url, stream_keepalive_seconds=0.1) as server:
        yield server


async def notify(url: str, user: str, *causes: str, kind: NotificationKind = NotificationKind.EXPORT_READY) -> None:
    """As a handler of a domain event does."""
    async with owner_connection(url) as connection:
        id = await connection.fetchval("select id from users where subject = $1", user)
        now = await connection.fetchval("select now()")
        await notify_users(connection, kind, [NewNotification(UserId(id), cause) for cause in causes], now)


async def listed(client: Client, user: str, **filter: Any) -> Any:
    return (await client.run(LIST, filter, user=user)).data["viewer"]


async def test_finished_jobs_notify_their_owner_once(
    server: StreamServer, shared_database_url: str, dictionary: DictionaryCache, tmp_path: Path
) -> None:
    client, url = server.client, shared_database_url
    textbook, generated = await generate(client, user="worker's learner")
    job = (await client.run(EXPORT, user="worker's learner")).data["requestExport"]["job"]["id"]
    await generate(client, user="cancels")
    await execute(
        url, "update jobs set status = 'CANCELLED' where user_id = (select id from users where subject = 'cancels')"
    )
    work = {**generator_work(DictionaryGenerator(dictionary)), **export_work(tmp_path)}
    async with running_worker(url, work):
        await until(url, generated)
        await until(url, job)
        # A second entry in the queue for the same job.
        await execute(url, "update queue.entries set status = 'queued'")
    viewer = await listed(client, "worker's learner")
    found = {row["kind"]: row["textbook"] or row["job"] for row in viewer["notifications"]["nodes"]}
    assert len(viewer["notifications"]["nodes"]) == viewer["unreadNotificationCount"] == len(found) == 2
    assert found["TEXTBOOK_READY"]["id"] == textbook
    assert found["EXPORT_READY"] == {"id": job, "result": {"__typename": "ExportFile"}}
    assert (await listed(client, "cancels"))["notifications"]["nodes"] == []


async def test_cause_notifies_once_and_only_who_wants_it(server: StreamServer, shared_database_url: str) -> None:
    client, url, user = server.client, shared_database_url, "preferences"
    answer = (await client.run(PREFER, {"preferences": []}, user=user)).data["updateNotificationPreferences"]
    assert answer["errors"] == [{"code": "TOO_SHORT", "path": ["preferences"]}]
    export = {"kind": "EXPORT_READY", "channel": "IN_APP"}
    chosen = [export | {"enabled": True}, export | {"enabled": False}]
    answer = (await client.run(PREFER, {"preferences": chosen}, user=user)).data["updateNotificationPreferences"]
    enabled = {(each["kind"], each["channel"]): each["enabled"] for each in answer["viewer"]["notificationPreferences"]}
    assert enabled == {
        (kind.value, channel.value): channel in DEFAULT_CHANNELS[kind] and (kind, channel) != tuple(export.values())
        for kind in NotificationKind
        for channel in NotificationChannel
    }
    for _ in range(2):
        await asyncio.gather(
            *(notify(url, user, "a", "b", kind=kind) for kind in NotificationKind if kind != NotificationKind.WELCOME)
        )
    found = [row["kind"] for row in (await listed(client, user))["notifications"]["nodes"]]
    assert sorted(found) == sorted([kind for kind in NotificationKind if kind not in ("EXPORT_READY", "WELCOME")] * 2)
    [one] = {row["kind"] for row in (await listed(client, user, kinds=["ASSIGNMENT"]))["notifications"]["nodes"]}
    assert one == "ASSIGNMENT"


async def test_notifications_are_marked_as_read(server: StreamServer, shared_database_url: str) -> None:
    client, user = server.client, "reader"
    await client.run("{ viewer { id } }", user=user)
    await notify(shared_database_url, user, *map(str, range(5)))
    ids = [row["id"] for row in (await listed(client, user))["notifications"]["nodes"]]

    async def mark(**input: Any) -> Any:
        return (await client.run(MARK, {"input": input}, user=user)).data["markNotificationsRead"]

    marked = await mark(ids=[ids[0], ids[3], ids[0]])
    assert [row["id"] for row in marked["notifications"]] == [ids[0], ids[3]]
    assert marked["viewer"] == {"unreadNotificationCount": 3}
    # What came after the notification that the client saw stays unread.
    marked = await mark(upTo=ids[2])
    assert [row["id"] for row in marked["notifications"]] == [ids[2], ids[4]]
    rows = (await listed(client, user, unread=True))["notifications"]["nodes"]
    assert [row["id"] for row in rows] == [ids[1]]
    assert len((await listed(client, user, unread=False))["notifications"]["nodes"]) == 4
    assert (await mark(upTo=ids[2]))["notifications"] == []
    for input in ({}, {"ids": ids, "upTo": ids[0]}):
        refused = await client.run(MARK, {"input": input}, user=user)
        assert refused.error_codes == ["BAD_USER_INPUT"]
    assert (await mark(ids=[]))["errors"] == [{"code": "TOO_SHORT", "path": ["ids"]}]


async def next_event(events: Events) -> Any:
    async with asyncio.timeout(60):
        return (await anext(events)).data["notificationReceived"]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_notifications_are_streamed(server: StreamServer, shared_database_url: str, transport: str) -> None:
    client, url, user = server.client, shared_database_url, f"stream by {transport}"
    await client.run("{ viewer { id } }", user=user)
    await client.run("{ viewer { id } }", user="another")
    await notify(url, user, "earlier")
    async with server.stream(transport, STREAM, user=user) as events:
        assert await next_event(events) == {"unreadCount": 1, "notification": None}
        await notify(url, "another", transport)
        await notify(url, user, "earlier", "new")
        new = await next_event(events)
        assert (new["unreadCount"], new["notification"]["kind"]) == (2, "EXPORT_READY")
        # On another device.
        await client.run(MARK, {"input": {"upTo": new["notification"]["id"]}}, user=user)
        assert await next_event(events) == {"unreadCount": 0, "notification": None}
        await notify(url, user, *map(str, range(MAX_NEW + 10)))
        received = [await next_event(events) for _ in range(MAX_NEW)]
        assert {each["unreadCount"] for each in received} == {MAX_NEW + 10}
        ids = [each["notification"]["id"] for each in received]
        rows = (await listed(client, user))["notifications"]["nodes"]
        assert ids == [row["id"] for row in rows[:MAX_NEW]][::-1]
    assert await column(url, "select count(*) from notifications where cause = 'earlier'")


async def test_anonymous_clients_receive_no_notifications(server: StreamServer) -> None:
    async with server.stream(TRANSPORTS[0], STREAM, user=None) as events:
        assert (await anext(events)).codes == ["UNAUTHENTICATED"]
