"""Teachers see the progress of learners who share it with their group, and nothing else."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.core.database import Database, open_database, owner_connection
from db.core.row_level_security import begin_sql
from domain.enums import Role
from domain.groups import MAX_MEMBERS
from domain.ids import UserId, global_id, parse_global_id
from domain.viewer import Viewer
from jobs.events import HANDLERS, handle_waiting_events
from tests.clients import Client
from tests.databases import column, execute, execute_and_notify

STATISTICS = "streakDays longestStreakDays dueNow reviewsToday newToday retention30d studyMinutes7d"
CREATE = "mutation ($name: String!) { createGroup(input: {name: $name}) { group { id version role } errors { code } } }"
INVITE = """
    mutation ($input: CreateGroupInvitationInput!) {
        createGroupInvitation(input: $input) { code invitation { id uses } errors { code path } }
    }
"""
JOIN = """
    mutation ($code: String!, $shares: Boolean! = false) {
        joinGroup(input: {code: $code, sharesProgress: $shares}) { group { id role sharesProgress } errors { code } }
    }
"""
CONSENT = """
    mutation ($group: ID!, $shares: Boolean!) {
        setGroupConsent(input: {groupId: $group, sharesProgress: $shares}) { group { sharesProgress } errors { code } }
    }
"""
ASSIGN = """
    mutation ($input: AssignToGroupInput!) { assignToGroup(input: $input) { assignment { id } errors { code path } } }
"""
GROUP = f"""
    query ($id: ID!) {{ node(id: $id) {{ ... on Group {{
        name role
        members(first: 100) {{ nodes {{ id userId displayName role sharesProgress statistics {{ {STATISTICS} }} }} }}
        invitations {{ nodes {{ uses }} }}
        assignments {{ nodes {{
            note progress {{ percent isComplete score }}
            memberProgress {{ member {{ displayName }} percent isComplete score }}
        }} }}
    }} }} }}
"""
MINE = """
    { viewer { assignments { nodes { id dueAt group { name } chapter { title } progress { percent isComplete } } } } }
