"""Administrators list users exactly in every order, and each look at personal data is an audit entry."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
import pytest
from graphql import GraphQLObjectType

from db.core.database import owner_connection
from db.core.keyset import page_parameters
from db.core.row_level_security import viewer_sql
from db.queries.managed_users import ManagedUserRow, UserFilter, paged_users
from domain.enums import Role, UserOrder
from domain.ids import UserId, global_id, new_id
from domain.pages import page_arguments
from domain.viewer import Viewer
from schema import schema
from tests.clients import Client
from tests.databases import column, execute, execute_and_notify

# Equal times and names, so that only the id decides.
PEOPLE = """
    insert into users (id, subject, email, display_name, role, created_at, last_active_at, blocked_at, blocked_until,
        blocked_reason, deleted_at)
    select gen_random_uuid(), 'listed-' || n, 'mail' || n % 5 || '@listed.example', '名前' || n % 4, 'learner',
        '2025-01-01'::timestamptz + n % 3 * interval '1 day', '2025-02-01'::timestamptz + n % 6 * interval '1 day',
        case when n % 7 = 0 then '2025-03-01'::timestamptz end,
        case when n % 14 = 0 then '2025-03-02'::timestamptz end,
        case when n % 7 = 0 then 'Spam' end, case when n % 10 = 9 then now() end
    from generate_series(1, 40) as n
"""
LIST = """
    query($first: Int, $after: String, $filter: UserFilter, $order: UserOrder) { admin {
        users(first: $first, after: $after, filter: $filter, orderBy: $order) {
            totalCount pageInfo { endCursor hasNextPage } nodes { id email block { reason } deletedAt }
    } } }
