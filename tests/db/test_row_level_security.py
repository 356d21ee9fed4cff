"""Row-level security protects the rows of users from each other, whatever a query's conditions are."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db.core.database import APPLICATION_ROLE, Database
from db.core.pool import ConnectionPool
from domain.errors import ServiceUnavailable
from domain.ids import new_id

OWNED = (
    *("user_settings", "reading_progress", "cards", "card_contexts", "reviews", "review_keys", "review_days", "jobs"),
    *("limit_extensions", "job_events", "analyzed_texts", "exercise_attempts", "chapter_progress"),
    *("notifications", "notification_preferences"),
    *("uploads", "imports", "import_keys", "import_words", "import_reports", "custom_vocabulary"),
)
# The worker writes them.
STATISTICS = (
    *("statistics_days", "review_statistics", "card_count_changes"),
    *("card_counts", "counted_cards", "card_statistics"),
)
PRIVATE_VIEWS = ("jlpt_content_stats", "learner_statistics")
# Of administrators.
ANALYTICS = (
    *("analytics_days", "analytics_gaps", "analytics_cohorts", "analytics_word_days", "analytics_word_months"),
)

# The tables that refer to a table, or to one that does. `is_direct`: to the table itself. `is_owned`: their rows belong
# to users.
CONTENT = """
    with recursive content as (
        select conrelid from pg_constraint where contype = 'f' and confrelid = $1::text::regclass
        union
        select pg_constraint.conrelid from content join pg_constraint on confrelid = content.conrelid
        where contype = 'f'
    )
    select relname as name, exists (select from pg_attribute where attrelid = conrelid and attname = 'user_id')
        as is_owned,
        exists (select from pg_constraint where pg_constraint.conrelid = content.conrelid
            and confrelid = $1::text::regclass) as is_direct
    from content join pg_class on pg_class.oid = conrelid where not relispartition and relkind in ('r', 'p')
    order by 1
