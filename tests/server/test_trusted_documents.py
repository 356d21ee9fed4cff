"""Trusted documents are executed by their ids; text is executed, counted or refused by role."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from redis.asyncio.connection import AbstractConnection

from domain.document_manifests import read_manifest
from domain.ids import global_id
from domain.trusted_documents import DocumentMode, DocumentModes
from engine.request import document_cache, plan_cache
from server.observability.error_log import ErrorRecord
from tests.clients import Client, client_of
from tests.databases import column, execute
from tests.documents_command import MANIFESTS, push_documents, run_documents
from tests.requests import codes
from tests.server.test_metrics import OPERATIONS, difference, samples
from tests.streams import StreamServer, socket_of, stream_server

BOOKS = "query Books($first: Int = 2) { books(first: $first) { nodes { title } } }"
CARDS = "query Cards { viewer { cards(first: 1) { nodes { id } } } }"
OTHER_CARDS = CARDS.replace("Cards {", "OtherCards {")
DUE = "subscription Due { dashboardUpdated { dueNow } }"
SETTINGS = "mutation Settings { updateStudySettings(input: {newCardsPerDay: 7}) { errors { code } } }"
DOCUMENTS = {"books": BOOKS, "cards": CARDS, "due": DUE, "settings": SETTINGS, "a" * 32: OTHER_CARDS}
HASH = hashlib.sha256(BOOKS.encode()).hexdigest()
TEXT = "{ books(first: 2) { nodes { title } } }"
ADMIN_TEXT = "{ __schema { queryType { name } } }"
INTROSPECTION = {"introspection": False}


def persisted(hash: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}}}


@pytest.fixture(scope="module")
async def registered(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    await push_documents(shared_database_url, tmp_path_factory.mktemp("manifests"), DOCUMENTS)
    for tool in ("apollo", "relay", "codegen"):
        file = MANIFESTS / f"{tool}.json"
        assert (await run_documents(shared_database_url, "push", file, "--app", tool, "--version", "1"))[0] == 0
    return shared_database_url


@pytest.fixture(scope="module")
async def server(registered: str, redis_url: str) -> AsyncIterator[StreamServer]:
    modes = "only editor=prefer admin=off"
    async with stream_server(registered, redis_url, trusted_documents=modes, **INTROSPECTION) as server:
        yield server


async def send(client: Client, body: dict[str, Any], user: str | None = None, **headers: str) -> httpx.Response:
    if user is not None:
        headers["Authorization"] = f"Bearer {client.token(user)}"
    return await client.http.post("/graphql", json=body, headers=headers)


async def send_until(client: Client, body: dict[str, Any], expected: list[str]) -> None:
    """Repeats a request until its error codes are these."""
    async with asyncio.timeout(60):
        while True:
            response = await send(client, body)
            if codes(response) == expected:
                return
            # The event loop reads the notification.
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": "books"},
        {"doc_id": "books", "query": None, "variables": {"first": 2}},
        {"documentId": f"sha256:{HASH}"},
        {"documentId": "web~1~books"},
        persisted("books"),
        persisted(HASH),
        persisted(HASH) | {"query": BOOKS},
    ],
)
async def test_document_is_executed_by_its_id(server: StreamServer, body: dict[str, Any]) -> None:
    for _ in range(2):
        response = await send(server.client, body)
        assert (response.status_code, codes(response)) == (200, [])
        assert len(response.json()["data"]["books"]["nodes"]) == 2


@pytest.mark.parametrize("tool", ["apollo", "relay", "codegen"])
async def test_documents_of_tools_are_executed_as_their_clients_request_them(server: StreamServer, tool: str) -> None:
    """Apollo's client sends the id as a hash, those of Relay `doc_id`, others `documentId`."""
    variables = {
        "character": "水",
        "newCardsPerDay": 7,
        "input": {"newCardsPerDay": 7},
        "id": global_id("Book", UUID(int=1)),
    }
    accept = "application/json, text/event-stream"
    for id, text in read_manifest((MANIFESTS / f"{tool}.json").read_bytes()):
        ways = {"apollo": persisted(id), "relay": {"doc_id": id}, "codegen": {"documentId": id}}
        body = ways[tool] | {"variables": {name: value for name, value in variables.items() if f"${name}:" in text}}
        headers = {"Accept": accept, "Authorization": f"Bearer {server.client.token('demo')}"}
        async with server.client.http.stream("POST", "/graphql", json=body, headers=headers) as response:
            # A subscription has one part for each event.
            part = await anext(line async for line in response.aiter_lines() if '"data"' in line)
        is_stream = response.headers["Content-Type"].startswith("text/event-stream")
        assert is_stream == text.startswith("subscription")
        assert json.loads(part.removeprefix("data:")).keys() == {"data"}


