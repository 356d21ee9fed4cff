"""Events are sent to webhooks of operators, signed, with retries, and to public addresses only."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from common.tracing.trace_context import TraceContext
from db.core.database import open_database, owner_connection
from db.core.row_level_security import begin_sql
from domain.enums import Role
from domain.ids import UserId, global_id
from domain.viewer import Viewer
from domain.webhooks import DISABLED_AFTER, RETRY_DELAYS, is_usable_url
from jobs.events import HANDLERS, handle_waiting_events
from jobs.webhooks import WebhookSender
from tests.clients import Client, client_of
from tests.servers import app_address

CREATE = """
    mutation ($url: String!, $kinds: [EventKind!]!) {
        createWebhook(input: {url: $url, eventKinds: $kinds}) { webhook { id } secret errors { code path } }
    }
"""
LIST = """
    { admin { webhooks { id url disabledAt failingSince deliveries {
        nodes { id eventKind payload state attempts status error }
    } } } }
"""
PUBLISH = "insert into events (id, kind, entity_id) values (gen_random_uuid(), 'BOOK_FIRST_PUBLISHED', $1)"
DUE = "update webhook_deliveries set next_attempt_at = now()"


class Receiver:
    """A real HTTP server. `statuses`: of the next responses; later ones are 204."""

    def __init__(self) -> None:
        self.address = ""
        self.statuses: list[int] = []
        self.received: list[tuple[dict[str, str], bytes]] = []

    async def respond(self, request: Request) -> Response:
        self.received.append((dict(request.headers), await request.body()))
        status = self.statuses.pop(0) if self.statuses else 204
        return Response(status_code=status, headers={"Location": f"http://{self.address}/other"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    app = Starlette(routes=[Route("/{path:path}", found.respond, methods=["POST", "GET"])])
    async with app_address(app) as found.address:
        yield found


@pytest.fixture
async def allowing(writable_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    """A client of a server that allows private addresses."""
    async with client_of(writable_database_url, redis_url, webhook_private_addresses=True) as client:
        yield client


async def create(client: Client, url: str, *kinds: str) -> Any:
    answer = await client.run(CREATE, {"url": url, "kinds": [*kinds]}, user="admin")
    return answer.data["createWebhook"]


async def publish(connection: Any) -> Any:
    unpublished = "id not in (select entity_id from events where kind = 'BOOK_FIRST_PUBLISHED')"
    book = await connection.fetchval(f"select id from books where {unpublished} limit 1")
    await connection.execute(PUBLISH, book)
    await handle_waiting_events(connection, HANDLERS)
    return book


async def send(connection: Any, *, allow_private: bool = True) -> None:
    while await WebhookSender(allow_private).send_batch(connection):
        pass


async def test_event_is_sent_once_with_a_signature(
    allowing: Client, writable_database_url: str, connection: Any, receiver: Receiver
) -> None:
    created = await create(allowing, f"http://{receiver.address}/hook?x=1", "BOOK_FIRST_PUBLISHED")
    await create(allowing, f"http://{receiver.address}/other", "ASSIGNMENT_CREATED")
    book = await publish(connection)

    async def work() -> None:
        async with owner_connection(writable_database_url) as own:
            await send(own)

    await asyncio.gather(work(), work())
    await connection.execute("update events set handled_at = null")
    await handle_waiting_events(connection, HANDLERS)
    await send(connection)
    [(headers, body)] = receiver.received
    message = json.loads(body)
    assert (message["type"], message["data"]) == ("book.published", {"id": global_id("Book", book)})
    # As the specification describes it.
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body.decode()}".encode()
    key = base64.b64decode(created["secret"].removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["host"] == receiver.address
    assert TraceContext.from_headers({b"traceparent": headers["traceparent"].encode()})
    webhook = (await allowing.run(LIST, user="admin")).data["admin"]["webhooks"][0]
    [delivery] = webhook["deliveries"]["nodes"]
    assert (delivery["state"], delivery["status"], delivery["payload"]) == ("DELIVERED", 204, body.decode())
    replay = "mutation ($id: ID!) { replayWebhookDelivery(input: {id: $id}) { delivery { state } errors { code } } }"
    answer = await allowing.run(replay, {"id": delivery["id"]}, user="admin")
    assert answer.data["replayWebhookDelivery"] == {"delivery": {"state": "PENDING"}, "errors": []}
    await send(connection)
    assert [each["webhook-id"] for each, _ in receiver.received] == [headers["webhook-id"]] * 2
    # The application cannot read secrets.
    admin = UserId(await connection.fetchval("select id from users where subject = 'admin'"))
    async with open_database(writable_database_url, min_size=1, max_size=1) as database:
        async with database.transaction(begin_sql(Viewer(admin, Role.ADMIN))) as own:
            assert await own.fetchval("select count(id) from webhooks") == 2
            assert not await own.fetchval("select has_column_privilege('webhooks', 'secret', 'select')")
        async with database.transaction(begin_sql(Viewer(admin, Role.EDITOR))) as own:
            assert await own.fetchval("select count(id) from webhooks") == 0


ENABLE = """
    mutation ($id: ID!, $version: Int) { setWebhookEnabled(input: {id: $id, enabled: true, expectedVersion: $version}) {
        webhook { disabledAt version } errors { code } } }