"""


async def test_every_user_owned_table_has_a_policy(owner: "asyncpg.Connection") -> None:
    unprotected = await owner.fetch(
        """
        select distinct table_name from information_schema.columns
        join pg_class on relname = table_name and relnamespace = 'public'::regnamespace
        where table_schema = 'public' and relkind in ('r', 'p') and not relispartition
            and column_name in ('user_id', 'owner_id', 'actor_id')
            and not (relrowsecurity and exists (select 1 from pg_policies where tablename = table_name))
        """
    )
    assert [row["table_name"] for row in unprotected] == []


async def test_application_role_cannot_access_partitions(owner: "asyncpg.Connection") -> None:
    """The policies of a partitioned table do not apply to partitions that are queried directly."""
    readable = await owner.fetch(
        "select relname from pg_class where relispartition and relkind = 'r'"
        " and has_table_privilege($1, oid, 'select, insert, update, delete')",
        APPLICATION_ROLE,
    )
    assert readable == []


async def test_application_role_owns_nothing_and_bypasses_nothing(owner: "asyncpg.Connection") -> None:
    role = await owner.fetchrow(
        "select rolsuper, rolbypassrls, rolcanlogin,"
        " exists (select 1 from pg_class where relowner = pg_roles.oid) as owns from pg_roles where rolname = $1",
        APPLICATION_ROLE,
    )
    assert role is not None
    assert dict(role) == {"rolsuper": False, "rolbypassrls": False, "rolcanlogin": False, "owns": False}


@pytest.mark.parametrize("view", PRIVATE_VIEWS)
async def test_application_role_cannot_access_materialized_views(database: Database, view: str) -> None:
    async with database.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(f"select * from private.{view}")


@pytest.mark.parametrize("table", [*OWNED, *STATISTICS, "model_usage", "tombstones", "group_members"])
async def test_learner_sees_only_own_rows(database: Database, owner: "asyncpg.Connection", table: str) -> None:
    demo = await _user(owner, "demo")
    async with _as(database, demo) as connection:
        assert await connection.fetchval(f"select count(*) from {table} where user_id <> $1", demo) == 0
    async with _as(database, new_id()) as connection:
        assert await connection.fetchval(f"select count(*) from {table}") == 0
    async with database.connection() as connection:
        assert await connection.fetchval(f"select count(*) from {table}") == 0


async def test_learner_sees_only_own_statistics(database: Database, owner: "asyncpg.Connection") -> None:
    demo = await _user(owner, "demo")
    async with _as(database, demo) as connection:
        rows = await connection.fetch("select user_id from learner_statistics")
        assert [row["user_id"] for row in rows] == [demo]
        for table in ANALYTICS:
            assert await connection.fetch(f"select * from {table}") == []
    async with _as(database, await _user(owner, "editor")) as connection:
        assert await connection.fetch("select * from learner_statistics") == []


async def test_private_textbook_is_visible_to_its_owner_only(database: Database, owner: "asyncpg.Connection") -> None:
    demo = await _user(owner, "demo")
    private = await owner.fetchval("select id from textbooks where owner_id = $1 and not is_public", demo)
    chapters = "select count(*) from chapters where textbook_id = $1"
    words = "select count(*) from chapter_vocabulary join chapters on chapters.id = chapter_id where textbook_id = $1"
    async with _as(database, demo) as connection:
        assert await connection.fetchval(chapters, private) > 0
        assert await connection.fetchval(words, private) > 0
    for stranger in (await _user(owner, "editor"), new_id()):
        async with _as(database, stranger, role="editor") as connection:
            assert await connection.fetchval("select count(*) from textbooks where id = $1", private) == 0
            assert await connection.fetchval(chapters, private) == 0
            assert await connection.fetchval(words, private) == 0


async def test_learner_cannot_write_public_textbook(database: Database, owner: "asyncpg.Connection") -> None:
    demo = await _user(owner, "demo")
    async with _as(database, demo) as connection:
        assert await connection.execute("update textbooks set title = 'Mine' where owner_id is null") == "UPDATE 0"
        assert (
            await connection.execute(
                "update chapters set title = 'Mine' where textbook_id in "
                "(select id from textbooks where owner_id is null)"
            )
            == "UPDATE 0"
        )


@pytest.mark.parametrize("table", OWNED)
async def test_user_cannot_write_rows_of_others(database: Database, owner: "asyncpg.Connection", table: str) -> None:
    """Nor can administrators, who may read them."""
    demo = await _user(owner, "demo")
    for subject, role in (("editor", "editor"), ("admin", "admin")):
        async with _as(database, await _user(owner, subject), role) as connection:
            assert (
                await connection.execute(f"update {table} set user_id = user_id where user_id = $1", demo) == "UPDATE 0"
            )
        async with _as(database, await _user(owner, subject), role) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await connection.execute(f"insert into {table} (user_id) values ($1)", demo)


async def test_only_editors_write_books(database: Database, owner: "asyncpg.Connection") -> None:
    change = "update books set title = 'Mine'"
    async with _as(database, await _user(owner, "demo")) as connection:
        assert await connection.execute(change) == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await connection.execute(
                "insert into books (id, title, author, description, jlpt_level, page_count, search_terms)"
                " values (gen_random_uuid(), 'Mine', 'Me', 'Mine.', 'N5', 1, '')"
            )
    async with _as(database, await _user(owner, "editor"), role="editor") as connection:
        assert await connection.execute(change) == f"UPDATE {await owner.fetchval('select count(*) from books')}"


@pytest.mark.parametrize(
    ("change", "readers"),
    [
        ("version = version", {"editor", "learner", ""}),
        ("published_at = null", {"editor"}),
        ("deleted_at = now()", set[str]()),
    ],
    ids=["published", "unpublished", "deleted"],
)
async def test_content_of_a_book_is_visible_with_it(
    database: Database, owner: "asyncpg.Connection", change: str, readers: set[str]
) -> None:
    # Assignments belong to groups.
    tables = [
        row["name"]
        for row in await owner.fetch(CONTENT, "books")
        if row["is_direct"] and not row["is_owned"] and row["name"] != "assignments"
    ]
    assert {"book_pages", "book_vocabulary", "book_texts", "exercises"} <= set(tables)
    book = await owner.fetchval("select book_id from exercises where book_id is not null order by 1 limit 1")
    counts = "select " + ", ".join(f"(select count(*) from {table} where book_id = $1) as {table}" for table in tables)
    [every] = map(dict, await owner.fetch(counts, book))
    assert all(every.values())
    async with _as(database, await _user(owner, "editor"), role="editor") as connection:
        await connection.execute(f"update books set {change} where id = $1", book)
        found = {}
        for role in ("editor", "learner", ""):
            await connection.execute("select set_config('app.role', $1, true)", role)
            [found[role]] = map(dict, await connection.fetch(counts, book))
    assert found == {role: every if role in readers else dict.fromkeys(tables, 0) for role in ("editor", "learner", "")}


async def test_learner_reads_published_books_only(database: Database, owner: "asyncpg.Connection") -> None:
    async with _as(database, await _user(owner, "editor"), role="editor") as connection:
        await connection.execute("update books set published_at = null")
        found = {}
        for role in ("editor", "learner", ""):
            await connection.execute("select set_config('app.role', $1, true)", role)
            found[role] = await connection.fetchval("select count(*) from books")
            title = "select count(*) from matching_books('猫')"
            assert (await connection.fetchval(title) > 0) is (role == "editor")
    assert found == {"editor": await owner.fetchval("select count(*) from books"), "learner": 0, "": 0}


@pytest.mark.parametrize("parent", ["books", "textbooks"])
async def test_tables_of_content_are_not_readable_by_everyone(owner: "asyncpg.Connection", parent: str) -> None:
    """Also tables that refer to such a table: a chapter's words to the chapter, and that to the textbook."""
    tables = [parent, *(row["name"] for row in await owner.fetch(CONTENT, parent))]
    assert len(tables) > 3
    readable = await owner.fetch(
        """
        select relname from pg_class where relname = any($1) and relnamespace = 'public'::regnamespace
            and has_table_privilege($2, oid, 'select') and not (relrowsecurity and not exists (
                select from pg_policies where tablename = relname and cmd in ('SELECT', 'ALL') and qual = 'true'
            ))
        """,
        tables,
        APPLICATION_ROLE,
    )
    assert [row["relname"] for row in readable] == []