@pytest.mark.parametrize("accept", ["*/*", "text/html,*/*;q=0.8"])
async def test_document_is_executed_by_its_address(server: StreamServer, accept: str) -> None:
    headers = {"Accept": accept, "GraphQL-Require-Preflight": "1"}
    parameters = {"variables": '{"first": 1}'}
    response = await server.client.http.get("/graphql/p/books", params=parameters, headers=headers)
    assert len(response.json()["data"]["books"]["nodes"]) == 1
    same = await server.client.http.get("/graphql", params={"documentId": "books"} | parameters, headers=headers)
    assert same.content == response.content
    for name in ("Cache-Control", "ETag", "Vary"):
        assert response.headers[name] == same.headers[name]
    assert response.headers["Cache-Control"].startswith("public, max-age=")
    headers["If-None-Match"] = response.headers["ETag"]
    cached = await server.client.http.get("/graphql/p/books", params=parameters, headers=headers)
    assert (cached.status_code, cached.content) == (304, b"")


async def test_address_is_for_queries(server: StreamServer) -> None:
    posted = await server.client.http.post("/graphql/p/books", json={})
    assert (posted.status_code, posted.headers["Allow"]) == (405, "GET, HEAD")
    assert "send `documentId` to /graphql" in posted.text
    mutation = await server.client.http.get("/graphql/p/settings", headers={"GraphQL-Require-Preflight": "1"})
    assert (mutation.status_code, codes(mutation)) == (405, ["OPERATION_RESOLUTION_FAILURE"])
    # POST is not allowed here either.
    assert mutation.headers["Allow"] == ""
    other_site = await server.client.http.get("/graphql/p/books", headers={"Sec-Fetch-Site": "cross-site"})
    assert (other_site.status_code, codes(other_site)) == (403, ["FORBIDDEN"])
    unknown = await server.client.http.get("/graphql/p/unknown", headers={"GraphQL-Require-Preflight": "1"})
    assert codes(unknown) == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_streams_have_ids(server: StreamServer) -> None:
    async with socket_of(server.address, server.client.token("demo")) as socket:
        for id in ("cards", "due", "unknown"):
            await socket.send(json.dumps({"type": "subscribe", "id": id, "payload": {"documentId": id}}))
            async with asyncio.timeout(60):
                message = json.loads(await socket.recv())
                while message["id"] != id or message["type"] == "complete":
                    message = json.loads(await socket.recv())
            assert message["type"] == ("error" if id == "unknown" else "next")
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {server.client.token('demo')}"}
    async with server.client.http.stream("POST", "/graphql", json={"documentId": "due"}, headers=headers) as response:
        async for line in response.aiter_lines():
            if line.startswith("data"):
                assert "dashboardUpdated" in line
                break