"""


async def test_failures_are_retried_and_disable_the_webhook(
    allowing: Client, connection: Any, receiver: Receiver
) -> None:
    await create(allowing, f"http://{receiver.address}/hook", "BOOK_FIRST_PUBLISHED")
    await publish(connection)
    receiver.statuses = [500, 302, 429, 200]
    states = "select state, attempts, status, next_attempt_at - now() as delay from webhook_deliveries"
    for number, status in enumerate([500, 302, 429]):
        await send(connection)
        [row] = await connection.fetch(states)
        assert (row["state"], row["attempts"], row["status"]) == ("PENDING", number + 1, status)
        assert row["delay"] > RETRY_DELAYS[number] / 2
        assert await connection.fetchval("select failing_since is not null from webhooks")
        await connection.execute(DUE)
    await send(connection)
    assert (await connection.fetchrow(states))["state"] == "DELIVERED"
    assert await connection.fetchval("select failing_since is null from webhooks")
    # The redirect was not followed.
    assert len(receiver.received) == 4
    receiver.statuses = [500] * 20
    await publish(connection)
    await connection.execute("update webhook_deliveries set attempts = $1 where state = 'PENDING'", len(RETRY_DELAYS))
    await send(connection)
    [failed] = await connection.fetch(f"{states} where status = 500")
    assert failed["state"] == "FAILED"
    await publish(connection)
    await connection.execute("update webhooks set failing_since = now() - $1::interval", DISABLED_AFTER * 1.1)
    await send(connection)
    await connection.execute(DUE)
    await publish(connection)
    await send(connection)
    assert len(receiver.received) == 6
    [webhook] = (await allowing.run(LIST, user="admin")).data["admin"]["webhooks"]
    assert webhook["disabledAt"]
    # An administrator who read it before it was disabled, and one who read it afterwards.
    for version, codes in ((1, ["CONFLICT"]), (2, [])):
        answer = await allowing.run(ENABLE, {"id": webhook["id"], "version": version}, user="admin")
        payload = answer.data["setWebhookEnabled"]
        assert [error["code"] for error in payload["errors"]] == codes
        assert (payload["webhook"]["disabledAt"] is not None, payload["webhook"]["version"]) == (
            bool(codes),
            3 - len(codes),
        )
    receiver.statuses = []
    await send(connection)
    assert len(receiver.received) == 7


async def test_private_addresses_are_not_called(writable: Client, connection: Any, receiver: Receiver) -> None:
    port = receiver.address.rpartition(":")[2]
    for url in (
        f"http://{receiver.address}/",
        f"https://{receiver.address}/",
        "https://localhost/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com:99999/",
        "ftp://hooks.example.com/",
        "x",
    ):
        assert not is_usable_url(url, False)
        assert (await create(writable, url, "BOOK_FIRST_PUBLISHED"))["errors"] == [{"code": "INVALID", "path": ["url"]}]
    # A name that leads to a private address, and a URL that was saved when it was allowed.
    assert (await create(writable, f"https://127.1:{port}/", "BOOK_FIRST_PUBLISHED"))["errors"] == []
    await connection.execute(
        "insert into webhooks (id, url, event_kinds, secret) values (gen_random_uuid(), $1, $2, 'whsec_eA==')",
        f"http://{receiver.address}/",
        ["BOOK_FIRST_PUBLISHED"],
    )
    await publish(connection)
    await send(connection, allow_private=False)
    rows = await connection.fetch("select state, attempts, error from webhook_deliveries")
    assert {row["error"] for row in rows} == {
        "The host has a private address.",
        "The URL is not public, or not https.",
    }
    assert receiver.received == []
