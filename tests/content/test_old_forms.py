"""Folding old forms of characters unites spellings of JMdict that are one word."""

import sqlite3
from collections import defaultdict

from content.jmdict import database_path
from domain.search.old_characters import MODERN_FORMS
from tests.content.jmdict import needs_jmdict

# Rare readings of one and the same characters, and the names of two variants of a character.
_UNITED = {"牝鷄", "築墻", "髙", "﨑", "蒸籠", "萬"}


@needs_jmdict
def test_old_forms_have_no_words_of_their_own() -> None:
    path = database_path()
    assert path is not None
    readings = defaultdict(set)
    spellings = defaultdict(set)
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        for entry, reading in connection.execute("select idseq, text from Kana"):
            readings[entry].add(reading)
        for entry, spelling in connection.execute("select idseq, text from Kanji"):
            spellings[spelling].add(entry)
    connection.close()

    modern_forms = str.maketrans(MODERN_FORMS)
    old = {
        spelling: spelling.translate(modern_forms)
        for spelling in spellings
        if not MODERN_FORMS.keys().isdisjoint(spelling)
    }
    assert len(old) > 1_500
    united = {
        spelling
        for spelling, modern in old.items()
        for entry in spellings[spelling]
        if modern in spellings
        and not any(other == entry or readings[other] & readings[entry] for other in spellings[modern])
    }
    assert united <= _UNITED
