"""Administrators change roles and blocks: with a reason, on all processes, and never without an administrator left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from db.core.database import owner_connection
from domain.ids import global_id
from tests.clients import Client, client_of
from tests.databases import column, execute_and_notify

PAYLOAD = "user { id role email block { until reason } } viewer { id } errors { code path }"
MUTATIONS = {
    name: f"mutation($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ {PAYLOAD} }} }}"
    for name in ("setUserRole", "blockUser", "unblockUser")
}
EDIT = 'mutation { deleteBook(input: {id: "none"}) { errors { code } } }'
WHO = "{ viewer { role } }"


@pytest.fixture
async def processes(writable_database_url: str, redis_url: str) -> AsyncIterator[list[Client]]:
    """Two servers on one database."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(client_of(writable_database_url, redis_url)) for _ in range(2)]


async def run(client: Client, name: str, user: str = "admin", **input_: Any) -> Any:
    return (await client.run(MUTATIONS[name], {"input": input_}, user=user)).data[name]


async def user_id(client: Client, subject: str) -> str:
    """The id of the user, whose account is created if it is missing."""
    id: str = (await client.run("{ viewer { user { id } } }", user=subject)).data["viewer"]["user"]["id"]
    return id


async def entries(url: str, subject: str) -> list[tuple[str, Any]]:
    """Actions and changes in the audit log about the user, without looks."""
    async with owner_connection(url) as connection:
        rows = await connection.fetch(
            "select action, changes from audit_log join users on users.id = entity_id"
            " where entity = 'User' and subject = $1 and action not in ('view', 'signUp') order by at, audit_log.id",
            subject,
        )
    return [(row["action"], orjson.loads(row["changes"])) for row in rows]


async def test_role_holds_on_every_process_when_the_answer_arrives(
    processes: list[Client], writable_database_url: str
) -> None:
    ids = {subject: await user_id(processes[0], subject) for subject in ("promoted", "admin")}
    for role, expected in (("EDITOR", "INVALID"), ("EDITOR", "INVALID"), ("LEARNER", "FORBIDDEN")):
        found = await run(processes[0], "setUserRole", userId=ids["promoted"], role=role, reason=" Tested ")
        assert (found["user"]["role"], found["errors"]) == (role, [])
        assert found["viewer"]["id"]
        for process in processes:
            answer = await process.run(EDIT, user="promoted")
            codes = answer.error_codes or [error["code"] for error in answer.data["deleteBook"]["errors"]]
            assert codes == [expected]
    # The second change to EDITOR changed nothing.
    assert await entries(writable_database_url, "promoted") == [
        (
            "setRole",
            {"role": {"before": before, "after": after}, "reason": {"before": None, "after": "Tested"}},
        )
        for before, after in (("learner", "editor"), ("editor", "learner"))
    ]


async def test_last_administrator_keeps_the_role(processes: list[Client], writable_database_url: str) -> None:
    ids = {subject: await user_id(processes[0], subject) for subject in ("admin", "second", "third")}
    for subject in ("second", "third"):
        assert (await run(processes[0], "setUserRole", userId=ids[subject], role="ADMIN", reason="r"))["errors"] == []
    # Administrators who cannot sign in do not count.
    blocked = await run(processes[1], "blockUser", "second", userId=ids["third"], reason="r")
    assert blocked["user"]["role"] == "ADMIN"
    await execute_and_notify(writable_database_url, "update users set deleted_at = now() where subject = 'second'")
    refused = await run(processes[0], "setUserRole", userId=ids["admin"], role="EDITOR", reason="r")
    assert (refused["errors"], refused["user"]["role"]) == ([{"code": "CONFLICT", "path": ["userId"]}], "ADMIN")
    await run(processes[0], "unblockUser", userId=ids["third"])
    assert (await run(processes[0], "setUserRole", userId=ids["admin"], role="EDITOR", reason="r"))["errors"] == []


RESTORE = "mutation { cancelAccountDeletion { viewer { role } errors { code } } }"


