"""Descriptions of real errors have names of parts of the schema, and none of the values."""

import asyncio
import json
import smtplib
from collections.abc import Awaitable, Callable
from datetime import datetime
from io import StringIO
from typing import Any

import asyncpg
import orjson
import pydantic
import pytest
import sqlalchemy
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy.exc import SQLAlchemyError

from common.error_descriptions import describe_error
from db.core.database import owner_connection
from domain.errors import BadUserInput, ServiceUnavailable
from server.observability.tracebacks import build_tracebacks, write_traceback

MARKER = "Marked-7f3a"
TABLE = """
    create temp table people (
        email text constraint one_each unique,
        name text not null constraint short check (length(name) < 20),
        born date
    );
    insert into people values ('Marked-7f3a', 'first')
"""
LONG = MARKER * 3

# What fails in PostgreSQL, and its description.
STATEMENTS: dict[str, tuple[str, tuple[Any, ...], str]] = {
    "unique": (
        "insert into people values ($1, 'second')",
        (MARKER,),
        "UniqueViolationError: SQLSTATE 23505; schema pg_temp; table people; constraint one_each",
    ),
    "check": (
        "insert into people values ('b', $1)",
        (LONG,),
        "CheckViolationError: SQLSTATE 23514; schema pg_temp; table people; constraint short",
    ),
    "not null": (
        "insert into people values ($1, null)",
        (LONG,),
        "NotNullViolationError: SQLSTATE 23502; schema pg_temp; table people; column name",
    ),
    "cast": ("select $1::text::uuid", (MARKER,), "InvalidTextRepresentationError: SQLSTATE 22P02"),
    "JSON": ("select $1::text::jsonb", (MARKER,), "InvalidTextRepresentationError: SQLSTATE 22P02"),
    "parameter": ("select $1::int", (MARKER,), "DataError: SQLSTATE 22000"),
    "exception of a function": (
        "do $$ begin raise exception 'Marked-7f3a'; end $$",
        (),
        "RaiseError: SQLSTATE P0001",
    ),
    "undefined column": (
        "select nothing from people",
        (),
        'UndefinedColumnError: column "nothing" does not exist; SQLSTATE 42703',
    ),
}


class Row(pydantic.BaseModel):
    number: int


def migrate(url: str) -> None:
    engine = sqlalchemy.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("create table people (name text unique)")
        for _ in range(2):
            connection.execute(sqlalchemy.text("insert into people values (:name)"), {"name": MARKER})


def raise_literal() -> None:
    raise RuntimeError("The loop is closed.")


def raise_noted() -> None:
    error = KeyError(MARKER)
    error.add_note(MARKER)
    raise error


def raise_group() -> None:
    raise ExceptionGroup(MARKER, [ValueError(MARKER), TypeError(MARKER)])


def raise_own(error: Exception) -> None:
    raise error from ValueError(MARKER)


CALLS: dict[str, tuple[Callable[[], object], str]] = {
    "number": (lambda: int(MARKER), "ValueError"),
    "date": (lambda: datetime.fromisoformat(MARKER), "ValueError"),
    "key with a note": (raise_noted, "KeyError"),
    "encoding": (lambda: f"{MARKER}\udcff".encode(), "UnicodeEncodeError"),
    "JSON": (lambda: json.loads(f'"{MARKER}'), "JSONDecodeError"),
    "other JSON": (lambda: orjson.loads(f'"{MARKER}'), "JSONDecodeError"),
    "model": (lambda: Row.model_validate({"number": MARKER}), "ValidationError"),
    "group": (raise_group, "ExceptionGroup"),
    "literal": (raise_literal, "RuntimeError: The loop is closed."),
    "fault": (lambda: raise_own(ServiceUnavailable("Busy.")), "ServiceUnavailable: Busy."),
    "error of a client": (lambda: raise_own(BadUserInput(f"No card {MARKER}.")), "BadUserInput"),
    "refused recipient": (
        lambda: raise_own(smtplib.SMTPRecipientsRefused({MARKER: (550, b"no")})),
        "SMTPRecipientsRefused",
    ),
    "reply of a mail server": (
        lambda: raise_own(smtplib.SMTPDataError(550, f"{MARKER} unknown".encode())),
        "SMTPDataError: status 550",
    ),
    "refused connection": (
        lambda: raise_own(ConnectionRefusedError(111, "Connection refused")),
        "ConnectionRefusedError: [Errno 111] Connection refused",
    ),
}


async def failure_of(work: Callable[[], Awaitable[object]]) -> Exception:
    try:
        await work()
    except Exception as error:
        return error
    raise AssertionError("it did not fail")


def assert_described(error: BaseException, expected: str) -> None:
    described = describe_error(error)
    assert described == expected
    info = (type(error), error, error.__traceback__)
    lines = StringIO()
    write_traceback(lines, info)
    rendered = orjson.dumps(build_tracebacks(info)).decode()
    assert build_tracebacks(info)[0]["frames"]
    for text in (described, rendered):
        assert "Marked" not in text
    # Lines of the source are shown to people.
    assert MARKER not in "".join(line for line in lines.getvalue().splitlines() if not line.startswith("  "))


@pytest.mark.parametrize("name", STATEMENTS)
async def test_errors_of_postgresql(content_database_url: str, name: str) -> None:
    statement, values, expected = STATEMENTS[name]
    async with owner_connection(content_database_url) as connection:
        await connection.execute(TABLE)
        error = await failure_of(lambda: connection.fetch(statement, *values))
        assert isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError)
        [schema] = [row[0] for row in await connection.fetch("select pg_my_temp_schema()::regnamespace::text")]
    assert "Marked" in str(error) or name == "undefined column"
    assert_described(error, expected.replace("pg_temp", schema))


@pytest.mark.parametrize("name", CALLS)
async def test_errors_of_python_and_libraries(name: str) -> None:
    call, expected = CALLS[name]
    assert_described(await failure_of(lambda: asyncio.to_thread(call)), expected)


async def test_errors_of_sqlalchemy() -> None:
    error = await failure_of(lambda: asyncio.to_thread(migrate, "sqlite://"))
    assert isinstance(error, SQLAlchemyError)
    assert MARKER in str(error)
    assert_described(error, "IntegrityError")


async def test_errors_of_redis(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        pipeline = redis.pipeline(transaction=False)
        pipeline.execute_command("UNKNOWN", MARKER)
        error = await failure_of(pipeline.execute)
    assert MARKER in str(error)
    assert_described(error, "ResponseError")
    closed = await failure_of(Redis.from_url("redis://127.0.0.1:9").ping)
    assert isinstance(closed, RedisConnectionError)
    assert describe_error(closed).startswith("ConnectionError")