@pytest.mark.parametrize("user", [None, "demo"])
@pytest.mark.parametrize(
    "body", [{"query": TEXT}, {"query": "{"}, {"query": DUE}, persisted("0" * 64), {"query": "{", **persisted(HASH)}]
)
async def test_text_is_refused_before_it_is_parsed(
    server: StreamServer, body: dict[str, Any], user: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(document_cache, "parse_tree")
    for accept in ("application/json", "application/graphql-response+json", "application/json, text/event-stream"):
        response = await send(server.client, body, user, Accept=accept)
        assert (response.status_code, codes(response)) == (403, ["DOCUMENT_NOT_TRUSTED"])
    parameters = {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
    got = await server.client.http.get("/graphql", params=parameters, headers={"GraphQL-Require-Preflight": "1"})
    assert (got.status_code, codes(got)) == (403, ["DOCUMENT_NOT_TRUSTED"])
    token = None if user is None else server.client.token(user)
    async with socket_of(server.address, token) as socket:
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": body}))
        message = json.loads(await socket.recv())
    assert [error["extensions"]["code"] for error in message["payload"]] == ["DOCUMENT_NOT_TRUSTED"]


async def test_modes_are_by_role(server: StreamServer) -> None:
    before = await samples(server.client)
    for user, text in (("editor", TEXT), ("admin", TEXT), ("admin", ADMIN_TEXT)):
        assert codes(await send(server.client, {"query": text}, user)) == []
    assert codes(await send(server.client, {"documentId": "cards"}, "demo")) == []
    after = await samples(server.client)
    counts = {name: after[name] - before.get(name, 0) for name in after if name.startswith("shinjp_documents_total")}
    assert {name: count for name, count in counts.items() if count} == {
        'shinjp_documents_total{role="editor",source="text"}': 1,
        'shinjp_documents_total{role="learner",source="trusted"}': 1,
    }


async def test_operations_have_series_from_the_first_request(server: StreamServer) -> None:
    """Text needs ten of them."""
    name = f'{OPERATIONS}{{graphql_operation_name="OtherCards",graphql_operation_type="query"}}'
    before = await samples(server.client)
    assert codes(await send(server.client, {"documentId": "a" * 32}, "demo")) == []
    assert await difference(server.client, before, name) == 1


@pytest.mark.parametrize("body", [{"documentId": 1}, {"doc_id": []}, {"documentId": "books", "query": BOOKS}])
async def test_malformed_ids_are_rejected(server: StreamServer, body: dict[str, Any]) -> None:
    response = await send(server.client, body)
    assert (response.status_code, codes(response)) == (400, ["BAD_USER_INPUT"])


async def test_unknown_id_is_not_found(server: StreamServer) -> None:
    for id in ("", "unknown", "x" * 10_000, "\x00"):
        assert codes(await send(server.client, {"documentId": id})) == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_first_request_does_what_others_did_before(server: StreamServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No document is parsed, no plan built or compiled, and no command sent to Redis."""
    calls: Counter[str] = Counter()

    def count(target: Any, name: str) -> None:
        function = getattr(target, name)

        def counted(*arguments: Any, **more: Any) -> Any:
            calls[name] += 1
            return function(*arguments, **more)

        monkeypatch.setattr(target, name, counted)

    # It leases units of cost for the client.
    assert codes(await send(server.client, {"documentId": "cards"}, "demo")) == []
    for target, name in (
        (document_cache, "parse_tree"),
        (plan_cache, "build_plan"),
        (plan_cache, "compile_plan"),
        (AbstractConnection, "send_packed_command"),
    ):
        count(target, name)
    response = await send(server.client, {"documentId": "a" * 32}, "demo")
    assert (codes(response), calls) == ([], Counter())
    # Text is parsed and planned, as a control.
    assert codes(await send(server.client, {"query": f"{CARDS} # new"}, "admin")) == []
    assert calls["parse_tree"] == calls["build_plan"] == 1


async def test_running_servers_follow_versions(registered: str, redis_url: str, tmp_path: Path) -> None:
    async with client_of(registered, redis_url, trusted_documents="anonymous=only learner=audit") as client:
        await push_documents(registered, tmp_path, {"stats": "query S { jlptContentStats { bookCount } }"}, "2")
        await send_until(client, {"documentId": "stats"}, [])
        for _ in range(2):
            await send(client, {"documentId": "stats"}, **{"GraphQL-Client-Name": "ios"})
        before = await samples(client)
        await run_documents(registered, "state", "web", "2", "deprecated")
        deprecated = 'shinjp_documents_total{role="anonymous",source="deprecated"}'
        async with asyncio.timeout(60):
            while (await samples(client)).get(deprecated, 0) == before.get(deprecated, 0):
                await send(client, {"documentId": "stats"})
                await asyncio.sleep(0)
        # Unused for no day: nothing was flushed yet.
        await run_documents(registered, "state", "web", "2", "retired")
        # Responses to it were cached.
        await send_until(client, {"documentId": "stats"}, ["PERSISTED_QUERY_NOT_FOUND"])
    used = "select count from usage_counts where name = 'stats' and client = 'ios'"
    assert await column(registered, used) == [2]
    assert (await run_documents(registered, "state", "web", "2", "active"))[0] == 0
    with pytest.raises(Exception, match=r"web 2 is in use: .* by the clients ios, unknown\."):
        await run_documents(registered, "state", "web", "2", "retired")


async def test_cached_response_to_text_is_for_roles_that_may_send_it(
    registered: str, redis_url: str, hits: list[bool]
) -> None:
    async with client_of(registered, redis_url, trusted_documents="only learner=prefer") as client:
        before = await samples(client)
        for _ in range(3):
            assert codes(await send(client, {"query": TEXT}, "demo")) == []
        assert codes(await send(client, {"query": TEXT})) == ["DOCUMENT_NOT_TRUSTED"]
        assert hits[-2:] == [True, False]
        text = 'shinjp_documents_total{role="learner",source="text"}'
        assert (await samples(client))[text] - before.get(text, 0) == 3


async def test_audit_logs_text(registered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[dict[str, Any]] = []
    log = ErrorRecord.log

    def log_and_record(self: ErrorRecord, event: str, **fields: Any) -> None:
        logged.append(dict(self.fields))
        log(self, event, **fields)

    monkeypatch.setattr(ErrorRecord, "log", log_and_record)
    async with client_of(registered, None, trusted_documents="audit") as client:
        for body in ({"query": TEXT}, {"query": TEXT}, {"documentId": "books"}):
            assert codes(await send(client, body, **{"GraphQL-Client-Name": "old app"})) == []
    hash = hashlib.sha256(TEXT.encode()).hexdigest()[:16]
    assert [fields.get("untrusted_document") for fields in logged] == [hash, hash, None]
    assert logged[0]["client"] == "old app"


async def test_documents_without_room_are_parsed_on_request(registered: str) -> None:
    async with client_of(registered, None, trusted_document_bytes=0, max_new_documents=1) as client:
        for id in ("books", "cards"):
            assert codes(await send(client, {"documentId": id}, "demo")) == []


async def test_server_starts_before_the_migration(writable_database_url: str) -> None:
    await execute(
        writable_database_url, "drop table usage_counts, app_version_documents, app_versions, trusted_documents"
    )
    async with client_of(writable_database_url, None, trusted_documents="prefer") as client:
        assert codes(await send(client, {"query": TEXT})) == []
        assert codes(await send(client, {"documentId": "books"})) == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_document_that_does_not_match_the_schema_is_refused(registered: str) -> None:
    """It was registered for an older schema."""
    added = (
        "insert into trusted_documents (id, text, operation, kind, cost) values ('old', '{ ghost }', 'Old', 'query', 1)"
    )
    await execute(registered, f"{added}; insert into app_versions (app, version) values ('old', '1')")
    await execute(
        registered, "insert into app_version_documents (app, version, document_id) values ('old', '1', 'old')"
    )
    async with client_of(registered, None) as client:
        assert codes(await send(client, {"documentId": "old"})) == ["GRAPHQL_VALIDATION_FAILED"]
        assert codes(await send(client, {"documentId": "books"})) == []


def test_modes_are_inherited() -> None:
    modes = DocumentModes.parse("only editor=audit").by_role
    assert [mode.value for mode in modes.values()] == ["only", "only", "audit", "audit"]
    assert set(DocumentModes.parse("anonymous=prefer").by_role.values()) == {DocumentMode.PREFER}
    for text in ("", "editor=off", "maybe", "owner=only", "only off", "only editor=", "only,admin=off"):
        with pytest.raises(ValueError, match=r"mode"):
            DocumentModes.parse(text)
