"""Invariants of all tables, read from the catalogue of a migrated database."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import db.tables

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ROOT / "db" / "migrations" / "versions"
PACKAGES = ("cache", "content", "db", "jobs", "loaders", "resolvers", "server")
SOURCES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if path.parent != VERSIONS]


def test_every_module_is_registered() -> None:
    """Without it, the tables of a module exist only in processes that import it for another reason."""
    modules = {module.name for module in iter_modules(db.tables.__path__)} - {"base"}
    assert modules == set(db.tables.__all__) - {"metadata"}


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


async def test_every_function_and_view_is_used(owner: Any) -> None:
    """By a statement of the code or by another object of the database. Migrations are history."""
    objects = await owner.fetch("""
        select proname as name, prosrc as text from pg_proc
        where pronamespace in ('public'::regnamespace, 'private'::regnamespace) and not exists (
            select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e'
        )
        union all select relname, pg_get_viewdef(oid) from pg_class
        where relkind in ('v', 'm') and relnamespace in ('public'::regnamespace, 'private'::regnamespace)
        union all select null, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
        union all select null, concat_ws(' ', qual, with_check) from pg_policies
        union all select null, pg_get_expr(adbin, adrelid) from pg_attrdef
        union all select null, pg_get_constraintdef(oid) from pg_constraint where contype = 'c'
        union all select null, indexdef from pg_indexes where schemaname in ('public', 'private')
    """)
    used = Counter(word for path in SOURCES for word in words_of_statements(ast.parse(path.read_text())))
    names: dict[str, Counter[str]] = {}
    for name, text in objects:
        used.update(words := Counter(re.findall(r"\w+", text)))
        if name is not None:
            names.setdefault(name, Counter()).update(words)
    # A recursive function uses itself.
    unused = [name for name, words in names.items() if used[name] == words[name]]
    assert len(names) > 40
    assert unused == []


def words_of_statements(module: ast.Module) -> Iterator[str]:
    """The words of all strings but docstrings, and the functions of SQLAlchemy's `func`."""
    docstrings = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from re.findall(r"\w+", node.value)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "func":
            yield node.attr