async def test_deleted_public_textbook_is_hidden_from_learners(database: Database, owner: "asyncpg.Connection") -> None:
    textbook = await owner.fetchval("select id from textbooks where owner_id is null and is_public limit 1")
    async with _as(database, await _user(owner, "editor"), role="editor") as connection:
        await connection.execute("update textbooks set deleted_at = now() where id = $1", textbook)
        await connection.execute("select set_config('app.role', 'learner', true)")
        assert await connection.fetchval("select count(*) from textbooks where id = $1", textbook) == 0
        assert await connection.fetchval("select count(*) from chapters where textbook_id = $1", textbook) == 0


async def test_only_editors_write_pages(database: Database, owner: "asyncpg.Connection") -> None:
    book = await owner.fetchval("select book_id from book_pages order by 1 limit 1")
    insert = "insert into book_pages (book_id, number, text, ruby) values ($1, 99999, 'Mine.', '[]')"
    for role in ("learner", ""):
        async with _as(database, await _user(owner, "demo"), role) as connection:
            assert await connection.execute("delete from book_pages where book_id = $1", book) == "DELETE 0"
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await connection.execute(insert, book)
    async with _as(database, await _user(owner, "editor"), role="editor") as connection:
        assert await connection.execute(insert, book) == "INSERT 0 1"
        assert await connection.execute("delete from book_pages where number = 99999") == "DELETE 1"
    async with _as(database, await _user(owner, "editor"), role="editor") as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await connection.execute("update book_pages set text = 'Mine.'")


