"""A rejected mutation field does not affect the results of the others."""

from collections.abc import Iterator

import pytest

from tests.clients import client_of
from tests.executions import EXECUTIONS, executed_by
from tests.review_assertions import answer, card_ids
from tests.workers import forget_rate_limits, textbook_input

pytestmark = pytest.mark.usefixtures("execution")

SETTINGS = "updateStudySettings(input: {newCardsPerDay: %d}) { settings { newCardsPerDay } }"
GENERATE = "generateTextbook(input: $input) { job { kind } }"


@pytest.fixture(params=EXECUTIONS)
def execution(request: pytest.FixtureRequest) -> Iterator[None]:
    with executed_by(request.param):
        yield


async def test_rejected_field_does_not_affect_the_others(writable_database_url: str, redis_url: str) -> None:
    refused = "purgeCache(input: {everything: true}) { purgedTags }"
    query = f"mutation {{ a: {SETTINGS % 7} b: {refused} c: {SETTINGS % 8} d: {refused} e: {SETTINGS % 9} }}"
    async with client_of(writable_database_url, redis_url) as client:
        # The second and third run use generated code.
        for _ in range(3):
            answered = await client.run(query, user="demo")
            found = answered.body["data"]
            assert {key: value and value["settings"]["newCardsPerDay"] for key, value in found.items()} == {
                "a": 7, "b": None, "c": 8, "d": None, "e": 9,
            }  # fmt: skip
            assert answered.error_codes == ["FORBIDDEN", "FORBIDDEN"]
            assert [error["path"] for error in answered.body["errors"]] == [["b"], ["d"]]


async def test_rate_limited_field_keeps_saved_results(writable_database_url: str, redis_url: str) -> None:
    fields = " ".join(f"g{number}: {GENERATE}" for number in range(6))
    query = f"mutation ($input: GenerateTextbookInput!) {{ a: {SETTINGS % 7} {fields} z: {SETTINGS % 8} }}"
    async with client_of(writable_database_url, redis_url) as client:
        await forget_rate_limits(client)
        answered = await client.run(query, textbook_input(), user="demo")
    found = answered.body["data"]
    assert answered.error_codes == ["RATE_LIMITED"]
    assert [key for key, value in found.items() if value is None] == ["g5"]
    assert found["z"] == {"settings": {"newCardsPerDay": 8}}


async def test_failed_list_keeps_the_payload(writable_database_url: str, redis_url: str) -> None:
    [card] = await card_ids(writable_database_url, "demo", 1)
    query = """
        mutation ($input: ReviewCardsInput!) { reviewCards(input: $input) {
            results { review { quality } }
            dashboard { reviewsToday forecast(days: 5000) { due } }
            viewer {
                email reviews(first: 500) { totalCount } dashboard { reviewsToday currentlyReading(first: 0) { id } }
            }
        } }
    """
    async with client_of(writable_database_url, redis_url) as client:
        answered = await client.run(query, {"input": {"reviews": [answer(card, "k")]}}, user="demo")
    payload = answered.body["data"]["reviewCards"]
    today = payload["dashboard"]["reviewsToday"]
    assert payload["results"] == [{"review": {"quality": 4}}]
    assert payload["dashboard"]["forecast"] is None
    assert payload["viewer"] == {
        "email": "demo@shinjp.example",
        "reviews": None,
        "dashboard": {"reviewsToday": today, "currentlyReading": None},
    }
    assert answered.error_codes == ["BAD_USER_INPUT"] * 3