"""


async def create_group(client: Client, teacher: str, name: str = "Class") -> str:
    group: str = (await client.run(CREATE, {"name": name}, user=teacher)).data["createGroup"]["group"]["id"]
    return group


async def invite(client: Client, teacher: str, group: str, **values: Any) -> Any:
    answer = await client.run(INVITE, {"input": {"groupId": group, **values}}, user=teacher)
    return answer.data["createGroupInvitation"]


async def join(client: Client, user: str, code: str, *, shares: bool = False) -> Any:
    return (await client.run(JOIN, {"code": code, "shares": shares}, user=user)).data["joinGroup"]


async def seen(client: Client, user: str | None, group: str) -> Any:
    return (await client.run(GROUP, {"id": group}, user=user)).data["node"]


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def test_invitations_have_a_number_of_uses_and_an_end(shared: Client, shared_database_url: str) -> None:
    group = await create_group(shared, "t1")
    created = await invite(shared, "t1", group, maxUses=2)
    code = created["code"]
    stored = await column(shared_database_url, "select code_hash from group_invitations")
    assert code not in str(stored)
    # Case, hyphens and letters that look like digits do not matter. Two users compete for the second use.
    assert (await join(shared, "l1", code.lower().replace("-", " ").replace("0", "o")))["group"]["role"] == "LEARNER"
    both = await asyncio.gather(join(shared, "l2", code), join(shared, "l3", code))
    assert sorted(each["group"] is not None for each in both) == [False, True]
    # A member who joins again takes no use, and changes nothing.
    assert (await join(shared, "l1", code, shares=True))["group"]["sharesProgress"] is False
    revoked = await invite(shared, "t1", group)
    await shared.run(
        "mutation ($id: ID!) { revokeGroupInvitation(input: {id: $id}) { errors { code } } }",
        {"id": revoked["invitation"]["id"]},
        user="t1",
    )
    expired = await invite(shared, "t1", group, expiresAt=in_days(0.5))
    id = parse_global_id(expired["invitation"]["id"])[1]
    await execute(shared_database_url, f"update group_invitations set expires_at = now() where id = '{id}'")
    for wrong in (code, revoked["code"], expired["code"], "7QJ2-M0XR-9TVE-4KWA", "x", "言葉" * 8):
        assert (await join(shared, "l4", wrong))["errors"] == [{"code": "NOT_FOUND"}], wrong
    assert (await invite(shared, "t1", group, maxUses=0))["errors"] == [{"code": "OUT_OF_RANGE", "path": ["maxUses"]}]
    assert (await invite(shared, "l1", group))["errors"] == [{"code": "NOT_FOUND", "path": ["groupId"]}]


async def test_a_group_keeps_a_teacher(shared: Client, shared_database_url: str) -> None:
    leave = "mutation ($id: ID!) { leaveGroup(input: {groupId: $id}) { errors { code path } } }"
    remove = "mutation ($id: ID!) { removeGroupMember(input: {id: $id}) { errors { code } } }"
    update = """
        mutation ($id: ID!, $version: Int!) { updateGroup(input: {id: $id, expectedVersion: $version, name: "N4"}) {
            group { name version } errors { code }
        } }
    """
    group = await create_group(shared, "t2")
    for expected in ([], [{"code": "CONFLICT"}]):
        answer = (await shared.run(update, {"id": group, "version": 1}, user="t2")).data["updateGroup"]
        assert answer == {"group": {"name": "N4", "version": 2}, "errors": expected}
    code = (await invite(shared, "t2", group, role="TEACHER"))["code"]
    conflict = [{"code": "CONFLICT", "path": ["groupId"]}]
    assert (await shared.run(leave, {"id": group}, user="t2")).data["leaveGroup"]["errors"] == conflict
    await join(shared, "m1", (await invite(shared, "t2", group))["code"])
    # Learners see the teacher, and cannot remove them.
    found = (await seen(shared, "m1", group))["members"]["nodes"]
    [teacher] = [member["id"] for member in found if member["role"] == "TEACHER"]
    assert len(found) == 2
    removed = await shared.run(remove, {"id": teacher}, user="m1")
    assert removed.data["removeGroupMember"]["errors"] == [{"code": "NOT_FOUND"}]
    assert (await join(shared, "m1", code))["group"]["role"] == "TEACHER"
    await join(shared, "t3", code)
    # A teacher who deleted the account is none.
    deletion = "update users set deleted_at = {} where subject in ('m1', 't3')"
    await execute(shared_database_url, deletion.format("now()"))
    assert (await shared.run(leave, {"id": group}, user="t2")).data["leaveGroup"]["errors"] == conflict
    await execute_and_notify(shared_database_url, deletion.format("null"))
    # All three remove themselves at the same time: one stays.
    answers = await asyncio.gather(*(shared.run(leave, {"id": group}, user=user) for user in ("t2", "t3", "m1")))
    errors = [answer.data["leaveGroup"]["errors"] for answer in answers]
    assert sorted(errors, key=len) == [[], [], conflict]


@pytest.fixture
async def taught(writable: Client, writable_database_url: str) -> tuple[str, str]:
    """A group with the demo learner, who shares, and one who does not; the id of the demo learner."""
    group = await create_group(writable, "teacher")
    code = (await invite(writable, "teacher", group))["code"]
    await join(writable, "demo", code, shares=True)
    await join(writable, "private", code)
    [demo] = await column(writable_database_url, "select id from users where subject = 'demo'")
    return group, demo


async def test_teacher_sees_who_shares_progress(
    writable: Client, writable_database_url: str, taught: tuple[str, str]
) -> None:
    group, demo = taught
    dashboard = f"{{ viewer {{ user {{ displayName }} dashboard {{ {STATISTICS} }} }} }}"
    own = (await writable.run(dashboard, user="demo")).data["viewer"]
    assert own["dashboard"]["reviewsToday"] is not None
    assert own["dashboard"]["retention30d"]
    members = {each["displayName"]: each for each in (await seen(writable, "teacher", group))["members"]["nodes"]}
    assert members[own["user"]["displayName"]]["statistics"] == own["dashboard"]
    assert [name for name, each in members.items() if each["statistics"]] == [own["user"]["displayName"]]
    looks = "select entity_id from audit_log where action = 'viewProgress'"
    assert await column(writable_database_url, looks) == [demo]
    # Neither learners nor other teachers, editors, administrators and anonymous clients.
    found = (await seen(writable, "demo", group))["members"]["nodes"]
    assert [each["statistics"] for each in found] == [None, None]
    other = await create_group(writable, "other teacher")
    await join(writable, "private", (await invite(writable, "other teacher", other))["code"], shares=True)
    member = members[own["user"]["displayName"]]["id"]
    for user in ("other teacher", "editor", "admin", "new", None):
        assert await seen(writable, user, group) is None
        nodes = f'{{ nodes(ids: ["{member}", "{group}"]) {{ id }} }}'
        assert (await writable.run(nodes, user=user)).data["nodes"] == [None, None]
    # A teacher of both: the consent is to one group.
    await join(writable, "teacher", (await invite(writable, "other teacher", other, role="TEACHER"))["code"])
    found = (await seen(writable, "teacher", group))["members"]["nodes"]
    assert [each["displayName"] for each in found if each["statistics"]] == [own["user"]["displayName"]]
    await writable.run(CONSENT, {"group": group, "shares": False}, user="demo")
    found = (await seen(writable, "teacher", group))["members"]["nodes"]
    assert [each["statistics"] for each in found] == [None] * 3
    assert len(await column(writable_database_url, looks)) == 2


async def test_teachers_context_shows_no_rows_of_learners(
    writable: Client, writable_database_url: str, taught: tuple[str, str]
) -> None:
    """By SQL, in the context of the teacher, whatever the role of the account, and of strangers."""
    group, demo = parse_global_id(taught[0])[1], taught[1]
    other = await create_group(writable, "other teacher")
    subjects = ("teacher", "other teacher", "private", "editor")
    async with owner_connection(writable_database_url) as owner:
        tables = [
            row["table_name"]
            for row in await owner.fetch(
                "select table_name from information_schema.columns join pg_class on relname = table_name"
                " where column_name = 'user_id' and table_schema = 'public' and relkind in ('r', 'p')"
                " and not relispartition and has_table_privilege('shinjp_app', pg_class.oid, 'select')"
            )
        ]
        ids = {row["subject"]: row["id"] for row in await owner.fetch("select subject, id from users")}
        policies = await owner.fetch(
            "select tablename from pg_policies where coalesce(qual, '') || coalesce(with_check, '') ~ 'group_members'"
        )
    assert policies == []
    assert {"cards", "reviews", "review_days", "exercise_attempts", "notifications"} <= set(tables)
    read = "select * from read_as_members($1, $2, $3, 'select count(*) from cards', now(), '{}', null)"
    async with open_database(writable_database_url, min_size=1, max_size=1) as database:
        for subject in subjects:
            async with as_user(database, ids[subject]) as connection:
                for table in tables:
                    shown = await connection.fetchval(f"select count(*) from {table} where user_id = $1", demo)
                    is_teacher = table == "group_members" and subject == "teacher"
                    assert shown == is_teacher, (subject, table)
                for wanted in (group, parse_global_id(other)[1]):
                    rows = await connection.fetch(read, [wanted], [demo], [ids["editor"]])
                    assert bool(rows) is (subject == "teacher" and wanted == group)
                # The context is the viewer's again.
                assert await connection.fetchval("select viewer_id()") == ids[subject]
                assert await connection.fetchval("select current_setting('app.role')") == "learner"


def as_user(database: Database, id: UserId) -> Any:
    return database.transaction(begin_sql(Viewer(id, Role.LEARNER)))


async def test_assignments_notify_and_show_progress(
    writable: Client, writable_database_url: str, taught: tuple[str, str]
) -> None:
    group, _ = taught
    textbooks = "{ textbooks(first: 50) { nodes { id isPublic chapters { id title exercises { id } } } } }"
    found = (await writable.run(textbooks, user="demo")).data["textbooks"]["nodes"]
    chapter = next(each for book in found if book["isPublic"] for each in book["chapters"] if each["exercises"])
    [private] = [each["id"] for each in found if not each["isPublic"]][:1]

    async def assign(**values: Any) -> Any:
        answer = await writable.run(ASSIGN, {"input": {"groupId": group, **values}}, user="teacher")
        return answer.data["assignToGroup"]

    for wrong, path in (
        ({"textbookId": private, "dueAt": in_days(1)}, "textbookId"),
        ({"chapterId": chapter["id"], "dueAt": in_days(-1)}, "dueAt"),
        ({"dueAt": in_days(1)}, "textbookId"),
    ):
        assert [error["path"] for error in (await assign(**wrong))["errors"]] == [[path]]
    given = {"chapterId": chapter["id"], "dueAt": in_days(7), "note": "Read it twice."}
    assigned = await assign(**given)
    assert assigned["errors"] == []
    # A repeated request creates no other one.
    assert await assign(**given) == assigned
    async with owner_connection(writable_database_url) as connection:
        for _ in range(2):
            await handle_waiting_events(connection, HANDLERS)
            await connection.execute("update events set handled_at = null where kind = 'ASSIGNMENT_CREATED'")
    listed = "{ viewer { notifications(filter: {kinds: [ASSIGNMENT]}) { nodes { assignment { id note } } } } }"
    for user, notified in (("demo", 1), ("private", 1), ("teacher", 0)):
        notifications = (await writable.run(listed, user=user)).data["viewer"]["notifications"]["nodes"]
        expected = {"assignment": {"id": assigned["assignment"]["id"], "note": "Read it twice."}}
        assert notifications == [expected] * notified
    read = "mutation ($id: ID!) { updateChapterProgress(input: {chapterId: $id, isRead: true}) { errors { code } } }"
    for user in ("demo", "private"):
        await writable.run(read, {"id": chapter["id"]}, user=user)
    percent = pytest.approx(100 / (1 + len(chapter["exercises"])))
    [mine] = (await writable.run(MINE, user="private")).data["viewer"]["assignments"]["nodes"]
    assert mine["progress"] == {"percent": percent, "isComplete": False}
    assert (mine["group"]["name"], mine["chapter"]["title"]) == ("Class", chapter["title"])
    [shown] = (await seen(writable, "teacher", group))["assignments"]["nodes"]
    [member] = shown["memberProgress"]
    assert (member["percent"], member["isComplete"]) == (percent, False)
    assert shown["progress"]["percent"] == 0
    [shown] = (await seen(writable, "demo", group))["assignments"]["nodes"]
    assert (shown["memberProgress"], shown["progress"]["percent"]) == ([], percent)
    assert (await writable.run(MINE, user="teacher")).data["viewer"]["assignments"]["nodes"] == []


async def test_statements_of_a_large_group(
    writable: Client, writable_database_url: str, taught: tuple[str, str]
) -> None:
    """Eight statements for a hundred members with statistics and an assignment, as for one."""
    group, demo = parse_global_id(taught[0])[1], taught[1]
    [book] = await column(writable_database_url, "select id from books where published_at is not null limit 1")
    given = {"groupId": taught[0], "bookId": global_id("Book", book), "dueAt": in_days(2)}
    await writable.run(ASSIGN, {"input": given}, user="teacher")
    few = await writable.run(GROUP, {"id": taught[0]}, user="teacher")
    await execute(
        writable_database_url,
        f"""
        insert into users (id, subject, email, display_name, role)
            select gen_random_uuid(), 'member-' || n, '', 'Member ' || n, 'learner' from generate_series(1, 98) as n;
        insert into user_settings (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day, time_zone)
            select id, 'FSRS', 0.9, 20, 200, 'Asia/Tokyo' from users where subject like 'member-%';
        insert into group_members (id, group_id, user_id, role, shares_progress)
            select gen_random_uuid(), '{group}', id, 'LEARNER', true from users where subject like 'member-%';
        insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms)
            select users.id, day, reviews, recalled, new_cards, duration_ms from users, review_days
            where subject like 'member-%' and review_days.user_id = '{demo}';
        """,
    )
    many = await writable.run(GROUP, {"id": taught[0]}, user="teacher")
    members = many.data["node"]["members"]["nodes"]
    assert len(members) == 100
    assert sum(member["statistics"] is not None for member in members) >= 97
    assert len(many.data["node"]["assignments"]["nodes"][0]["memberProgress"]) == 99
    assert many.statements == few.statements == 8


async def test_group_has_a_maximum_of_members(shared: Client, shared_database_url: str) -> None:
    group = await create_group(shared, "t4")
    id, code = parse_global_id(group)[1], (await invite(shared, "t4", group))["code"]
    await execute(
        shared_database_url,
        f"""
        insert into users (id, subject, email, display_name, role)
            select gen_random_uuid(), 'full-' || n, '', 'x', 'learner' from generate_series(2, {MAX_MEMBERS}) as n;
        insert into group_members (id, group_id, user_id, role)
            select gen_random_uuid(), '{id}', id, 'LEARNER' from users where subject like 'full-%';
        """,
    )
    assert (await join(shared, "late", code))["errors"] == [{"code": "LIMIT_REACHED"}]
