"""An operation has one time-out for waiting for connections, however many of its fields wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from db.core.database import owner_connection
from db.core.wait_budget import WaitBudget
from domain.ids import global_id
from schema.cache_control import CACHE_POLICIES
from tests.clients import Client, client_of
from tests.databases import column
from tests.schema.root_types import QUERY
from tests.schema.selections import ARGUMENTS, element_type, leaves, wrapped

# A wait of one time-out is acceptable in a test.
TIMEOUT_SECONDS = 0.3

HOLD = "mutation { updateStudySettings(input: {newCardsPerDay: 7}) { errors { code } } }"


@pytest.fixture(scope="module")
async def narrow_client(shared_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    """A server with one connection."""
    settings = {"db_pool_min": 1, "db_pool_max": 1, "db_pool_timeout_seconds": TIMEOUT_SECONDS}
    settings["max_running_operations"] = 0
    async with client_of(shared_database_url, redis_url, **settings) as client:
        await client.run("{ viewer { email } }", user="demo")
        yield client


@pytest.fixture
async def exhausted_client(shared_database_url: str, narrow_client: Client) -> AsyncIterator[Client]:
    """Its only connection is leased during a test."""
    async with held(shared_database_url, narrow_client):
        yield narrow_client


@asynccontextmanager
async def held(database_url: str, client: Client) -> AsyncIterator[None]:
    async with owner_connection(database_url) as locking, locking.transaction():
        await locking.execute("select from user_settings for update")
        holding = asyncio.ensure_future(client.run(HOLD, user="demo"))
        async with asyncio.timeout(60):
            while "Database connection pool exhausted." not in (await client.http.get("/readyz")).text:
                pass
        try:
            yield
            assert not holding.done()
        finally:
            await locking.execute("rollback; begin")
            answer = await holding
    assert answer.data["updateStudySettings"]["errors"] == []


async def waits(client: Client) -> tuple[int, int]:
    """The number of waits for a connection, and of those that timed out."""
    lines = dict(
        line.rsplit(" ", 1) for line in (await client.http.get("/metrics")).text.splitlines() if line[0] != "#"
    )
    return int(float(lines["shinjp_db_pool_waits_total"])), int(float(lines["db_client_connection_timeouts_total"]))


def cached_root_fields() -> list[str]:
    return [name for name, field in QUERY.fields.items() if CACHE_POLICIES.of_field(QUERY, name, field) is not None]


@pytest.mark.parametrize("name", cached_root_fields())
async def test_cached_field_waits_once(exhausted_client: Client, content_database_url: str, name: str) -> None:
    """For public and private values."""
    field = QUERY.fields[name]
    [book] = await column(content_database_url, "select id from books where published_at is not null limit 1")
    [textbook] = await column(content_database_url, "select id from textbooks where is_public limit 1")
    ids = {"$book": f'"{global_id("Book", book)}"', "$textbook": f'"{global_id("Textbook", textbook)}"', "{n}": "3"}
    arguments = ARGUMENTS.get(f"Query.{name}", "")
    for placeholder, value in ids.items():
        arguments = arguments.replace(placeholder, value)
    await check_one_wait(
        exhausted_client, f"{{ {name}{arguments} {{ {wrapped(field, leaves(element_type(field)))} }} }}", [name]
    )


async def test_cached_field_of_an_object_waits_once(exhausted_client: Client) -> None:
    await check_one_wait(exhausted_client, "{ viewer { dashboard { dueNow streakDays } } }", ["viewer", "dashboard"])


async def check_one_wait(exhausted_client: Client, query: str, path: list[str]) -> None:
    counted = set()
    # The server's own measurements wait for the connection as well, but not each time.
    for _ in range(3):
        before = await waits(exhausted_client)
        async with asyncio.timeout(30):
            answer = await exhausted_client.run(query, user="demo")
        after = await waits(exhausted_client)
        assert answer.error_codes == ["SERVICE_UNAVAILABLE"], answer.body
        assert answer.body["errors"][0]["path"] == path
        counted.add((after[0] - before[0], after[1] - before[1]))
        if (1, 1) in counted:
            return
    raise AssertionError(f"Each request waited more than once: {counted}")


async def test_shared_computation_waits_once(exhausted_client: Client) -> None:
    before = await waits(exhausted_client)
    async with asyncio.timeout(30):
        answers = await asyncio.gather(
            *(exhausted_client.run("{ books(first: 4) { nodes { title } } }") for _ in range(20))
        )
    assert {tuple(answer.error_codes) for answer in answers} == {("SERVICE_UNAVAILABLE",)}
    assert (await waits(exhausted_client))[0] - before[0] == 1


async def test_root_fields_of_a_mutation_wait_together_once(exhausted_client: Client) -> None:
    """The fields run serially: the first uses up the time-out, and the others fail immediately."""
    fields = " ".join(
        f"m{number}: updateStudySettings(input: {{newCardsPerDay: {number}}}) {{ errors {{ code }} }}"
        for number in range(5)
    )
    before = await waits(exhausted_client)
    async with asyncio.timeout(30):
        answer = await exhausted_client.run(f"mutation {{ {fields} }}", user="demo")
    after = await waits(exhausted_client)
    assert answer.error_codes == ["SERVICE_UNAVAILABLE"] * 5
    assert (after[0] - before[0], after[1] - before[1]) == (1, 5)


async def test_each_operation_has_its_own_timeout(exhausted_client: Client) -> None:
    before = await waits(exhausted_client)
    for _ in range(2):
        assert (await exhausted_client.run("{ vocabulary(first: 1) { nodes { word } } }")).error_codes == [
            "SERVICE_UNAVAILABLE"
        ]
    assert (await waits(exhausted_client))[0] - before[0] == 2


def test_sequential_waits_add_up_and_concurrent_ones_count_once() -> None:
    budget = WaitBudget()
    assert budget.start(100.0, 5.0) == 105.0
    assert budget.start(102.0, 5.0) == 105.0
    budget.end(103.0)
    # One wait continues.
    assert budget.start(103.5, 5.0) == 105.0
    budget.end(104.0)
    budget.end(104.0)
    # Four of five seconds are used up.
    assert budget.start(200.0, 5.0) == 201.0
    budget.end(201.0)
    assert budget.start(300.0, 5.0) == 300.0
