"""The range of days around an interval in which a card may become due, as in Anki."""

import math
from functools import lru_cache
from zlib import crc32

from domain.ids import CardId

# How far an interval may move, as a share of the days in each range.
_FUZZ = ((2.5, 7.0, 0.15), (7.0, 20.0, 0.1), (20.0, math.inf, 0.05))


@lru_cache(maxsize=4_096)
def fuzz_bounds(interval: float) -> tuple[int, int]:
    """The shortest and the longest interval in whole days around an interval."""
    delta = 0.0
    if interval >= 2.5:
        delta = 1.0 + sum(share * max(min(interval, end) - start, 0.0) for start, end, share in _FUZZ)
    return math.floor(interval - delta + 0.5), math.floor(interval + delta + 0.5)


def fuzz_range(interval: int, elapsed: int, maximum: int) -> tuple[int, int]:
    """The shortest and the longest interval in days instead of `interval`, which is 1 or more.

    Both grow with the interval, so that Hard <= Good <= Easy. Fuzz makes no interval shorter than the days that have
    passed since the last review.
    """
    shortest, longest = fuzz_bounds(interval)
    return min(max(shortest, min(interval, elapsed)), maximum), min(longest, maximum)


def fuzz_share(card_id: CardId, reviews: int) -> float:
    """A number in 0..1 that depends on the card and on its number of reviews only, so that a replay repeats it."""
    return crc32(card_id.bytes + reviews.to_bytes(4, "big")) / 2**32
