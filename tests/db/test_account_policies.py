"""Policies and functions of accounts: of their roles and blocks, and for sign-in."""

import json

import asyncpg
import pytest

from db.core.database import APPLICATION_ROLE, Database
from tests.db.viewers import connection_as, user_id


async def test_learner_cannot_become_administrator(database: Database, owner: "asyncpg.Connection") -> None:
    async with connection_as(database, await user_id(owner, "demo")) as connection:
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
        async with connection_as(database, await user_id(owner, subject), role) as connection:
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
