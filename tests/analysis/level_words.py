"""The words of the levels, which take seconds to load, for the tests of this folder."""

from functools import cache

from content.level_words import LevelWord, load_level_words


@cache
def level_words() -> tuple[LevelWord, ...]:
    return tuple(load_level_words())
