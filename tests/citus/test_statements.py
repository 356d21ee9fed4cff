"""Every statement of a learner runs on Citus, as one task where it reads or writes distributed tables only."""

import json
import os
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db.core.database import APPLICATION_ROLE
from db.core.row_level_security import begin_sql
from db.core.statement import READ_FIRST, Statement
from db.distribution.tables import DISTRIBUTED_TABLES
from domain.enums import Role
from domain.ids import UserId
from domain.viewer import Viewer
from tests.named_statements import named_statements

pytestmark = pytest.mark.skipif("CITUS_DATABASE_URL" not in os.environ, reason="`make citus` runs it, with Citus.")

_MENTIONS = re.compile(rf"\b(?:{'|'.join(DISTRIBUTED_TABLES)})\b")
_VALUES: dict[str, Any] = {
    "text": "BURY",
    "varchar": "N5",
    "bool": True,
    "json": "[]",
    "jsonb": "[]",
    "date": date(2026, 1, 1),
    "timestamptz": datetime(2026, 1, 1, tzinfo=UTC),
    "interval": timedelta(days=1),
    "xid8": 1,
}
# Besides those that read rows of the learner first, to join them with content.
SEVERAL_TASKS = {"queries.dashboard.level_progress"}


@pytest.fixture
async def connection() -> AsyncIterator[tuple[Any, Viewer, UUID]]:
    """The owner's connection, a seeded learner and a card."""
    connection = await asyncpg.connect(os.environ["CITUS_DATABASE_URL"], server_settings={"jit": "off"})
    [row] = await connection.fetch(
        "select users.id, cards.id as card from users join cards on cards.user_id = users.id"
        " where subject = 'seed-1' limit 1"
    )
    yield connection, Viewer(UserId(row["id"]), Role.LEARNER), row["card"]
    await connection.close()


async def test_statements_of_a_learner(connection: tuple[Any, Viewer, UUID]) -> None:
    session, viewer, card = connection
    several: set[str] = set()
    joined: set[str] = set()
    refused: dict[str, set[str]] = {}
    checked: set[str] = set()
    for name, statement in named_statements():
        if not _MENTIONS.search(statement.sql):
            continue
        label = (name or statement.name).removeprefix("db.")
        if READ_FIRST in statement.sql:
            joined.add(label)
        statement = statement.variant(is_distributed=True)
        checked.add(label)
        # The worker executes some as the owner of the tables.
        for role in (APPLICATION_ROLE, "shinjp"):
            await session.execute(begin_sql(viewer, is_distributed=True) + f"; set local role {role}")
            try:
                if await _tasks(session, statement, viewer, card) > 1:
                    several.add(label)
                break
            except asyncpg.InsufficientPrivilegeError:
                assert role == APPLICATION_ROLE
            except asyncpg.IntegrityConstraintViolationError:
                # By the shard: the statement was executed.
                break
            except asyncpg.PostgresError as error:
                refused.setdefault(str(error).split("\n")[0], set()).add(label)
                break
            finally:
                await session.execute("rollback")
    print(json.dumps({message: sorted(names) for message, names in sorted(refused.items())}, indent=2))  # noqa: T201  # why
    assert len(checked) > 130
    assert refused == {}
    assert several - joined == SEVERAL_TASKS
    assert len(several & joined) > 10


async def _tasks(session: Any, statement: Statement[Any], viewer: Viewer, card: UUID) -> int:
    """Execute the statement, and return the number of its tasks on the servers."""
    prepared = await session.prepare(statement.sql)
    arguments = [
        viewer.id if name == "viewer_id" else _value(name, parameter.name, card)
        for name, parameter in zip(statement.parameters, prepared.get_parameters(), strict=True)
    ]
    await session.execute("savepoint executed")
    await session.fetch(statement.sql, *arguments)
    await session.execute("rollback to executed")
    try:
        plan = await session.fetchval(f"explain (verbose, costs off, format json) {statement.sql}", *arguments)
    except asyncpg.PostgresError:
        # Citus does not explain all that it executes.
        return 1
    return sum(_task_counts(json.loads(plan)))


def _task_counts(plan: Any) -> Iterator[int]:
    if isinstance(plan, list):
        for part in plan:
            yield from _task_counts(part)
    elif isinstance(plan, dict):
        if "Task Count" in plan:
            yield plan["Task Count"]
        for part in plan.values():
            yield from _task_counts(part)


def _value(name: str, type_name: str, card: UUID) -> Any:
    if type_name.endswith("[]"):
        return [_value(name, type_name.removesuffix("[]"), card)]
    if name == "new_attempts_answers":
        return "[]"
    if name == "card_ids" and type_name != "uuid":
        # Ids may be passed as text.
        return "{}"
    return card if type_name == "uuid" else _VALUES.get(type_name, 1)