async def test_only_editors_write_the_words_of_books(database: Database, owner: "asyncpg.Connection") -> None:
    book = await owner.fetchval("select book_id from book_texts order by 1 limit 1")
    for table in ("book_vocabulary", "book_texts"):
        rows = await owner.fetchval(f"select count(*) from {table} where book_id = $1", book)
        delete = f"delete from {table} where book_id = $1"
        for role, deleted in (("learner", 0), ("editor", rows)):
            async with _as(database, await _user(owner, "editor"), role) as connection:
                assert await connection.fetchval(f"select count(*) from {table} where book_id = $1", book) == rows > 0
                assert await connection.execute(delete, book) == f"DELETE {deleted}"
        async with _as(database, await _user(owner, "editor"), role="learner") as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await connection.execute(f"insert into {table} select * from {table} where book_id = $1", book)


async def test_application_role_inserts_events_but_cannot_read_them(database: Database) -> None:
    async with database.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("select * from events")


async def test_only_triggers_write_tombstones(database: Database, owner: "asyncpg.Connection") -> None:
    demo = await _user(owner, "demo")
    for statement in (
        "insert into tombstones (user_id, object_id, type) values ($1, $1, 'CARD')",
        "update tombstones set type = 'CARD' where user_id = $1",
        "delete from tombstones where user_id = $1",
    ):
        async with _as(database, demo) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
                await connection.execute(statement, demo)


async def test_learner_cannot_become_administrator(database: Database, owner: "asyncpg.Connection") -> None:
    async with _as(database, await _user(owner, "demo")) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("update users set role = 'admin'")


@pytest.mark.parametrize(
    "statement",
    [
        "update users set role = 'admin'",
        "update users set blocked_at = null, blocked_reason = null",
        "select write_account(viewer_id(), 'admin', null, null, null)",
        "select * from lock_accounts(array[viewer_id()])",
    ],
)
async def test_only_administrators_change_roles_and_blocks(
    database: Database, owner: "asyncpg.Connection", statement: str
) -> None:
    """Not even in an account's own context."""
    for subject, role in (("demo", "learner"), ("editor", "editor")):
        async with _as(database, await _user(owner, subject), role) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


# Those of migration 0079, with arguments that name one account.
ACCOUNT_FUNCTIONS = {
    "find_accounts": "array[users.subject], array['app'], 20",
    "note_use": "array[users.id], array['app'], 20",
    "update_profiles": "array[users.id], array['haru@example.org'], array['Haru'], array[now()], array[true]",
}


async def test_only_the_application_executes_functions_of_sign_in(owner: "asyncpg.Connection") -> None:
    """They have a fixed search path."""
    unsafe = await owner.fetch(
        """
        select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace
            and proname = any($1) and (
                has_function_privilege('public', oid, 'execute')
                or not has_function_privilege($2, oid, 'execute')
                or not coalesce('search_path=""' = any(proconfig), false)
            )
        """,
        list(ACCOUNT_FUNCTIONS),
        APPLICATION_ROLE,
    )
    assert [row["proname"] for row in unsafe] == []
    definers = await owner.fetch(
        "select proname from pg_proc where prosecdef and proname = any($1)", list(ACCOUNT_FUNCTIONS)
    )
    assert {row["proname"] for row in definers} == set(ACCOUNT_FUNCTIONS)


async def test_look_up_returns_named_accounts_only(database: Database, owner: "asyncpg.Connection") -> None:
    """Of these the columns that sign-in needs. It opens nothing for other statements."""
    find = "select * from find_accounts($1, $2, 20)"
    async with database.connection() as connection:
        for subjects, expected in (
            (["demo", "editor", "unknown", None, "", "%", "dem"], {"demo", "editor"}),
            ([], set()),
            (None, set()),
            ([None], set()),
        ):
            clients = None if subjects is None else ["app"] * len(subjects)
            rows = await connection.fetch(find, subjects, clients)
            assert {row["subject"] for row in rows} == expected
            assert len(rows) == len(expected)
            assert all(
                list(row.keys()) == [
                    *("subject", "id", "role", "email", "email_verified", "display_name", "has_chosen_name"),
                    *("claims_issued_at", "deleted_at", "blocked_reason", "blocked_until", "is_use_due"),
                ]
                for row in rows
            )  # fmt: skip
            assert await connection.fetchval("select count(*) from users") == 0