"""
SORTED = {
    UserOrder.NEWEST: "created_at desc, id desc",
    UserOrder.OLDEST: "created_at, id",
    UserOrder.LAST_ACTIVE: "last_active_at desc, id desc",
    UserOrder.NAME: "display_name, id",
    UserOrder.EMAIL: "email, id",
}


@pytest.fixture(scope="module")
async def people(shared_database_url: str) -> str:
    await execute(shared_database_url, PEOPLE)
    return shared_database_url


async def listed(client: Client, order: str = "NEWEST", size: int = 7, **filter: Any) -> list[Any]:
    """All pages of a list."""
    found: list[Any] = []
    after = None
    while True:
        variables = {"first": size, "after": after, "filter": filter, "order": order}
        page = (await client.run(LIST, variables, user="admin")).data["admin"]["users"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found


@pytest.mark.parametrize("order", UserOrder)
async def test_pages_are_exact_in_every_order(shared: Client, people: str, order: UserOrder) -> None:
    shown = "email like '%@listed.example' and deleted_at is null"
    ids = await column(people, f"select id from users where {shown} order by {SORTED[order]}")
    found = await listed(shared, order.value, search="@LISTED")
    assert [user["id"] for user in found] == [global_id("ManagedUser", id) for id in ids]


@pytest.mark.parametrize(
    ("filter", "condition"),
    [
        ({}, "deleted_at is null"),
        ({"deleted": False}, "deleted_at is null"),
        ({"deleted": True}, "deleted_at is not null"),
        ({"blocked": True}, "deleted_at is null and blocked_at is not null and blocked_until is null"),
        ({"blocked": False}, "deleted_at is null and (blocked_at is null or blocked_until is not null)"),
        ({"signedUpFrom": "2025-01-02T00:00:00Z"}, "deleted_at is null and created_at >= '2025-01-02'"),
        ({"signedUpTo": "2025-01-02T00:00:00Z"}, "deleted_at is null and created_at < '2025-01-02'"),
        ({"activeSince": "2025-02-03T00:00:00Z"}, "deleted_at is null and last_active_at >= '2025-02-03'"),
        ({"role": "EDITOR"}, "false"),
    ],
)
async def test_filters(shared: Client, people: str, filter: dict[str, Any], condition: str) -> None:
    expected = await column(people, f"select id from users where email like '%@listed.example' and {condition}")
    found = await listed(shared, size=100, search="@listed.example", **filter)
    assert {user["id"] for user in found} == {global_id("ManagedUser", id) for id in expected}
    if "blocked" in filter:
        assert {user["block"] is not None for user in found} == {filter["blocked"]}


async def test_search_has_no_wildcards(shared: Client, people: str) -> None:
    for search in ("DEMO@shin", " demo@shinjp.example\n"):
        assert [user["email"] for user in await listed(shared, search=search)] == ["demo@shinjp.example"]
    for search in ("%", "_"):
        assert await listed(shared, search=search) == []
    answer = await shared.run(LIST, {"filter": {"search": "a" * 101}}, user="admin")
    assert answer.error_codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("order", UserOrder)
async def test_pages_are_read_from_the_index_of_their_order(people: str, order: UserOrder) -> None:
    index = {
        **dict.fromkeys((UserOrder.NEWEST, UserOrder.OLDEST), "ix_users_created_at_id"),
        UserOrder.LAST_ACTIVE: "ix_users_last_active_at_id",
        UserOrder.NAME: "ix_users_display_name_id",
        UserOrder.EMAIL: "ix_users_email_id",
    }[order]
    paged = paged_users(UserFilter(), order)
    async with owner_connection(people) as connection, connection.transaction():
        await connection.execute(
            "set local role shinjp_app; set local enable_seqscan = off; set local enable_sort = off;"
            "select set_config('app.user_id', gen_random_uuid()::text, true), set_config('app.role', 'admin', true)"
        )
        first = paged.page(page_arguments(1))
        [row, *_] = await connection.fetch(first.sql, *first.arguments({"limit": 1}), record_class=ManagedUserRow)
        after = page_arguments(20, paged.ordering.cursor(row))
        page = paged.page(after)
        arguments = page.arguments(page_parameters(paged.ordering, after))
        plan = "\n".join(row[0] for row in await connection.fetch("explain " + page.sql, *arguments))
    # The page starts at the cursor, and so does the look for the previous page.
    assert plan.count(index) == 2, plan
    assert plan.count("Index Cond: (ROW(") == 2, plan


@pytest.mark.parametrize("order", UserOrder)
async def test_search_that_finds_many_users(
    shared: Client, people: str, order: UserOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pages are those of the other plan, with as many statements."""
    few = await listed(shared, order.value, search="@LISTED", activeSince="2025-02-03T00:00:00Z")
    monkeypatch.setattr("resolvers.managed_users.MAX_FOUND_USERS", 5)
    assert await listed(shared, order.value, search="@LISTED", activeSince="2025-02-03T00:00:00Z") == few


async def looks(url: str) -> list[tuple[str, str, Any]]:
    """The looks in the audit log: the action, the subject of the entity, and what was looked for."""
    async with owner_connection(url) as connection:
        rows = await connection.fetch(
            "select action, subject, changes from audit_log join users on users.id = entity_id"
            " where action in ('view', 'viewList') and actor_id = (select id from users where subject = 'admin')"
            " order by at, audit_log.id"
        )
    return [
        (
            row["action"],
            row["subject"],
            {name: change["after"] for name, change in orjson.loads(row["changes"]).items()},
        )
        for row in rows
    ]


async def user_id(client: Client, subject: str) -> str:
    id: str = (await client.run("{ viewer { user { id } } }", user=subject)).data["viewer"]["user"]["id"]
    return id


