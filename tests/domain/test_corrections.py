"""Corrections as overlays on the values of a release."""

import pytest

from domain.corrections import Overlay
from domain.enums import JlptLevel
from domain.popularity import LOWEST_OF_LEVEL, change_level


def test_popularity_is_corrected_with_the_level_only() -> None:
    overlay = Overlay({"jlptLevel": "N3", "popularity": 75}, {"jlptLevel": "N4", "popularity": 85})
    assert overlay.rebase({"jlptLevel": "N4", "popularity": 84}).original == {"jlptLevel": "N4", "popularity": 84}
    assert not overlay.rebase({"jlptLevel": "N3", "popularity": 74})


@pytest.mark.parametrize("before", [*JlptLevel, None])
@pytest.mark.parametrize("after", [*JlptLevel, None])
def test_popularity_of_a_level(before: JlptLevel | None, after: JlptLevel | None) -> None:
    """In the range of the level, and words of one level in the same order as before."""
    lowest, number = (0, 50) if before is None else (LOWEST_OF_LEVEL[before], 10)
    found = [change_level(lowest + step, before, after, is_common=step >= 20) for step in range(number)]
    assert found == sorted(found) or before is None
    least, most = (0, 49) if after is None else (LOWEST_OF_LEVEL[after], LOWEST_OF_LEVEL[after] + 9)
    assert all(least <= value <= most for value in found)
