"""docs/errors.md documents every error code, in agreement with the code."""

import ast
import re
from collections.abc import Iterator
from http import HTTPStatus

from websockets.frames import CloseCode as StandardCloseCode

from common.errors import ClientError
from domain import errors as domain_errors
from domain.errors import ErrorCode
from domain.jobs import JobErrorCode
from domain.user_errors import UserErrorCode
from engine import errors as engine_errors
from schema import sdl
from server.error_format import http_status
from server.graphql.websocket.messages import CloseCode
from server.settings import Settings
from tests.container import ROOT

TEXT = (ROOT / "docs" / "errors.md").read_text()


def table(title: str) -> dict[str, list[str]]:
    """The rows of the table below a heading, by their first cell, which is unique."""
    section = TEXT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in section.splitlines() if line[:2] == "| "
    ]
    found = {cells[0].strip("`"): cells[1:] for cells in rows[1:]}
    assert len(found) == len(rows) - 1
    return found


def calls(name: str, *folders: str) -> Iterator[ast.Call]:
    """The calls of this function or class in the project."""
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                    yield node


def attributes_of(name: str, *folders: str) -> set[str]:
    """The members of this enum that the code uses."""
    return {
        node.attr
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    }


def test_every_code_of_requests_is_documented_with_its_status() -> None:
    documented = table("Codes of requests and fields")
    assert set(documented) == set(ErrorCode.__members__)
    assert set(engine_errors.ErrorCode.__members__) <= set(documented)
    assert {code: int(cells[0]) for code, cells in documented.items()} == {
        code: http_status(code) for code in documented
    }


def test_documented_retries_match_the_server() -> None:
    documented = {code: cells[1] for code, cells in table("Codes of requests and fields").items()}
    classes = [
        found
        for module in (domain_errors, engine_errors)
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, ClientError) and found.__module__ == module.__name__
    ]
    with_delay = {str(found.code) for found in classes if "retry_after" in found.__init__.__annotations__}
    assert {code for code, retry in documented.items() if retry == "after `retryAfter`"} == with_delay
    assert set(documented.values()) == {"no", "once", "after `retryAfter`"}


def test_every_code_of_inputs_is_documented() -> None:
    documented = table("Codes of inputs")
    assert set(documented) == set(UserErrorCode.__members__)
    [enum] = re.findall(r"^enum UserErrorCode \{(.*?)^\}", sdl(), re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"^  ([A-Z_]+)$", enum, re.MULTILINE)) == set(documented)


def test_every_code_of_jobs_is_documented_with_its_retry() -> None:
    documented = table("Codes of jobs")
    assert set(documented) == set(JobErrorCode.__members__)
    raised = {"NO_ROOM": "no"}
    for call in calls("JobFailed", "jobs", "db"):
        [retryable] = [keyword.value for keyword in call.keywords if keyword.arg == "retryable"]
        code = call.args[0]
        if isinstance(code, ast.Attribute) and isinstance(retryable, ast.Constant) and code.attr in documented:
            assert raised.setdefault(code.attr, "yes" if retryable.value else "no") == documented[code.attr][0]
    assert raised == {code: cells[0] for code, cells in documented.items()}


def test_every_status_before_graphql_is_documented() -> None:
    documented = {int(status) for status in table("Status codes before GraphQL")}
    given = {HTTPStatus[name].value for name in attributes_of("HTTPStatus", "server/transport")}
    for call in calls("HTTPError", "server/graphql", "server/http"):
        status = call.args[1].value if len(call.args) > 1 and isinstance(call.args[1], ast.Constant) else 400
        assert isinstance(status, int)
        given.add(status)
    assert given == documented


def test_every_close_code_is_documented() -> None:
    own = {code.value for code in CloseCode}
    standard = {StandardCloseCode[name].value for name in attributes_of("CloseCode", "server/transport")}
    assert {int(code) for code in table("Close codes of WebSockets")} == own | standard


def test_settings_and_links_exist() -> None:
    settings = {str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()}
    codes = {*ErrorCode.__members__, *UserErrorCode.__members__, *JobErrorCode.__members__, "RETRYING"}
    assert set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", TEXT)) <= settings | codes
    for path, _, anchor in re.findall(r"\]\((?!https:)([^)#]*)(#([\w-]+))?\)", TEXT):
        target = (ROOT / "docs" / path).read_text() if path else TEXT
        headings = [
            re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-")
            for line in target.splitlines()
            if line.startswith("#")
        ]
        assert not anchor or anchor in headings, anchor
