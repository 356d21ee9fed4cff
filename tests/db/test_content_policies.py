"""Policies of books, textbooks and what belongs to them: who reads them, and that editors write them."""

import asyncpg
import pytest

from db.core.database import APPLICATION_ROLE, Database
from domain.ids import new_id
from tests.db.viewers import connection_as, user_id

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


async def test_private_textbook_is_visible_to_its_owner_only(database: Database, owner: "asyncpg.Connection") -> None:
    demo = await user_id(owner, "demo")
    private = await owner.fetchval("select id from textbooks where owner_id = $1 and not is_public", demo)
    chapters = "select count(*) from chapters where textbook_id = $1"
    words = "select count(*) from chapter_vocabulary join chapters on chapters.id = chapter_id where textbook_id = $1"
    async with connection_as(database, demo) as connection:
        assert await connection.fetchval(chapters, private) > 0
        assert await connection.fetchval(words, private) > 0
    for stranger in (await user_id(owner, "editor"), new_id()):
        async with connection_as(database, stranger, role="editor") as connection:
            assert await connection.fetchval("select count(*) from textbooks where id = $1", private) == 0
            assert await connection.fetchval(chapters, private) == 0
            assert await connection.fetchval(words, private) == 0


async def test_learner_cannot_write_public_textbook(database: Database, owner: "asyncpg.Connection") -> None:
    demo = await user_id(owner, "demo")
    async with connection_as(database, demo) as connection:
        assert await connection.execute("update textbooks set title = 'Mine' where owner_id is null") == "UPDATE 0"
        assert (
            await connection.execute(
                "update chapters set title = 'Mine' where textbook_id in "
                "(select id from textbooks where owner_id is null)"
            )
            == "UPDATE 0"
        )


async def test_deleted_public_textbook_is_hidden_from_learners(database: Database, owner: "asyncpg.Connection") -> None:
    textbook = await owner.fetchval("select id from textbooks where owner_id is null and is_public limit 1")
    async with connection_as(database, await user_id(owner, "editor"), role="editor") as connection:
        await connection.execute("update textbooks set deleted_at = now() where id = $1", textbook)
        await connection.execute("select set_config('app.role', 'learner', true)")
        assert await connection.fetchval("select count(*) from textbooks where id = $1", textbook) == 0
        assert await connection.fetchval("select count(*) from chapters where textbook_id = $1", textbook) == 0


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
    async with connection_as(database, await user_id(owner, "editor"), role="editor") as connection:
        await connection.execute(f"update books set {change} where id = $1", book)
        found = {}
        for role in ("editor", "learner", ""):
            await connection.execute("select set_config('app.role', $1, true)", role)
            [found[role]] = map(dict, await connection.fetch(counts, book))
    assert found == {role: every if role in readers else dict.fromkeys(tables, 0) for role in ("editor", "learner", "")}


async def test_learner_reads_published_books_only(database: Database, owner: "asyncpg.Connection") -> None:
    async with connection_as(database, await user_id(owner, "editor"), role="editor") as connection:
        await connection.execute("update books set published_at = null")
        found = {}
        for role in ("editor", "learner", ""):
            await connection.execute("select set_config('app.role', $1, true)", role)
            found[role] = await connection.fetchval("select count(*) from books")
            title = "select count(*) from matching_books('猫')"
            assert (await connection.fetchval(title) > 0) is (role == "editor")
    assert found == {"editor": await owner.fetchval("select count(*) from books"), "learner": 0, "": 0}


async def test_only_editors_write_books(database: Database, owner: "asyncpg.Connection") -> None:
    change = "update books set title = 'Mine'"
    async with connection_as(database, await user_id(owner, "demo")) as connection:
        assert await connection.execute(change) == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await connection.execute(
                "insert into books (id, title, author, description, jlpt_level, page_count, search_terms)"
                " values (gen_random_uuid(), 'Mine', 'Me', 'Mine.', 'N5', 1, '')"
            )
    async with connection_as(database, await user_id(owner, "editor"), role="editor") as connection:
        assert await connection.execute(change) == f"UPDATE {await owner.fetchval('select count(*) from books')}"


async def test_only_editors_write_pages(database: Database, owner: "asyncpg.Connection") -> None:
    book = await owner.fetchval("select book_id from book_pages order by 1 limit 1")
    insert = "insert into book_pages (book_id, number, text, ruby) values ($1, 99999, 'Mine.', '[]')"
    for role in ("learner", ""):
        async with connection_as(database, await user_id(owner, "demo"), role) as connection:
            assert await connection.execute("delete from book_pages where book_id = $1", book) == "DELETE 0"
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await connection.execute(insert, book)
    async with connection_as(database, await user_id(owner, "editor"), role="editor") as connection:
        assert await connection.execute(insert, book) == "INSERT 0 1"
        assert await connection.execute("delete from book_pages where number = 99999") == "DELETE 1"
    async with connection_as(database, await user_id(owner, "editor"), role="editor") as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await connection.execute("update book_pages set text = 'Mine.'")


async def test_only_editors_write_the_words_of_books(database: Database, owner: "asyncpg.Connection") -> None:
    book = await owner.fetchval("select book_id from book_texts order by 1 limit 1")
    for table in ("book_vocabulary", "book_texts"):
        rows = await owner.fetchval(f"select count(*) from {table} where book_id = $1", book)
        delete = f"delete from {table} where book_id = $1"
        for role, deleted in (("learner", 0), ("editor", rows)):
            async with connection_as(database, await user_id(owner, "editor"), role) as connection:
                assert await connection.fetchval(f"select count(*) from {table} where book_id = $1", book) == rows > 0
                assert await connection.execute(delete, book) == f"DELETE {deleted}"
        async with connection_as(database, await user_id(owner, "editor"), role="learner") as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await connection.execute(f"insert into {table} select * from {table} where book_id = $1", book)