async def test_deleted_account_is_demoted_and_blocked_until_it_is_erased(
    processes: list[Client], writable_database_url: str
) -> None:
    """Its user cannot keep a role, or escape a block, by deleting and restoring the account."""
    url, (client, other) = writable_database_url, processes
    id = await user_id(client, "left")
    await run(client, "setUserRole", userId=id, role="ADMIN", reason="r")
    delete = "update users set deleted_at = now() - interval '%s days' where subject = 'left'"
    await execute_and_notify(url, delete % 29)
    demoted = await run(client, "setUserRole", userId=id, role="LEARNER", reason="Left")
    assert (demoted["user"]["role"], demoted["errors"]) == ("LEARNER", [])
    blocked = await run(client, "blockUser", userId=id, reason="Spam")
    assert blocked["user"]["block"]["reason"] == "Spam"
    for process in processes:
        assert (await process.run(RESTORE, user="left")).error_codes == ["ACCOUNT_BLOCKED"]
    assert (await run(other, "unblockUser", userId=id))["errors"] == []
    restored = (await other.run(RESTORE, user="left")).data["cancelAccountDeletion"]
    assert restored == {"viewer": {"role": "LEARNER"}, "errors": []}
    await execute_and_notify(url, delete % 31)
    for name, more in (("setUserRole", {"role": "EDITOR"}), ("blockUser", {}), ("unblockUser", {})):
        erased = await run(client, name, userId=id, reason="r", **more)
        assert [error["code"] for error in erased["errors"]] == ["NOT_FOUND"]


@pytest.mark.parametrize("name", ["setUserRole", "blockUser"])
async def test_of_two_administrators_against_each_other_one_stays(
    processes: list[Client], writable_database_url: str, name: str
) -> None:
    ids = {subject: await user_id(processes[0], subject) for subject in ("admin", "other")}
    await run(processes[0], "setUserRole", userId=ids["other"], role="ADMIN", reason="r")
    more = {"role": "LEARNER"} if name == "setUserRole" else {}
    answers = await asyncio.gather(
        *(
            client.run(MUTATIONS[name], {"input": {"userId": ids[target], "reason": "r", **more}}, user=actor)
            for client, actor, target in zip(processes, ("admin", "other"), ("other", "admin"), strict=True)
        )
    )
    assert sorted(answer.error_codes for answer in answers) in ([[], ["FORBIDDEN"]], [[], ["ACCOUNT_BLOCKED"]])
    [left] = await column(
        writable_database_url, "select count(*) from users where role = 'admin' and blocked_at is null"
    )
    assert left == 1


async def test_blocked_account_is_refused_until_the_block_ends(
    processes: list[Client], writable_database_url: str
) -> None:
    id = await user_id(processes[0], "blocked")
    until = datetime.now(UTC) + timedelta(hours=1)
    for _ in range(2):
        found = await run(processes[0], "blockUser", userId=id, reason="Spam", until=until.isoformat())
    assert found["user"]["block"]["reason"] == "Spam"
    for process in processes:
        answer = await process.run(WHO, user="blocked")
        assert (answer.status, answer.error_codes) == (403, ["ACCOUNT_BLOCKED"])
        shown = until.isoformat(timespec="seconds").replace("+00:00", "Z")
        assert answer.messages == [f"This account is blocked until {shown}: Spam"]
        assert answer.body["errors"][0]["extensions"]["blockedUntil"] == shown
        exported = await process.http.get(
            "/exports/cards.csv", headers={"Authorization": f"Bearer {process.token('blocked')}"}
        )
        assert (exported.status_code, exported.json()["errors"][0]["extensions"]["code"]) == (403, "ACCOUNT_BLOCKED")
    # It expires by itself.
    await execute_and_notify(
        writable_database_url,
        "update users set blocked_at = blocked_at - interval '1 day', blocked_until = blocked_until - interval '1 day'"
        " where subject = 'blocked'",
    )
    assert (await processes[1].run(WHO, user="blocked")).data == {"viewer": {"role": "LEARNER"}}
    assert (await run(processes[0], "blockUser", userId=id, reason="Again"))["user"]["block"] == {
        "until": None,
        "reason": "Again",
    }
    assert (await processes[1].run(WHO, user="blocked")).body["errors"][0]["extensions"]["blockedUntil"] is None
    for _ in range(2):
        assert (await run(processes[0], "unblockUser", userId=id, reason="Mistake"))["user"]["block"] is None
    assert (await processes[1].run(WHO, user="blocked")).data == {"viewer": {"role": "LEARNER"}}
    logged = await entries(writable_database_url, "blocked")
    assert [(action, changes["reason"]["after"]) for action, changes in logged] == [
        ("block", "Spam"),
        ("block", "Again"),
        ("unblock", "Mistake"),
    ]


