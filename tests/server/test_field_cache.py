"""The field cache over HTTP: right for each viewer."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from graphql import get_named_type, is_object_type

from domain.ids import global_id
from loaders.base import OwnByKey
from schema.cache_control import CACHE_POLICIES
from tests.clients import Answer, Client, client_of
from tests.databases import column, execute
from tests.schema.root_types import QUERY, object_type
from tests.schema.selections import ARGUMENTS, leaves

BOOKS = "query($first: Int = 3) { books(first: $first) { nodes { id title version progress { percent } } } }"
BOOK = "query($id: ID!) { book(id: $id) { title } }"
TEXTBOOK = "query($id: ID!) { textbook(id: $id) { title chapters { title } owner { displayName } } }"
DASHBOARD = "{ viewer { dashboard { reviewsToday dueNow currentlyReading(first: 1) { percent } } } }"
UPDATE = """mutation($input: UpdateBookInput!) { updateBook(input: $input) { book { title } errors { message } } }"""
READ = """mutation($input: UpdateReadingProgressInput!) {
    updateReadingProgress(input: $input) { errors { message } } }"""


def outcomes(answered: Answer) -> dict[str, dict[str, int]]:
    """The outcomes of the cached fields."""
    found: dict[str, dict[str, int]] = answered.body["extensions"]["stats"].get("cache", {})
    return found


async def until(found: Callable[[], Awaitable[object]]) -> None:
    """Waits for the condition."""
    async with asyncio.timeout(60):
        while not await found():  # noqa: ASYNC110  # what it asks may need a request
            # A request to an application in this process may complete without yielding to other tasks.
            await asyncio.sleep(0)


async def test_public_field_is_computed_once_with_holes_per_viewer(writable: Client) -> None:
    first = await writable.run(BOOKS, user="demo")
    assert outcomes(first) == {"Query.books": {"misses": 1, "holes": 3}}
    assert first.statements == 2
    for viewer, statements in (("demo", 1), ("somebody else", 1), (None, 0)):
        again = await writable.run(BOOKS, user=viewer)
        assert outcomes(again) == {"Query.books": {"hits": 1, "holes": 3}}
        assert again.statements == statements
        shown = [{**node, "progress": None} for node in again.data["books"]["nodes"]]
        assert shown == [{**node, "progress": None} for node in first.data["books"]["nodes"]]


async def test_holes_have_the_viewers_values(writable: Client) -> None:
    [book, *_] = (await writable.run(BOOKS)).data["books"]["nodes"]
    for page in (1, 2):
        read = {"input": {"bookId": book["id"], "currentPage": page}}
        await writable.run(READ, read, user="reader")
        shown = [
            (await writable.run(BOOKS, user=viewer)).data["books"]["nodes"][0]["progress"]
            for viewer in ("reader", "somebody else", None)
        ]
        assert shown[0]["percent"] > 0
        assert shown[1:] == [None, None]


async def test_aliases_and_variable_names_share_a_value(writable: Client) -> None:
    await writable.run(BOOKS)
    query = "query($n: Int) { shelf: books(first: $n) { nodes { id title version progress { status } } } }"
    other = await writable.run(query, {"n": 3}, user="demo")
    assert outcomes(other) == {"Query.books": {"hits": 1, "holes": 3}}
    assert set(other.data) == {"shelf"}
    assert outcomes(await writable.run(query, {"n": 4})) == {"Query.books": {"misses": 1, "holes": 4}}


async def test_private_value_is_visible_to_its_owner_only(writable: Client, writable_database_url: str) -> None:
    """A textbook that is deleted, then public, then private."""
    [id] = await column(writable_database_url, "select id from textbooks where deleted_at is null limit 1")
    [demo] = await column(writable_database_url, "select id from users where subject = 'demo'")
    variables = {"id": global_id("Textbook", id)}
    viewers = ("demo", "somebody else", None, "editor", "admin")
    listed = "{ textbooks(first: 100) { nodes { id } } }"
    for is_public in (True, False, True, False):
        await execute(
            writable_database_url,
            f"update textbooks set is_public = {is_public}, owner_id = '{demo}' where id = '{id}'",
        )
        for viewer in viewers:
            for _ in range(2):

                async def is_right(viewer: str | None = viewer, visible: bool = is_public or viewer == "demo") -> bool:
                    found = (await writable.run(TEXTBOOK, variables, user=viewer)).data["textbook"]
                    in_list = variables["id"] in str((await writable.run(listed, user=viewer)).data)
                    return (found is not None, in_list) == (visible, visible)

                await until(is_right)
        shown = (await writable.run(TEXTBOOK, variables, user="demo")).data["textbook"]
        assert shown["chapters"]
        assert shown["owner"]["displayName"]


async def test_value_below_a_row_belongs_to_that_row(writable: Client, writable_database_url: str) -> None:
    """The path of the field is the same for each book."""
    query = "{ viewer { continue { book { book { id coverage { words { total } } } } } } }"
    alone = "query($id: ID!) { book(id: $id) { coverage { words { total } } } }"
    books = await column(
        writable_database_url, "select book_id from book_pages group by 1 order by count(*) desc limit 3"
    )
    for id in (global_id("Book", book) for book in (*books, books[0])):
        read = await writable.run(READ, {"input": {"bookId": id, "currentPage": 1}}, user="reader")
        assert read.data["updateReadingProgress"]["errors"] == []
        found = await writable.run(query, user="reader")
        book = found.data["viewer"]["continue"]["book"]["book"]
        expected = (await writable.run(alone, {"id": id}, user="reader")).data["book"]["coverage"]
        assert (book["id"], book["coverage"]) == (id, expected)
        again = await writable.run(query, user="reader")
        assert outcomes(again) == {"Book.coverage": {"hits": 1}}


async def test_unpublished_rows_are_visible_to_editors_only(writable: Client) -> None:
    create = """mutation { createBook(input: {
        title: "下書き", author: "a", description: "d", jlptLevel: N3, pageCount: 1 }) { book { id } } }"""
    created = (await writable.run(create, user="editor")).data["createBook"]["book"]["id"]
    for _ in range(2):
        for viewer in ("editor", "demo", "admin", None):
            listed = created in str((await writable.run(BOOKS, user=viewer)).data)
            shown = (await writable.run(BOOK, {"id": created}, user=viewer)).data["book"] is not None
            assert listed == shown == (viewer in ("editor", "admin")), viewer


@pytest.mark.parametrize(
    "query",
    [
        "{ books(filter: {status: READING}, first: 2) { nodes { title } } }",
        "query($f: BookFilter = {status: READING}) { books(filter: $f, first: 2) { nodes { title } } }",
        "query($s: ReadingStatus = READING) { books(filter: {status: $s}, first: 2) { nodes { title } } }",
        "{ vocabulary(filter: {hasCard: true}, first: 2) { nodes { word } } }",
        '{ searchVocabulary(query: "人", filter: {hasCard: true}, first: 2) { nodes { word } } }',
    ],
)
async def test_viewer_argument_is_not_cached(client: Client, query: str) -> None:
    demo = await client.run(query, user="demo")
    assert "cache" not in demo.body["extensions"]["stats"]
    assert demo.statements > 0
    assert (await client.run(query, user="nobody's cards")).data != demo.data
    assert (await client.run(query)).error_codes == ["UNAUTHENTICATED"]


async def test_errors_are_not_cached(writable: Client) -> None:
    query = 'query($c: String!) { kanji(character: $c) { meanings } books(first: 1, after: "broken") { nodes { id } } }'
    for _ in range(2):
        failed = await writable.run(query, {"c": "日本"})
        assert set(failed.error_codes) == {"BAD_USER_INPUT"}
        assert failed.headers["Cache-Control"] == "private, no-cache"


async def test_failed_hole_is_null_with_an_error(writable: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the template around it was computed or cached; and the error is not cached."""

    async def fail(_: object, keys: Sequence[object]) -> list[object]:
        return [RuntimeError("broken") if number == 1 else None for number, _ in enumerate(keys)]

    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(OwnByKey, "load_keys", fail)
            failed = await writable.run(BOOKS, user="demo")
        assert failed.error_codes == ["INTERNAL_SERVER_ERROR"]
        assert failed.body["errors"][0]["path"] == ["books", "nodes", 1, "progress"]
        assert [node["progress"] for node in failed.body["data"]["books"]["nodes"]] == [None] * 3
        assert failed.headers["Cache-Control"] == "private, no-cache"
    assert outcomes(await writable.run(BOOKS, user="demo")) == {"Query.books": {"hits": 1, "holes": 3}}


