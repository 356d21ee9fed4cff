"""Learner data can be distributed with Citus: proved on PostgreSQL alone. `make citus` runs it on a cluster."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from content.same_words import merge_words
from db.core.database import owner_connection
from db.distribution.statements import VARIANT_SCRIPT, variant_statements
from db.distribution.tables import DISTRIBUTED_TABLES, REFERENCE_TABLES
from db.tables import metadata
from domain.errors import ServiceUnavailable
from tests.clients import Client, client_of
from tests.databases import created
from tests.distribution import check_totals, make_variant, run_all
from tests.learner_progress import check_progress, check_visibility_of_book, check_visibility_of_chapter
from tests.named_statements import named_statements
from tests.review_assertions import days_ago

# Tables with data of learners that stay on the coordinator, by the reason.
_LOCAL_TABLES = {
    "sign-in looks for accounts by subject, and administrators by name": ("users",),
    "jobs are taken across learners, with SKIP LOCKED": ("jobs", "job_events", "model_usage"),
    "they refer to jobs": ("analyzed_texts", "imports", "import_words", "import_reports", "uploads"),
    "the sender and administrators read them across learners": ("notifications", "notification_preferences", "emails"),
    "editors read them across learners": ("reports",),
    "teachers and members read each other's": ("group_members",),
}
_LEARNER_TABLES = """
    select relname from pg_class join pg_attribute on attrelid = pg_class.oid and attname = 'user_id'
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and not attisdropped
"""
_CONDITIONS = ("Index Cond", "Recheck Cond", "Filter", "Hash Cond", "Merge Cond", "Join Filter")
# Those of editors, administrators, teachers, jobs and senders are about several learners.
_OF_LEARNERS = {*DISTRIBUTED_TABLES} | {
    *("analyzed_texts", "uploads", "imports", "import_words", "import_reports"),
    *("notifications", "notification_preferences"),
}
# Unique keys, foreign keys and policies.
_KEYS = """
    select indrelid::regclass::text as table_name, indexrelid::regclass::text as name, attname as first
    from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]
    where indrelid = any($1::text[]::regclass[]) and indisunique
"""
_FOREIGN_KEYS = """
    select conrelid::regclass::text as table_name, confrelid::regclass::text as target, pg_get_constraintdef(oid) as key
    from pg_constraint where contype = 'f' and conparentid = 0
        and (conrelid = any($1::text[]::regclass[]) or confrelid = any($1::text[]::regclass[]))
"""
_POLICIES = """
    select tablename, concat(qual, ' ', with_check) as expression from pg_policies where tablename = any($1)
