"""Entries of JMdict are read without damage. `make fuzz` reads all of them, other runs a sample."""

import re

import pytest

from content.jmdict import JmdictEntry
from content.level_words import usual_reading, usual_word
from content.popularity import popularity
from content.pronunciation import pronounced_reading
from content.vocabulary_rows import meanings_of
from domain import list_sizes
from domain.dictionary import FormTag, PartOfSpeech, UsageLabel
from domain.search.kana import romaji
from tests.content.jmdict import entries, needs_jmdict, sample

pytestmark = [needs_jmdict, pytest.mark.timeout(600)]

# JMdict's own: an emoticon and a typing error.
_UNBALANCED = {"( ͡° ͜ʖ ͡°)", "Inavir (brand name))"}


def test_no_entry_is_damaged() -> None:
    damaged = {entry.id: found for entry in sample() if (found := _damage(entry))}
    assert damaged == {}


def _damage(entry: JmdictEntry) -> list[str]:
    found = [
        f"gloss {gloss!r}"
        for sense in entry.senses
        for gloss in sense.glosses
        if gloss.strip() != gloss
        or not gloss
        or re.match(r"\(\d+\) |\d+\. ", gloss)
        or (gloss.count("(") != gloss.count(")") and gloss not in _UNBALANCED)
    ]
    sizes = (
        (len(entry.spellings) + len(entry.readings), list_sizes.MAX_FORMS),
        (len(entry.senses), list_sizes.MAX_SENSES),
        *((len(form.tags), list_sizes.MAX_TAGS) for form in (*entry.spellings, *entry.readings)),
        *((len(sense.glosses), list_sizes.MAX_GLOSSES) for sense in entry.senses),
        *((len(sense.parts_of_speech), list_sizes.MAX_PARTS_OF_SPEECH) for sense in entry.senses),
        *((len(sense.fields), list_sizes.MAX_FIELDS) for sense in entry.senses),
        *((len(sense.labels), list_sizes.MAX_LABELS) for sense in entry.senses),
        *((len(sense.dialects), list_sizes.MAX_DIALECTS) for sense in entry.senses),
        *((len(sense.forms), list_sizes.MAX_FORMS_OF_SENSE) for sense in entry.senses),
    )
    found += [f"size {size} of {limit}" for size, limit in sizes if size > limit]
    found += [f"sense {place} has no gloss" for place, sense in enumerate(entry.senses) if not sense.glosses]
    found += [
        f"sense {place} has no part of speech" for place, sense in enumerate(entry.senses) if not sense.parts_of_speech
    ]
    if not entry.readings or not entry.senses or not meanings_of(entry):
        found.append("incomplete")
    forms = {form.text for form in (*entry.spellings, *entry.readings)}
    found += [f"form {text} of a sense" for sense in entry.senses for text in sense.forms if text not in forms]
    reading = usual_reading(entry)
    if usual_word(entry) not in forms or reading not in forms:
        found.append("the word is not a form")
    # Three entries are marks that have no sound of their own.
    if not re.fullmatch(r"[a-z' ]+", romaji(pronounced_reading(entry, reading))) and reading not in "ゝゞヽヾー":
        found.append(f"romaji {romaji(reading)!r}")
    if not 0 <= popularity(entry, None) < 50:
        found.append("popularity")
    return found


def test_entry_has_codes_forms_and_senses() -> None:
    [plain, eat] = entries(1000225, 1358280)
    assert [form.text for form in eat.spellings] == ["食べる", "喰べる"]
    assert eat.spellings[0].is_common
    assert eat.spellings[1].tags == (FormTag.IRREGULAR_KANJI,)
    assert eat.senses[0].parts_of_speech == (PartOfSpeech.ICHIDAN_VERB, PartOfSpeech.TRANSITIVE_VERB)
    assert eat.senses[1].glosses == ("to live on (e.g. a salary)", "to live off", "to subsist on")
    assert plain.senses[0].labels == (UsageLabel.USUALLY_KANA,)
    assert usual_word(plain) == usual_reading(plain) == "あからさま"
