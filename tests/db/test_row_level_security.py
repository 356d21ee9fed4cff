"""Row-level security protects the rows of users from each other, whatever a query's conditions are."""

import asyncpg
import pytest
from asyncpg.pool import create_pool

from db.core.database import APPLICATION_ROLE, Database
from db.core.pool import ConnectionPool
from domain.errors import ServiceUnavailable
from domain.ids import new_id
from tests.db.viewers import connection_as, user_id

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
    demo = await user_id(owner, "demo")
    async with connection_as(database, demo) as connection:
        assert await connection.fetchval(f"select count(*) from {table} where user_id <> $1", demo) == 0
    async with connection_as(database, new_id()) as connection:
        assert await connection.fetchval(f"select count(*) from {table}") == 0
    async with database.connection() as connection:
        assert await connection.fetchval(f"select count(*) from {table}") == 0


async def test_learner_sees_only_own_statistics(database: Database, owner: "asyncpg.Connection") -> None:
    demo = await user_id(owner, "demo")
    async with connection_as(database, demo) as connection:
        rows = await connection.fetch("select user_id from learner_statistics")
        assert [row["user_id"] for row in rows] == [demo]
        for table in ANALYTICS:
            assert await connection.fetch(f"select * from {table}") == []
    async with connection_as(database, await user_id(owner, "editor")) as connection:
        assert await connection.fetch("select * from learner_statistics") == []


@pytest.mark.parametrize("table", OWNED)
async def test_user_cannot_write_rows_of_others(database: Database, owner: "asyncpg.Connection", table: str) -> None:
    """Nor can administrators, who may read them."""
    demo = await user_id(owner, "demo")
    for subject, role in (("editor", "editor"), ("admin", "admin")):
        async with connection_as(database, await user_id(owner, subject), role) as connection:
            assert (
                await connection.execute(f"update {table} set user_id = user_id where user_id = $1", demo) == "UPDATE 0"
            )
        async with connection_as(database, await user_id(owner, subject), role) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await connection.execute(f"insert into {table} (user_id) values ($1)", demo)


async def test_application_role_inserts_events_but_cannot_read_them(database: Database) -> None:
    async with database.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("select * from events")


async def test_only_triggers_write_tombstones(database: Database, owner: "asyncpg.Connection") -> None:
    demo = await user_id(owner, "demo")
    for statement in (
        "insert into tombstones (user_id, object_id, type) values ($1, $1, 'CARD')",
        "update tombstones set type = 'CARD' where user_id = $1",
        "delete from tombstones where user_id = $1",
    ):
        async with connection_as(database, demo) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
                await connection.execute(statement, demo)


async def test_session_that_bypasses_policies_is_refused(owner_url: str) -> None:
    """As behind a pooler that drops the start-up parameter `role`."""
    # `asyncpg.create_pool` leads to PgBouncer, and its login, if there is one.
    async with create_pool(owner_url, min_size=1, max_size=1) as pool:
        connections = ConnectionPool(pool, 1, 1.0)
        with pytest.raises(ServiceUnavailable, match="bypass row-level security"):
            await Database(connections).assert_rls_enforced()
        await connections.close()


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
