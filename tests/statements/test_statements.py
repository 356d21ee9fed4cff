"""The statements and plans of the most frequent operations equal the snapshots in `operations/*.sql`."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from db.core.database import APPLICATION_ROLE, owner_connection
from db.core.row_level_security import begin_sql
from domain.enums import Role
from domain.ids import UserId
from domain.viewer import Viewer
from server.example_app import BUILD
from tests.clients import Client, client_of
from tests.databases import created, execute
from tests.statements.masking import Mask
from tests.statements.operations import DIRECTORY, OPERATIONS, Operation, Stage
from tests.statements.plans import explain
from tests.statements.population import create_learner, populate, study_day
from tests.statements.recorder import QueryRecorder, RecordedStatement
from tests.statements.screens import DIRECTORY as SCREENS_DIRECTORY
from tests.statements.screens import SCREENS, Screen

_VIEWER_ID = re.compile(r"\b[0-9a-f]{32}\b")
_PATH = re.compile(r'path: "([^"]+)", load:')
_PLAN = re.compile(r"^-- .*\n", re.MULTILINE)

# Of the words, too, whatever was read before.
pytestmark = pytest.mark.usefixtures("unknown_words")

LISTS = [operation for operation in OPERATIONS if operation.size is not None]
# The version of the recorded plans; other versions choose others.
PLANNER_VERSION = 18


@dataclass(frozen=True)
class Recording:
    """`plans`: the accesses of each statement, empty without a plan. `server_version`: the major version."""

    result: dict[str, Any]
    statements: list[RecordedStatement]
    plans: list[list[str]]
    server_version: int

    @property
    def texts(self) -> list[str]:
        """The statements in order."""
        return [_VIEWER_ID.sub("<viewer>", statement.sql.strip()) for statement in self.statements]

    @property
    def sql(self) -> str:
        """The statements in order, each below the accesses of its plan."""
        accesses = ("".join(f"-- {line}\n" for line in plan) for plan in self.plans)
        return "\n".join(f"{plan}{text};\n" for plan, text in zip(accesses, self.texts, strict=True))


@dataclass(frozen=True)
class RecordedServer:
    """A server on a populated database, whose statements are recorded."""

    client: Client
    recorder: QueryRecorder
    url: str

    async def record(self, operation: Operation, size: int | None, purpose: str) -> Recording:
        """Runs the operation as a new learner, who has signed in before."""
        now = datetime.now(UTC)
        stage = Stage(self.client, self.url, f"{operation.name} {purpose} {size}")
        learner = await create_learner(self.url, stage.subject, now)
        if operation.role is not Role.LEARNER:
            await execute(self.url, f"update users set role = '{operation.role}' where id = '{learner}'")
        variables = await operation.variables(stage, size or 1)
        await self.client.run("{ viewer { user { id } } }", user=stage.subject)
        with self.recorder.record() as statements:
            body = await operation.run(stage, size, variables)
            # The last statement is logged by a callback of the event loop.
            await asyncio.sleep(0)
        assert "errors" not in body, body["errors"]
        result = Mask(now, study_day(now)).apply(body["data"])
        async with owner_connection(self.url) as connection:
            # With the viewer's row-level security.
            await connection.execute(f"set role {APPLICATION_ROLE}; set jit = off")
            await connection.execute(begin_sql(Viewer(UserId(learner), operation.role)))
            plans = [
                [] if statement.is_transaction_control else await explain(connection, statement)
                for statement in statements
            ]
            return Recording(result, statements, plans, connection.get_server_version().major)


@pytest.fixture(scope="module")
async def server(servers: tuple[str, str], template: str) -> AsyncIterator[RecordedServer]:
    recorder = QueryRecorder()
    with pytest.MonkeyPatch.context() as monkeypatch:
        recorder.install(monkeypatch)
        async with created(servers[0], f"{template}_statements", template) as url:
            await populate(url)
            # One connection runs concurrent statements in the order in which they were started.
            async with client_of(
                url, servers[1], cache="off", db_pool_min=1, db_pool_max=1, max_query_cost=10**7
            ) as client:
                yield RecordedServer(client, recorder, url)


def test_every_operation_is_recorded() -> None:
    tabs = {path.name for path in (DIRECTORY.parents[2] / "server/graphiql/tabs").glob("*.graphql")}
    operations = {path.name for path in DIRECTORY.glob("*.graphql")}
    assert operations == {f"{operation.name}.graphql" for operation in OPERATIONS}
    assert tabs <= operations


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
async def test_statements_plans_and_result_match_snapshot(
    server: RecordedServer, operation: Operation, update_snapshots: bool
) -> None:
    recording = await server.record(operation, operation.size, "snapshot")
    result = json.dumps(recording.result, ensure_ascii=False, indent=2) + "\n"
    sql_file, result_file = (DIRECTORY / f"{operation.name}.{suffix}" for suffix in ("sql", "json"))
    if update_snapshots:
        assert recording.server_version == PLANNER_VERSION
        sql_file.write_text(recording.sql)
        result_file.write_text(result)
    sql = sql_file.read_text()
    assert _PLAN.sub("", recording.sql) == _PLAN.sub("", sql)
    assert result == result_file.read_text()
    if recording.server_version == PLANNER_VERSION:
        assert recording.sql == sql


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.name)
async def test_statements_do_not_depend_on_list_size(server: RecordedServer, operation: Operation) -> None:
    one, fifty = await server.record(operation, 1, "list"), await server.record(operation, 50, "list")
    assert fifty.texts == one.texts


def test_every_screen_is_recorded() -> None:
    screens = (BUILD.parent / "src/app/screens.ts").read_text()
    assert sorted(_PATH.findall(screens)) == sorted(screen.path for screen in SCREENS)
    assert {path.stem for path in SCREENS_DIRECTORY.glob("*.sql")} == {screen.name for screen in SCREENS}


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
async def test_statements_of_screens_match_snapshot(
    server: RecordedServer, screen: Screen, update_snapshots: bool
) -> None:
    recording = await server.record(screen, screen.size, "screen")
    file = SCREENS_DIRECTORY / f"{screen.name}.sql"
    if update_snapshots:
        assert recording.server_version == PLANNER_VERSION
        file.write_text(recording.sql)
    assert _parts(recording.sql) == _parts(file.read_text())


def _parts(sql: str) -> list[str]:
    """Without plans, which depend on what other screens have written before, and in no order: a screen has concurrent
    statements, and on a busy machine another one is ready first.
    """
    return sorted(part.strip() for part in _PLAN.sub("", sql).split("\n\n"))
