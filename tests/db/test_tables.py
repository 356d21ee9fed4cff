"""Invariants of all tables, read from the catalogue of a migrated database."""

from typing import Any


async def test_every_foreign_key_has_an_index(owner: Any) -> None:
    """Without one, deleting a row reads the whole table that refers to it."""
    without = await owner.fetch("""
        select conrelid::regclass || ' ' || conname
        from pg_constraint join pg_class on pg_class.oid = conrelid
        where contype = 'f' and not relispartition and connamespace = 'public'::regnamespace
            and not exists (
                select 1 from pg_index
                where indrelid = conrelid and (indkey::int2[])[0 : cardinality(conkey) - 1] = conkey
            )
    """)
    assert [row[0] for row in without] == []


async def test_constraint_names_follow_the_convention(owner: Any) -> None:
    odd = await owner.fetch("""
        select conname from pg_constraint join pg_class on pg_class.oid = conrelid
        where connamespace = 'public'::regnamespace and not relispartition and contype <> 'n'
            and relname <> 'alembic_version' and conname !~ ('^(pk|uq|ck|fk)_' || relname)
    """)
    assert [row[0] for row in odd] == []


async def test_every_timestamp_has_a_time_zone(owner: Any) -> None:
    naive = await owner.fetch(
        "select table_name || '.' || column_name from information_schema.columns"
        " where table_schema = 'public' and data_type = 'timestamp without time zone'"
    )
    assert [row[0] for row in naive] == []


async def test_security_definer_functions_set_the_search_path(owner: Any) -> None:
    loose = await owner.fetch(
        "select proname from pg_proc where pronamespace in ('public'::regnamespace, 'private'::regnamespace)"
        " and prosecdef and not coalesce(array_to_string(proconfig, ',') like '%search_path=%', false)"
    )
    assert [row[0] for row in loose] == []
