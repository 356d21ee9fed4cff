"""Real violations whose details quote rows: neither the log, `admin.errors`, Sentry nor traces have the values."""

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.clients import TEST_SECRET, client_of
from tests.databases import execute
from tests.otlp_server import otlp_server
from tests.processes import server_process
from tests.sentry_server import sentry_server
from tests.server.test_authentication import token
from tests.streams import COMPLETE, SSE, WEBSOCKET, stream
from tests.workers import GENERATE, textbook_input

MARKER = "Marked-7f3a"
RENAME = "mutation Rename($name: String!) { updateProfile(input: {displayName: $name}) { errors { code } } }"
ERRORS = "{ admin { errors(first: 50) { code exception location operation } } }"

TRIGGER = """
    create function marked() returns trigger language plpgsql as $$ begin {body} return new; end $$;
    create trigger marked before {event} for each row execute function marked();
"""
NO_TRIGGER = "drop trigger marked on {table}; drop function marked()"
# How the database fails when a name is saved: the statements before and after, and the class of the error.
VIOLATIONS = {
    "unique": (
        "create unique index marked on users ((display_name like 'Marked%')) where display_name like 'Marked%';"
        f"update users set display_name = '{MARKER}' where subject = 'editor'",
        "drop index marked",
        "UniqueViolationError",
    ),
    "check": (
        "alter table users add constraint marked check (display_name not like 'Marked%') not valid",
        "alter table users drop constraint marked",
        "CheckViolationError",
    ),
    "not null": (
        TRIGGER.format(body="new.subject := null;", event="update on users"),
        NO_TRIGGER.format(table="users"),
        "NotNullViolationError",
    ),
    "cast": (
        TRIGGER.format(body="perform new.display_name::uuid;", event="update on users"),
        NO_TRIGGER.format(table="users"),
        "InvalidTextRepresentationError",
    ),
}
OF_JOB = TRIGGER.format(
    body="perform (select title from textbooks where id = new.textbook_id)::uuid;", event="insert on chapters"
)


@pytest.mark.timeout(300)
async def test_values_of_violations_are_in_no_place(writable_database_url: str, redis_url: str, tmp_path: Path) -> None:
    async with sentry_server() as sentry, otlp_server() as collector:
        settings = {
            "DATABASE_URL": writable_database_url,
            "REDIS_URL": redis_url,
            "JWT_SECRET": TEST_SECRET,
            "LOG_FORMAT": "json",
            "SENTRY_DSN": sentry.dsn,
            "OTLP_ENDPOINT": collector.address,
            "TRACE_SAMPLE_RATIO": "1",
        }
        bearer = token(sub="demo")
        async with server_process(tmp_path / "log", "--worker", **settings) as server:
            headers = {"Authorization": f"Bearer {bearer}"}
            async with httpx.AsyncClient(timeout=60, headers=headers) as http:
                for before, after, _ in VIOLATIONS.values():
                    await execute(writable_database_url, before)
                    await fail_over_all_transports(http, server.address, bearer)
                    await execute(writable_database_url, after)
                await execute(writable_database_url, OF_JOB)
                await fail_job(http, server.address)
            log = await server.stop_and_read()
        async with client_of(writable_database_url, redis_url) as other:
            errors = (await other.run(ERRORS, user="admin")).data["admin"]["errors"]
    classes = {error["exception"] for error in errors}
    for _, _, name in VIOLATIONS.values():
        assert name in log
        assert name in sentry.text
        assert name in classes
    assert '"job failed"' in log
    assert {"Rename", "GENERATE_TEXTBOOK"} <= {error["operation"] for error in errors}
    assert "Rename" in collector.text
    places = {"log": log, "Sentry": sentry.text, "traces": collector.text, "admin.errors": str(errors)}
    assert [place for place, text in places.items() if MARKER in text or "Failing row" in text] == []


async def fail_over_all_transports(http: httpx.AsyncClient, address: str, bearer: str) -> None:
    variables = {"name": MARKER}
    answered = (await http.post(address, json={"query": RENAME, "variables": variables})).json()
    assert [error["extensions"]["code"] for error in answered["errors"]] == ["INTERNAL_SERVER_ERROR"], answered
    host = address.removeprefix("http://").removesuffix("/graphql")
    for transport in (SSE, WEBSOCKET):
        async with stream(host, transport, RENAME, variables, bearer) as events:
            event = await anext(events)
            assert event != COMPLETE
            assert event.codes == ["INTERNAL_SERVER_ERROR"]


async def fail_job(http: httpx.AsyncClient, address: str) -> None:
    sent = {"query": GENERATE, "variables": textbook_input(title=MARKER)}
    payload = (await http.post(address, json=sent)).json()["data"]["generateTextbook"]
    assert payload["errors"] == []
    query = "query ($id: ID!) { node(id: $id) { ... on Job { status } } }"
    async with asyncio.timeout(60):
        while True:
            found = (await http.post(address, json={"query": query, "variables": {"id": payload["job"]["id"]}})).json()
            # The second attempt starts after a minute, with a random share of it.
            if found["data"]["node"]["status"] == "RETRYING":
                return
            await asyncio.sleep(0.2)
