"""Faults are reported to a server that speaks Sentry's protocol, without values and personal data."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import ErrorCode
from domain.jobs import JobErrorCode, JobFailed
from server.observability.error_groups import count_failure
from server.settings import Settings, SettingsError
from tests.clients import client_of
from tests.databases import column, execute
from tests.sentry_server import SentryServer, sentry_server

SECRET = "private search term"
BROKEN = "query Broken($text: String!) { books(first: 1, filter: {search: $text}) { nodes { title } } }"


@pytest.fixture
async def sentry() -> AsyncIterator[SentryServer]:
    async with sentry_server() as server:
        yield server


async def test_fault_is_reported_without_values(
    writable_database_url: str, redis_url: str, sentry: SentryServer
) -> None:
    await execute(writable_database_url, "alter table books rename column title to former_title")
    async with client_of(writable_database_url, redis_url, cache="off", sentry_dsn=sentry.dsn) as client:
        [user_id] = await column(writable_database_url, "select id::text from users where subject = 'demo'")
        for _ in range(3):
            answered = await client.run(BROKEN, {"text": SECRET}, user="demo")
            assert answered.error_codes == [ErrorCode.INTERNAL_SERVER_ERROR]
        # These are none of the server's.
        await client.run('{ node(id: "private id") { id } }', user="demo")
        count_failure("MODEL_ANSWER_UNUSABLE", _failed(JobErrorCode.MODEL_ANSWER_UNUSABLE), "GENERATE_TEXTBOOK", "job")
        failure = _raised(ValueError(SECRET))
        count_failure("INTERNAL_SERVER_ERROR", failure, "EXPORT", "job-1")
        [event, of_job] = await sentry.received(2)
    assert len(sentry.events) == 2
    assert event["level"] == "error"
    assert (
        event["tags"].items() >= {"code": "INTERNAL_SERVER_ERROR", "operation": "Broken", "process": "server"}.items()
    )
    [exception] = event["exception"]["values"]
    assert exception["type"] == "UndefinedColumnError"
    frames = [(frame["module"], frame["function"]) for frame in exception["stacktrace"]["frames"]]
    assert any(module == "resolvers.books" for module, _ in frames)
    assert all(
        set(frame) <= {"module", "function", "filename", "lineno"} for frame in exception["stacktrace"]["frames"]
    )
    assert (of_job["tags"]["operation"], of_job["tags"]["request_id"]) == ("EXPORT", "job-1")
    allowed = {"environment", "event_id", "exception", "fingerprint", "level", "platform", "release", "sdk", "tags"}
    assert set(event) <= allowed | {"timestamp"}
    private = (
        SECRET,
        "private id",
        "former_title",
        user_id,
        client.token("demo"),
        socket.gethostname(),
        str(Path.home()),
    )
    for value in private:
        assert value not in sentry.text, value


async def test_unreachable_server_does_not_delay_requests(content_database_url: str) -> None:
    """Nor what is reported more often than it is sent."""
    async with client_of(content_database_url, None, sentry_dsn="http://key@127.0.0.1:9/1") as client:
        for number in range(300):
            count_failure(f"CODE_{number}", ValueError(), "EXPORT", "job")
        assert (await client.run("{ __typename }")).data


@pytest.mark.parametrize(
    "dsn", ["key@host/1", "https://host/1", "https://key@host/", "https://key@host/name", "ftp://k@h/1"]
)
def test_invalid_dsn_is_rejected(dsn: str) -> None:
    with pytest.raises(SettingsError, match=r"^SENTRY_DSN: ") as raised:
        Settings.load(sentry_dsn=dsn)
    assert "key" not in str(raised.value).replace("https://key@host/1", "").replace("have a key", "")


def _failed(code: JobErrorCode) -> JobFailed:
    return JobFailed(code, SECRET, retryable=True)


def _raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as raised:
        return raised
