"""Times of answers."""

from typing import Any

from tests.clients import client_of
from tests.databases import execute


async def test_answer_duration_is_capped_at_a_minute(writable_database_url: str, redis_url: str) -> None:
    query = """
        mutation ($input: ReviewCardsInput!) { reviewCards(input: $input) {
            results { duplicate review { durationMs } error { code message } }
        } }
    """
    async with client_of(writable_database_url, redis_url) as client:
        card = (await client.run("{ viewer { cards(first: 1) { nodes { id } } } }", user="demo")).data
        card_id = card["viewer"]["cards"]["nodes"][0]["id"]

        async def save(key: str, duration: int | None) -> dict[str, Any]:
            review = {"cardId": card_id, "quality": 4, "durationMs": duration, "idempotencyKey": key}
            data = (await client.run(query, {"input": {"reviews": [review]}}, user="demo")).data
            result: dict[str, Any] = data["reviewCards"]["results"][0]
            return result

        for duration, saved in ((0, 0), (60_000, 60_000), (60_001, 60_000), (2**31 - 1, 60_000), (None, None)):
            assert (await save(f"k{duration}", duration))["review"] == {"durationMs": saved}
            again = await save(f"k{duration}", duration)
            assert (again["duplicate"], again["error"]) == (True, None)
        negative = (await save("negative", -1))["error"]
        assert negative == {"code": "OUT_OF_RANGE", "message": "durationMs must not be negative."}
        # A review that was saved before the limit existed, and is sent again.
        await execute(writable_database_url, "update reviews set duration_ms = 90000 where idempotency_key = 'k60001'")
        assert (await save("k60001", 90_000))["duplicate"]