"""
_TRIGGERS = "select tgname from pg_trigger where tgrelid = any($1::text[]::regclass[]) and not tgisinternal"
_STAMPED_TABLES = "|".join(table.name for table in metadata.tables.values() if "changed_in" in table.c)
_STAMPED = re.compile(
    rf"\bupdate (?:{_STAMPED_TABLES})\b|\binsert into (?:{_STAMPED_TABLES})\b[^;]*?\bdo update set\b", re.IGNORECASE
)
_STAMP = re.compile(r"\bchanged_in\s*=\s*(?:pg_current_xact_id\(\)|excluded\.changed_in)")

# In the functions of both.
_SETS_VIEWER = re.compile(
    r"""
    PERFORM\ set_config\([^;]*; | SET\ LOCAL\ app\.role\ =\ 'learner'; | EXECUTE\ format\('SET\ LOCAL[^;]*;
    """,
    re.VERBOSE,
)
_WORD = '{ searchVocabulary(query: "食べる", first: 1) { nodes { id } } }'


async def test_every_learner_table_has_a_place(owner: Any) -> None:
    found = {row[0] for row in await owner.fetch(_LEARNER_TABLES)}
    local = {table for tables in _LOCAL_TABLES.values() for table in tables}
    assert found <= local | set(DISTRIBUTED_TABLES), "add to db/distribution/tables.py, or below the reasons"
    assert local.isdisjoint(DISTRIBUTED_TABLES)


async def test_learner_statements_name_the_learner_for_each_table(owner: Any) -> None:
    """By their plans, in which a condition may follow from others. The owner's have no conditions of policies."""
    mentions = re.compile(rf"\b(?:{'|'.join(_OF_LEARNERS)})\b")
    checked, missing = 0, {}
    await owner.execute("set plan_cache_mode = force_generic_plan")
    for name, statement in named_statements():
        if not mentions.search(statement.sql):
            continue
        checked += 1
        nodes = list(_nodes(await _generic_plan(owner, statement.sql)))
        conditions = " ".join(node[key] for node in nodes for key in _CONDITIONS if key in node)
        tables = {
            table
            for node in nodes
            if node["Node Type"] != "ModifyTable"
            and (table := _table(node)) in _OF_LEARNERS
            # A partition has a number in its alias.
            and not re.search(rf"\b{node['Alias']}\.user_id\b", conditions)
        } | {
            table
            for table, columns in re.findall(r"insert into (\w+) \(([^)]*)\)", statement.sql, re.IGNORECASE)
            if table in _OF_LEARNERS and not re.search(r"\buser_id\b", columns)
        }
        if tables:
            missing[name or statement.name] = tables
    assert checked > 150
    assert missing == {}


async def _generic_plan(connection: Any, sql: str) -> dict[str, Any]:
    await connection.execute(f"prepare learner_statement as {sql}")
    placeholders = ["null"] * max((int(number) for number in re.findall(r"\$(\d+)", sql)), default=0)
    arguments = f"({', '.join(placeholders)})" if placeholders else ""
    plan = await connection.fetchval(
        f"explain (generic_plan, verbose, costs off, format json) execute learner_statement{arguments}"
    )
    await connection.execute("deallocate learner_statement")
    found: dict[str, Any] = json.loads(plan)[0]["Plan"]
    return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _table(node: dict[str, Any]) -> str:
    name: str = node.get("Relation Name", "")
    return "reviews" if name.startswith("reviews_") else name


def test_updates_of_stamped_tables_set_the_transaction() -> None:
    """Triggers set it on a single server."""
    for name, statement in named_statements():
        assert len(_STAMPED.findall(statement.sql)) <= len(_STAMP.findall(statement.sql)), name or statement.name


@pytest.fixture(scope="module")
async def variant(servers: tuple[str, str], template: str) -> AsyncIterator[str]:
    async with created(servers[0], f"{template}_variant", template) as url:
        async with owner_connection(url) as connection:
            await make_variant(connection)
        yield url


@pytest.fixture
async def connection(variant: str) -> AsyncIterator[Any]:
    async with owner_connection(variant) as connection:
        yield connection


async def test_keys_begin_with_the_learner(connection: Any) -> None:
    keys = await connection.fetch(_KEYS, list(DISTRIBUTED_TABLES))
    assert {key["table_name"] for key in keys} == set(DISTRIBUTED_TABLES)
    assert [key["name"] for key in keys if key["first"] != "user_id"] == []


async def test_foreign_keys_stay_on_one_server(connection: Any) -> None:
    keys = await connection.fetch(_FOREIGN_KEYS, [*DISTRIBUTED_TABLES, *REFERENCE_TABLES])
    assert len(keys) > 5
    for key in keys:
        assert key["table_name"] in DISTRIBUTED_TABLES, key
        assert key["target"] in REFERENCE_TABLES or key["key"].startswith("FOREIGN KEY (user_id, "), key
        assert key["target"] in (*REFERENCE_TABLES, *DISTRIBUTED_TABLES), key
        assert key["key"].endswith("ON DELETE CASCADE"), key


async def test_distributed_tables_have_no_triggers_and_no_subqueries_in_policies(connection: Any) -> None:
    assert await connection.fetch(_TRIGGERS, [*DISTRIBUTED_TABLES, *REFERENCE_TABLES]) == []
    policies = await connection.fetch(_POLICIES, list(DISTRIBUTED_TABLES))
    assert {policy["tablename"] for policy in policies} == set(DISTRIBUTED_TABLES)
    assert [policy for policy in policies if "select" in policy["expression"].lower()] == []


async def test_second_run_changes_nothing(connection: Any) -> None:
    statements = await variant_statements(connection)
    # Functions are replaced.
    assert len(statements.before) == 1
    assert statements.after == []


def test_script_changes_no_distributed_table() -> None:
    """When it is run again, Citus would send the whole script to the servers with their rows, which reject it."""
    changes = rf"^(?:ALTER|CREATE POLICY|DROP POLICY|GRANT|REVOKE)\b[^;]*\b(?:{'|'.join(DISTRIBUTED_TABLES)})\b"
    assert re.search(changes, VARIANT_SCRIPT.read_text(), re.MULTILINE) is None


@pytest.fixture(scope="module")
async def learner(variant: str, redis_url: str) -> AsyncIterator[Client]:
    async with client_of(variant, redis_url) as client:
        yield client


_CREATE = "mutation { createCards(input: {jlptLevel: N5, limit: 3}) { cards { id } } }"
_REVIEWED_TODAY = "{ viewer { dashboard { dueNow reviewsToday } } }"
_REVIEW = "mutation($input: ReviewCardsInput!) { reviewCards(input: $input) { results { error { code } } } }"
_DELETE = "mutation($input: DeleteCardsInput!) { deleteCards(input: $input) { deletedIds } }"


async def _run(client: Client, document: str, input: Any = None) -> Any:
    answer = await client.run(document, {"input": input} if input else None, user="variant")
    return answer.data


async def test_statements_do_what_triggers_did(learner: Client, connection: Any) -> None:
    """A new learner creates, reviews and deletes cards; cached totals are renewed after each mutation."""
    created = await _run(learner, _CREATE)
    ids = [card["id"] for card in created["createCards"]["cards"]]
    totals = await _run(learner, _REVIEWED_TODAY)
    assert totals["viewer"]["dashboard"] == {"dueNow": 3, "reviewsToday": 0}
    reviews = [{"cardId": id, "quality": 4, "idempotencyKey": id} for id in ids[:2]]
    await _run(learner, _REVIEW, {"reviews": reviews})
    totals = await _run(learner, _REVIEWED_TODAY)
    assert totals["viewer"]["dashboard"]["reviewsToday"] == 2
    await _run(learner, _DELETE, {"cardIds": ids[1:]})

    own = "user_id = (select id from users where subject = 'variant')"
    popularity = f"""
        select bool_and(cards.popularity = vocabulary.popularity and cards.popularity > 0)
        from cards join vocabulary on vocabulary.id = vocabulary_id where {own}
    """
    assert await connection.fetchval(popularity)
    assert await connection.fetchval(f"select count(distinct changed_in) from cards where {own}") == 2
    assert await connection.fetchval(f"select count(*) from tombstones where {own} and type = 'CARD'") == 2


async def test_content_is_joined_as_on_a_single_server(client: Client, learner: Client) -> None:
    """For a learner with cards, and for an anonymous client."""
    word = (await client.run(_WORD)).data["searchVocabulary"]["nodes"][0]["id"]
    single = await run_all(client, word, "demo")
    assert await run_all(learner, word, "demo") == single
    assert any(book["coverage"] and book["coverage"]["words"]["known"] for book in single["coverage"]["books"]["nodes"])
    assert len(single["words to learn"]["book"]["wordsToLearn"]) > 10
    assert single["sentences of known words"]["exampleSentences"]["totalCount"] > 3
    assert await run_all(learner, word, None) == await run_all(client, word, None)


async def test_teachers_and_administrators_see_the_totals_of_learners(learner: Client) -> None:
    await _run(learner, _CREATE)
    await check_totals(learner, "teacher of the variant", ["demo", "variant"])


async def test_progress_is_seen_and_follows_its_content(learner: Client, variant: str) -> None:
    await check_progress(learner, variant, days_ago(-7))
    await check_visibility_of_book(learner, variant)
    await check_visibility_of_chapter(learner, variant)


async def test_functions_of_the_variant_differ_in_how_they_set_the_learner_only(owner: Any, connection: Any) -> None:
    """A migration that changes them changes `variant.sql`, too."""
    for name in ("read_as_members", "read_as_users"):
        definition = "select prosrc from pg_proc where proname = $1"
        single, variant = [
            re.findall(r"\S+", re.sub(_SETS_VIEWER, "", await each.fetchval(definition, name)))
            for each in (owner, connection)
        ]
        assert single == variant, name


async def test_words_are_not_merged(connection: Any) -> None:
    one, other = await connection.fetchval("select array_agg(id) from (select id from vocabulary limit 2) as found")
    with pytest.raises(ServiceUnavailable, match="merges words"):
        await merge_words(connection, {one: other})
    assert await connection.fetchval("select count(*) from vocabulary where id = any($1)", [one, other]) == 2
