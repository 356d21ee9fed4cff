"""The popularity of a word, by its level and the priorities of its forms. See domain/popularity.py."""

from content.jmdict import Form, JmdictEntry
from domain.dictionary import UsageLabel
from domain.enums import JlptLevel
from domain.popularity import COMMON, KNOWN, LOWEST_OF_LEVEL, RARE, USUAL

_RARE = frozenset({UsageLabel.ARCHAIC, UsageLabel.OBSOLETE, UsageLabel.OBSCURE, UsageLabel.RARE, UsageLabel.HISTORICAL})

# JMdict's nf01 to nf48 are groups of 500 words, ordered by their frequency in newspapers.
_GROUPS = 48
# Which newspapers do not have are many words of everyday life: ichi1 has these.
_EVERYDAY = 0.5


def popularity(entry: JmdictEntry | None, level: JlptLevel | None) -> int:
    if level is not None:
        frequency = 0.0 if entry is None else _frequency(entry)
        return LOWEST_OF_LEVEL[level] + min(int(10 * frequency), 9)
    assert entry is not None, "words are in a list or in JMdict"
    if is_common(entry):
        return COMMON + int(29 * _frequency(entry))
    if any(form.priorities for form in _forms(entry)):
        return KNOWN + int(9 * _frequency(entry))
    is_rare = all(not _RARE.isdisjoint(sense.labels) for sense in entry.senses)
    return RARE if is_rare else USUAL


def is_common(entry: JmdictEntry) -> bool:
    return any(form.is_common for form in _forms(entry))


def _forms(entry: JmdictEntry) -> tuple[Form, ...]:
    return (*entry.spellings, *entry.readings)


def _frequency(entry: JmdictEntry) -> float:
    """Return 0 for a word without priorities and 1 for the most frequent ones."""
    tags = {tag for form in _forms(entry) for tag in form.priorities}
    groups = [int(tag[2:]) for tag in tags if tag.startswith("nf")]
    in_newspapers = (_GROUPS + 1 - min(groups)) / _GROUPS if groups else 0
    everyday = _EVERYDAY if "ichi1" in tags else 0.3 if tags & {"spec1", "gai1"} else 0.1 if tags else 0
    return everyday + (1 - _EVERYDAY) * in_newspapers