async def test_each_look_is_an_audit_entry(writable: Client, writable_database_url: str) -> None:
    url = writable_database_url
    demo, editor = [await user_id(writable, subject) for subject in ("demo", "editor")]
    query = """
        query($a: ID!, $b: ID!) { admin {
            a: user(id: $a) { id email } again: user(id: $a) { role } b: user(id: $b) { id }
        } }
    """
    found = (await writable.run(query, {"a": demo, "b": editor}, user="admin")).data["admin"]
    assert found["a"]["email"] == "demo@shinjp.example"
    # One a request and user; the users of a request with one statement.
    expected: list[Any] = [("view", "demo", {}), ("view", "editor", {})]
    assert sorted(await looks(url)) == expected
    ids = [found["a"]["id"], found["b"]["id"], global_id("ManagedUser", new_id())]
    nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on ManagedUser { email } } }"
    answer = await writable.run(nodes, {"ids": ids}, user="admin")
    assert [node and node["email"] for node in answer.data["nodes"]] == [
        "demo@shinjp.example",
        "editor@shinjp.example",
        None,
    ]
    assert sorted(await looks(url)) == sorted(expected * 2)
    for stranger in ("demo", "editor", None):
        assert (await writable.run(nodes, {"ids": ids}, user=stranger)).data == {"nodes": [None] * 3}
        assert (await writable.run(query, {"a": demo, "b": demo}, user=stranger)).data == {"admin": None}
    variables: dict[str, Any] = {"first": 1, "filter": {"search": "demo"}, "order": "EMAIL"}
    page = (await writable.run(LIST, variables, user="admin")).data["admin"]["users"]
    await writable.run(LIST, variables | {"after": page["pageInfo"]["endCursor"]}, user="admin")
    # A change that changes nothing is a look.
    same = 'mutation { setUserRole(input: {userId: "%s", role: LEARNER, reason: "r"}) { user { email } } }'
    assert (await writable.run(same % demo, user="admin")).data["setUserRole"]["user"]
    for path in ("/exports/learners.csv", "/exports/cards.csv"):
        exported = await writable.http.get(path, headers={"Authorization": f"Bearer {writable.token('admin')}"})
        assert exported.status_code == 200
    export = "mutation { requestExport(input: {kind: LEARNERS}) { errors { code } } }"
    assert (await writable.run(export, user="admin")).data["requestExport"]["errors"] == []
    period = {"since": "2000-01-01T00:00:00+00:00", "until": "9999-01-01T00:00:00+00:00"}
    assert (await looks(url))[4:] == [
        ("viewList", "admin", {"search": "demo", "orderBy": "EMAIL"}),
        # Without the cursor, which has an address.
        ("viewList", "admin", {"search": "demo", "orderBy": "EMAIL", "isLaterPage": True}),
        ("view", "demo", {}),
        ("viewList", "admin", {"export": "CSV", **period}),
        ("viewList", "admin", {"export": "CSV", **period}),
    ]


DETAILS = """
    query($id: ID!) { admin { user(id: $id) {
        displayName role locale cardCount reviewCount textbookCount clients { name }
        statistics { streakDays longestStreakDays dueNow reviewsToday newToday retention30d studyMinutes7d }
        jobs { nodes { kind status error { code } } } auditTrail { nodes { action actor { displayName } } }
    } } }
"""


async def test_details_are_those_that_the_user_sees(shared: Client, people: str) -> None:
    dashboard = "streakDays longestStreakDays dueNow reviewsToday newToday retention30d studyMinutes7d"
    await execute(
        people,
        "insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts,"
        " max_attempts, input, scheduled_for) select gen_random_uuid(), id, 'EXPORT', 'FAILED', 0, 0, 1, 1, 3,"
        " '{}', now() from users where subject = 'demo'",
    )
    counts = "cards { totalCount } textbooks { totalCount }"
    own = f"{{ viewer {{ dashboard {{ {dashboard} }} {counts} user {{ id }} }} }}"
    viewer = (await shared.run(own, user="demo", headers={"GraphQL-Client-Name": "phone"})).data["viewer"]
    user = (await shared.run(DETAILS, {"id": viewer["user"]["id"]}, user="admin")).data["admin"]["user"]
    assert user["statistics"] == viewer["dashboard"]
    assert user["cardCount"] == viewer["cards"]["totalCount"] > 0
    # Also those that only their owner can read.
    assert user["textbookCount"] == viewer["textbooks"]["totalCount"] > 0
    assert [user["reviewCount"]] == await column(
        people, "select sum(reviews)::int from review_days join users on users.id = user_id where subject = 'demo'"
    )
    assert "phone" in [client["name"] for client in user["clients"]]
    assert user["jobs"] == {"nodes": [{"kind": "EXPORT", "status": "FAILED", "error": None}]}
    assert {"action": "view", "actor": {"displayName": "Yuki"}} in user["auditTrail"]["nodes"]
    # Fields are resolved concurrently: the next request sees the entry of the statistics.
    later = (await shared.run(DETAILS, {"id": viewer["user"]["id"]}, user="admin")).data["admin"]["user"]
    assert "viewProgress" in [entry["action"] for entry in later["auditTrail"]["nodes"]]