@pytest.mark.parametrize("function", ["note_use", "update_profiles"])
async def test_updates_of_accounts_change_named_accounts_only(owner: "asyncpg.Connection", function: str) -> None:
    """Of these the columns that the application may change in an account's own context."""
    call = f"select {function}({ACCOUNT_FUNCTIONS[function]}) from users where subject = 'demo'"
    may_change = {
        "note_use": {"last_active_at", "clients"},
        "update_profiles": {"email", "display_name", "claims_issued_at", "email_verified", "updated_at"},
    }[function]
    rows = "select subject, to_jsonb(users) as columns from users order by id"
    transaction = owner.transaction()
    await transaction.start()
    try:
        await owner.execute("update users set last_active_at = '2026-01-01', updated_at = '2026-01-01'")
        before = await owner.fetch(rows)
        await owner.execute(call)
        after = await owner.fetch(rows)
    finally:
        await transaction.rollback()
    for old, new in zip(before, after, strict=True):
        first, second = (json.loads(row["columns"]) for row in (old, new))
        changed = {name for name in first if first[name] != second[name]}
        assert changed <= (may_change if old["subject"] == "demo" else set())
        assert changed or old["subject"] != "demo"


async def test_look_up_reads_each_account_by_the_index(owner: "asyncpg.Connection") -> None:
    """Whatever the number of users and of subjects is."""
    scans = "select seq_scan, idx_scan from pg_stat_xact_user_tables where relname = 'users'"
    subjects = [f"subject {number}" for number in range(250)]
    transaction = owner.transaction()
    await transaction.start()
    try:
        await owner.execute(
            "insert into users (id, subject, email, display_name, role) select gen_random_uuid(), 'subject ' || number,"
            " '', 'Haru', 'learner' from generate_series(0, 2999) as number"
        )
        await owner.execute("analyze users")
        before = await owner.fetchrow(scans)
        found = await owner.fetch("select * from find_accounts($1, $2, 20)", subjects, ["app"] * len(subjects))
        after = await owner.fetchrow(scans)
    finally:
        await transaction.rollback()
    assert len(found) == len(subjects)
    assert before is not None
    assert after is not None
    assert after["seq_scan"] == before["seq_scan"]
    assert after["idx_scan"] - before["idx_scan"] == len(subjects)


async def test_session_that_bypasses_policies_is_refused(owner_url: str) -> None:
    """As behind a pooler that drops the start-up parameter `role`."""
    async with asyncpg.create_pool(owner_url, min_size=1, max_size=1) as pool:
        connections = ConnectionPool(pool, 1, 1.0)
        with pytest.raises(ServiceUnavailable, match="bypass row-level security"):
            await Database(connections).assert_rls_enforced()
        await connections.close()


async def _user(owner: "asyncpg.Connection", subject: str) -> UUID:
    id: UUID = await owner.fetchval("select id from users where subject = $1", subject)
    return id


@asynccontextmanager
async def _as(database: Database, user_id: UUID, role: str = "learner") -> AsyncIterator[Any]:
    opening = f"begin; select set_config('app.user_id', '{user_id}', true), set_config('app.role', '{role}', true)"
    async with database.connection() as connection:
        await connection.execute(opening)
        try:
            yield connection
        finally:
            await connection.execute("rollback")


async def test_application_role_enqueues_but_cannot_dequeue(database: Database) -> None:
    """Queue entries refer to other users' jobs."""
    for statement in (
        "select payload from queue.entries",
        "delete from queue.entries",
        "update queue.entries set priority = 9",
        "select * from queue.log",
        "truncate queue.entries",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.connection() as connection:
                await connection.execute(statement)
