"""How much a word is used, on a scale of 0 to 100 that lists and searches order by."""

from content.jmdict import Form, JmdictEntry
from domain.dictionary import UsageLabel
from domain.enums import JlptLevel

# The words of a level have ten values: N1 from 50 on, N5 from 90 on.
_LOWEST_OF_LEVEL = {
    JlptLevel.N5: 90,
    JlptLevel.N4: 80,
    JlptLevel.N3: 70,
    JlptLevel.N2: 60,
    JlptLevel.N1: 50,
}
_RARE = frozenset({UsageLabel.ARCHAIC, UsageLabel.OBSOLETE, UsageLabel.OBSCURE, UsageLabel.RARE, UsageLabel.HISTORICAL})

# JMdict's nf01 to nf48 are groups of 500 words, ordered by their frequency in newspapers.
_GROUPS = 48
# Which newspapers do not have are many words of everyday life: ichi1 has these.
_EVERYDAY = 0.5


def popularity(entry: JmdictEntry | None, level: JlptLevel | None) -> int:
    if level is not None:
        frequency = 0.0 if entry is None else _frequency(entry)
        return _LOWEST_OF_LEVEL[level] + min(int(10 * frequency), 9)
    assert entry is not None, "words are in a list or in JMdict"
    if is_common(entry):
        return 20 + int(29 * _frequency(entry))
    if any(form.priorities for form in _forms(entry)):
        return 10 + int(9 * _frequency(entry))
    is_rare = all(not _RARE.isdisjoint(sense.labels) for sense in entry.senses)
    return 0 if is_rare else 5


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