READ = "select * from read_as_users($1, $2, 'select min(user_id::text) as owner, count(*) from cards', now(), null)"


@asynccontextmanager
async def connected_as(url: str, subject: str, role: str) -> AsyncIterator[asyncpg.Connection]:
    """A transaction of the application with the RLS context of a user."""
    [id] = await column(url, f"select id from users where subject = '{subject}'")
    async with owner_connection(url) as connection, connection.transaction():
        await connection.execute(f"set local role shinjp_app; {viewer_sql(Viewer(UserId(id), Role(role)))}")
        yield connection


@pytest.mark.parametrize("role", ["learner", "editor"])
async def test_only_administrators_read_as_users(people: str, role: str) -> None:
    async with connected_as(people, "editor", role) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with connection.transaction():
                await connection.fetch(READ, [new_id()], [new_id()])


async def test_statement_of_a_user_sees_rows_of_the_user_only(people: str) -> None:
    ids = await column(people, "select id from users where subject in ('demo', 'editor')")
    context = "select current_setting('app.user_id'), current_setting('app.role')"
    async with connected_as(people, "admin", "admin") as connection:
        before = await connection.fetchrow(context)
        rows = await connection.fetch(READ, ids, [new_id() for _ in ids])
        assert await connection.fetchrow(context) == before
        logged = "select entity_id from audit_log where action = 'viewProgress' and at = now()"
        assert {row["entity_id"] for row in await connection.fetch(logged)} == set(ids)
    assert {row["user_id"] for row in rows} == set(ids)
    owners = {row["user_id"]: orjson.loads(row["answer"])["owner"] for row in rows}
    assert all(owner in (str(id), None) for id, owner in owners.items())
    assert any(owners.values())


async def test_use_is_noted_once_an_hour_and_for_twenty_clients(shared: Client, people: str) -> None:
    state = "select (last_active_at, clients)::text from users where subject = 'busy'"

    async def use(client: str) -> list[Any]:
        await shared.run("{ viewer { id } }", user="busy", headers={"GraphQL-Client-Name": client})
        return await column(people, state)

    first = await use("web")
    # The cache of accounts is emptied, as after half a minute.
    await execute_and_notify(people, "update users set role = 'editor' where subject = 'busy'")
    assert await use("web") == first
    for number in range(30):
        await use(f"client {number}")
    names = "select jsonb_object_keys(clients) from users where subject = 'busy'"
    assert sorted(await column(people, names)) == sorted(["web", *(f"client {number}" for number in range(19))])
    await execute_and_notify(
        people,
        "update users set role = 'learner', last_active_at = now() - interval '61 minutes' where subject = 'busy'",
    )
    await use("web")
    assert await column(
        people, "select last_active_at > now() - interval '1 minute' from users where subject = 'busy'"
    ) == [True]


def test_users_that_others_can_reach_have_no_personal_field() -> None:
    user = schema._schema.type_map["User"]
    assert isinstance(user, GraphQLObjectType)
    assert set(user.fields) == {"id", "displayName"}
