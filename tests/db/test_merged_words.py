"""Cards of words that turn out to be one word become one card, as if all answers had been given to it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from content.same_words import merge_words
from db.core.database import owner_connection
from domain.ids import parse_global_id
from tests.clients import Client
from tests.review_assertions import answer, check_learner, review

CREATE = "mutation { createCards(input: {jlptLevel: N5, limit: 3}) { cards { id vocabulary { id } } } }"
SETTINGS = "mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) { errors { code } } }"
SUSPEND = """
    mutation($ids: [ID!]!, $suspended: Boolean!) { setCardsSuspended(input: {cardIds: $ids, suspended: $suspended}) {
        errors { code } } }
"""
READ = """
    query($ids: [ID!]!) { nodes(ids: $ids) { ... on Card {
        state lapses leech suspended easeFactor intervalDays repetitions dueDay } } }
"""
DISMISSED, ACTIVE, ONE, BOTH = "dismisses the mark", "suspends no card", "suspends one card", "suspends both cards"


def answers(cards: list[str], name: str) -> list[dict[str, Any]]:
    """Six successes, each followed by a lapse on a later day, given to one card after the other."""
    start = datetime.now(UTC) - timedelta(days=90)
    return [
        answer(cards[lapse % len(cards)], f"{name} {lapse}-{step}", quality, reviewedAt=at.isoformat())
        for lapse in range(6)
        for step, quality in enumerate((4, 4, 1))
        for at in [start + timedelta(days=12 * lapse + 3 * step)]
    ]


@pytest.mark.parametrize(
    ("user", "action", "expected"),
    [
        (ACTIVE, "MARK_ONLY", False),
        (ACTIVE, "SUSPEND", True),
        (ONE, "MARK_ONLY", False),
        (BOTH, "MARK_ONLY", True),
        (BOTH, "SUSPEND", True),
        (DISMISSED, "SUSPEND", False),
    ],
)
async def test_merged_card_is_the_fold_of_all_answers(
    writable: Client, writable_database_url: str, user: str, action: str, expected: bool
) -> None:
    settings = {"scheduler": "SM2", "leechThreshold": 4, "leechAction": action, "burySiblings": False}
    await writable.run(SETTINGS, {"input": settings}, user=user)
    created = (await writable.run(CREATE, user=user)).data["createCards"]["cards"]
    *merged, whole = [card["id"] for card in created]
    await review(writable, answers(merged, "merged"), user)
    await review(writable, answers([whole], "whole"), user)
    before = (await writable.run(READ, {"ids": [*merged, whole]}, user=user)).data["nodes"]
    if user == DISMISSED:
        # One of the cards had the marks that both have together.
        await writable.run(SETTINGS, {"input": {"leechThreshold": 2}}, user=user)
        more = [{**item, "idempotencyKey": f"more {n}"} for n, item in enumerate(answers(merged[:1], "more"))]
        await review(writable, more, user)
        await writable.run(SUSPEND, {"ids": merged[:1], "suspended": False}, user=user)
        await writable.run(SETTINGS, {"input": {"leechThreshold": 4}}, user=user)
        await writable.run(SUSPEND, {"ids": [whole], "suspended": False}, user=user)
    chosen = {ONE: merged[:1], BOTH: merged}.get(user)
    if chosen:
        await writable.run(SUSPEND, {"ids": chosen, "suspended": True}, user=user)
    words = [UUID(str(parse_global_id(card["vocabulary"]["id"])[1])) for card in created]
    async with owner_connection(writable_database_url) as owner, owner.transaction():
        await merge_words(owner, {words[1]: words[0]})
    *both, other = (await writable.run(READ, {"ids": [*merged, whole]}, user=user)).data["nodes"]
    [one] = [card for card in both if card]
    assert one["suspended"] is expected
    if user != DISMISSED:
        assert one["lapses"] > max(card["lapses"] for card in before[:2])
        assert {**one, "suspended": None} == {**other, "suspended": None}
        assert one["leech"]
    await check_learner(writable_database_url, user)