PAST = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()


@pytest.mark.parametrize(
    ("name", "input_", "errors"),
    [
        ("setUserRole", {"userId": global_id("User", uuid4())}, [("NOT_FOUND", "userId")]),
        ("setUserRole", {"userId": "none", "reason": ""}, [("INVALID", "userId"), ("REQUIRED", "reason")]),
        ("setUserRole", {"reason": "r" * 501}, [("TOO_LONG", "reason")]),
        ("setUserRole", {"expectedRole": "EDITOR"}, [("CONFLICT", "expectedRole")]),
        ("blockUser", {"userId": global_id("Book", uuid4())}, [("INVALID", "userId")]),
        ("blockUser", {"until": PAST, "reason": " "}, [("REQUIRED", "reason"), ("OUT_OF_RANGE", "until")]),
        # The time that the driver takes for infinity.
        ("blockUser", {"until": "9999-12-31T23:59:59.999999Z"}, [("OUT_OF_RANGE", "until")]),
        ("blockUser", {"userId": "the administrator"}, [("INVALID", "userId")]),
        ("unblockUser", {"userId": global_id("User", uuid4())}, [("NOT_FOUND", "userId")]),
    ],
)
async def test_invalid_changes_are_rejected(
    shared: Client, name: str, input_: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    defaults: dict[str, Any] = {"userId": await user_id(shared, "demo"), "reason": "r"}
    if name == "setUserRole":
        defaults["role"] = "ADMIN"
    if input_.get("userId") == "the administrator":
        input_ = {"userId": await user_id(shared, "admin")}
    found = await run(shared, name, **defaults | input_)
    assert [(error["code"], *error["path"]) for error in found["errors"]] == errors
    # A conflict has the current user.
    assert (found["user"] is not None, found["viewer"]) == (errors[0][0] == "CONFLICT", None)


async def test_administrators_do_not_overwrite_each_other(writable: Client) -> None:
    id = await user_id(writable, "disputed")
    version = "query($id: ID!) { admin { user(id: $id) { version block { reason } } } }"
    read = (await writable.run(version, {"id": id}, user="admin")).data["admin"]["user"]["version"]
    first = await run(writable, "blockUser", userId=id, reason="Spam", expectedVersion=read)
    assert first["errors"] == []
    conflict = [{"code": "CONFLICT", "path": ["expectedVersion"]}]
    for name, more in (("blockUser", {"reason": "Other"}), ("unblockUser", {}), ("setUserRole", {"role": "EDITOR"})):
        input_ = {"userId": id, "reason": "Other", **more, "expectedVersion": read}
        payload = await run(writable, name, **input_)
        assert payload["errors"] == conflict
        assert payload["user"]["block"]["reason"] == "Spam"
    # A request of the user is no change of the role or the block.
    found = (await writable.run(version, {"id": id}, user="admin")).data["admin"]["user"]
    assert found["version"] == read + 1
    other = await run(writable, "setUserRole", userId=id, role="ADMIN", reason="Other", expectedRole="EDITOR")
    assert (other["errors"], other["user"]["role"]) == ([{"code": "CONFLICT", "path": ["expectedRole"]}], "LEARNER")
    assert (await run(writable, "unblockUser", userId=id, expectedVersion=read + 1))["errors"] == []
