"""The order and the limits of a study session."""

from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from typing import TypeVar

from domain.enums import NewCardMix
from domain.ids import UserId

# A longer window than a day would contain every card in learning steps.
DEFAULT_LEARN_AHEAD_MINUTES, MAX_LEARN_AHEAD_MINUTES = 20, 1_439

CardT = TypeVar("CardT")


def mix_evenly(
    reviews: Sequence[CardT], new: Sequence[CardT], mix: NewCardMix, *, review_count: int, new_count: int
) -> list[CardT]:
    """Reviews with new cards among them, each in their order.

    `review_count` and `new_count`: how many there are today, of which the sequences may be the first ones. With MIXED,
    new card k of n has its place at the share k / (n + 1) of the session, so that a short session has the same
    proportion.
    """
    if mix is NewCardMix.FIRST:
        return [*new, *reviews]
    if mix is NewCardMix.LAST:
        return [*reviews, *new]
    # Whole numbers: k / (n + 1) of two cards is compared by the products. Reviews precede new cards at an equal share.
    shares: Iterable[tuple[int, int, CardT]] = (
        *((k * (new_count + 1), 0, card) for k, card in enumerate(reviews, 1)),
        *((k * (review_count + 1), 1, card) for k, card in enumerate(new, 1)),
    )
    return [card for _, _, card in sorted(shares, key=lambda share: share[:2])]


def random_order_seed(user_id: UserId, day: date) -> int:
    """The seed of the random order of new cards, which is the same all day: 64 bits, signed."""
    return int.from_bytes(sha256(user_id.bytes + day.isoformat().encode()).digest()[:8], "big", signed=True)