async def test_hole_below_the_viewer_that_fails_is_null_alone(
    writable: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    field: Any = object_type("Dashboard").fields["currentlyReading"]
    resolver = field.extensions["strawberry-definition"].base_resolver

    async def fail(parent: Any, info: Any, first: int) -> Any:
        raise RuntimeError("broken")

    await writable.run(DASHBOARD, user="demo")
    with monkeypatch.context() as patch:
        patch.setattr(resolver, "wrapped_func", fail)
        # A new document, so that a new plan is built.
        failed = await writable.run(f"query Failing {DASHBOARD}", user="demo")
    dashboard = failed.body["data"]["viewer"]["dashboard"]
    assert dashboard.pop("currentlyReading") is None
    assert dashboard
    assert None not in dashboard.values()
    assert failed.body["errors"][0]["path"] == ["viewer", "dashboard", "currentlyReading"]


async def test_public_field_that_reads_the_viewer_is_an_error(
    writable: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In development; in production the field is resolved without the cache."""
    field: Any = QUERY.fields["kanji"]
    definition = field.extensions["strawberry-definition"]
    resolver = definition.base_resolver.wrapped_func

    async def reads_the_viewer(info: Any, character: str) -> Any:
        assert info.context.viewer is None or info.context.viewer.id
        return await resolver(info, character)

    monkeypatch.setattr(definition.base_resolver, "wrapped_func", reads_the_viewer)
    answered = await writable.run('{ kanji(character: "日") { meanings } }', user="demo")
    assert answered.error_codes == ["INTERNAL_SERVER_ERROR"]


def shared_fields() -> list[str]:
    return [
        name
        for name, field in QUERY.fields.items()
        if (policy := CACHE_POLICIES.of_field(QUERY, name, field)) is not None and not policy.is_private
    ]


@pytest.fixture(scope="module")
async def unlimited_cost_client(content_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    """A client of a server without a cost limit: the operations of these tests select all fields together."""
    async with client_of(content_database_url, redis_url, max_query_cost=10**9) as client:
        yield client


@pytest.mark.parametrize("name", shared_fields())
async def test_public_field_has_equal_bytes_for_two_learners(
    unlimited_cost_client: Client, content_database_url: str, name: str
) -> None:
    """With all public fields below it, three levels deep; each learner is the first one once."""
    [book] = await column(content_database_url, "select id from books limit 1")
    [textbook] = await column(content_database_url, "select id from textbooks where is_public limit 1")
    variables = {"book": global_id("Book", book), "textbook": global_id("Textbook", textbook)}
    arguments = ARGUMENTS.get(f"Query.{name}", "").format(n=5)
    used = {key: value for key, value in variables.items() if f"${key}" in arguments}
    declared = ", ".join(f"${key}: ID!" for key in used)
    selection = _shared_selection(get_named_type(QUERY.fields[name].type), 4)
    text = f"{name}{arguments} {{ {selection} }}"
    shown = set()
    for number, viewer in enumerate(("demo", "another", "demo", None, "another")):
        # A new alias, so that only the field's value can come from the cache.
        operation = f"query Q{number}{f'({declared})' if declared else ''} {{ {text} }}"
        answered = await unlimited_cost_client.run(operation, used, user=viewer)
        shown.add(json.dumps(answered.data))
        assert f"Query.{name}" in outcomes(answered)
    assert len(shown) == 1
    live = await unlimited_cost_client.run(
        f"query Live{f'({declared})' if declared else ''} {{ {text} }}", used, user="admin", headers=NO_CACHE
    )
    assert "cache" not in live.body["extensions"]["stats"]
    assert json.dumps(live.data) in shown


NO_CACHE = {"Cache-Control": "no-cache"}


def _shared_selection(type_: Any, depth: int) -> str:
    fields = [leaves(type_)]
    if depth:
        for name, field in type_.fields.items():
            below: Any = get_named_type(field.type)
            if not is_object_type(below) or (CACHE_POLICIES.of_type(below) is None and "id" in below.fields):
                continue
            if (policy := CACHE_POLICIES.of_field(type_, name, field)) is not None and policy.is_private:
                continue
            arguments = ARGUMENTS.get(f"{type_.name}.{name}", "").format(n=3)
            fields.append(f"{name}{arguments} {{ {_shared_selection(below, depth - 1)} }}")
    return " ".join(fields)


async def test_administrator_may_bypass_the_cache(writable: Client) -> None:
    await writable.run(BOOKS, user="admin")
    for viewer, is_asked in (("admin", False), ("demo", True)):
        answered = await writable.run(BOOKS, user=viewer, headers=NO_CACHE)
        assert bool(outcomes(answered)) is is_asked


async def test_warmup_fills_the_cache_before_requests(
    writable_database_url: str, redis_url: str, tmp_path: Any
) -> None:
    document = tmp_path / "warm-up.graphql"
    document.write_text('query A { books(first: 7) { nodes { title } } } query B { kanji(character: "ab") { id } }')
    async with client_of(writable_database_url, redis_url, cache_warmup_file=document) as client:
        asked = "{ books(first: 7) { nodes { title } } }"

        async def is_there() -> object:
            stats = "{ admin { cacheStats { entries byField { field misses } } } }"
            return (await client.run(stats, user="admin")).data["admin"]["cacheStats"]["entries"] == 1

        await until(is_there)
        assert outcomes(await client.run(asked)) == {"Query.books": {"hits": 1}}
        await client.run("mutation { purgeCache(input: {everything: true}) { purgedTags } }", user="admin")
        await until(is_there)
        assert outcomes(await client.run(asked)) == {"Query.books": {"hits": 1}}


async def test_public_values_are_cached_locally_without_redis(writable_database_url: str) -> None:
    async with client_of(writable_database_url, None) as client:
        found = [outcomes(await client.run(BOOKS))["Query.books"] for _ in range(2)]
        assert found == [{"misses": 1, "holes": 3}, {"hits": 1, "holes": 3}]
        found = [outcomes(await client.run(DASHBOARD, user="demo"))["Viewer.dashboard"] for _ in range(2)]
        assert found == [{"misses": 1}] * 2
        await execute(writable_database_url, "update books set title = 'x'")

        async def is_right() -> object:
            return (await client.run(BOOKS)).data["books"]["nodes"][0]["title"] == "x"

        await until(is_right)


async def test_cache_can_be_disabled(writable_database_url: str, redis_url: str) -> None:
    async with client_of(writable_database_url, redis_url, cache="off") as client:
        for _ in range(2):
            answered = await client.run(BOOKS)
            assert (outcomes(answered), answered.headers["Cache-Control"]) == ({}, "private, no-cache")
        stats = await client.run("{ admin { cacheStats { backend entries hits } } }", user="admin")
        assert stats.data["admin"]["cacheStats"] == {"backend": "off", "entries": 0, "hits": 0}


async def test_cache_statistics_for_administrators_and_prometheus(writable: Client) -> None:
    for viewer in (None, "demo"):
        await writable.run(BOOKS, user=viewer)
    query = "{ admin { cacheStats { backend hits misses hitRate byField { field hits misses hitRate } } } }"
    stats = (await writable.run(query, user="admin")).data["admin"]["cacheStats"]
    assert stats["backend"] == "redis"
    assert stats["byField"] == [{"field": "Query.books", "hits": 1, "misses": 1, "hitRate": 0.5}]
    text = (await writable.http.get("/metrics")).text
    for line in (
        'shinjp_field_cache_requests_total{field="Query.books",outcome="hit"} 1.0',
        'shinjp_field_cache_holes_filled_total{field="Query.books"} 6.0',
        "shinjp_field_cache_entries 1.0",
        "shinjp_field_cache_shadow_mismatches_total 0.0",
    ):
        assert line in text


async def test_shadow_checks_find_no_mismatch(writable_database_url: str, redis_url: str) -> None:
    async with client_of(writable_database_url, redis_url, cache_shadow_sample_rate=1.0) as client:
        for _ in range(3):
            await client.run(BOOKS, user="demo")

        async def is_sampled() -> bool:
            return "shinjp_field_cache_shadow_checks_total 2.0" in (await client.http.get("/metrics")).text

        await until(is_sampled)
        assert "shinjp_field_cache_shadow_mismatches_total 0.0" in (await client.http.get("/metrics")).text
