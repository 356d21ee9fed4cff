"""Lines of requests are those that structlog would write."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from domain.errors import ErrorCode
from server.observability import error_log
from server.observability import logging as logging_module
from server.observability.error_log import bind_fields, record_errors
from server.observability.logging import configure_logging


class Lines(list[bytes]):
    """A writer that keeps the lines."""

    info = warning = list.append


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """The lines that are written from now on; the earlier configuration is restored."""
    lines, config, root = Lines(), structlog.get_config(), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    monkeypatch.setattr(logging_module, "_writer", lambda _: lines)
    monkeypatch.setattr(error_log, "_write_line", None)
    yield lines
    structlog.configure(**config)
    root.handlers[:] = handlers
    root.setLevel(level)


FIELDS: dict[str, Any] = {"method": "POST", "path": "/graphql", "status": 200, "duration_ms": 0.35}


@pytest.mark.parametrize(
    ("bound", "code"),
    [
        ({}, None),
        ({"viewer": "a", "operation": None, "kind": "query"}, None),
        ({"operation": "名前", "kind": "query", "path": "not replaced"}, None),
        ({"operation": "é\n", "kind": "query"}, ErrorCode.BAD_USER_INPUT),
        ({"unknown": object}, None),
    ],
)
async def test_a_line_equals_the_one_that_structlog_writes(
    lines: Lines, bound: dict[str, Any], code: ErrorCode | None
) -> None:
    configure_logging("info", json=True)
    record = record_errors({"request_id": "r"})
    bind_fields(**bound)
    fields = dict(FIELDS)
    if code is not None:
        record.add(code, "the cause")
        fields |= {"error_codes": [code], "cause": "the cause"}
    record.log("request", **FIELDS)
    structlog.get_logger().info("request", **fields)
    written, expected = ([(name, value) for name, value in json.loads(line).items()] for line in lines)
    assert written[-1][0] == expected[-1][0] == "timestamp"
    assert written[:-1] == expected[:-1]


async def test_the_level_of_the_log_applies(lines: Lines) -> None:
    configure_logging("warning", json=True)
    record_errors({}).log("request", **FIELDS)
    assert lines == []


async def test_lines_for_people_are_rendered_by_structlog(lines: Lines) -> None:
    configure_logging("info", json=False)
    assert error_log._write_line is None
