"""Finds words by English keywords, which match whole words: "ear" matches "ear (of plant)", but not "year"."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from domain.text import without_notes
from domain.textbooks.model import Word

_ENGLISH_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_ARTICLES = frozenset({"a", "an", "the"})


class Fit(IntEnum):
    """How a keyword matches a meaning, best first."""

    EXACT = 0
    SAME_VERB = 1
    PART_OF_TERM = 2


@dataclass(frozen=True, slots=True, order=True)
class _Rank:
    fit: Fit
    meaning: int
    word: int


class MeaningIndex:
    """An inverted index of the meanings of words. `meanings`: only the first ones of each word."""

    def __init__(self, words: Sequence[Word], meanings: int | None = None) -> None:
        self._words = words
        self._meanings: defaultdict[str, list[tuple[int, int, tuple[str, ...]]]] = defaultdict(list)
        for position, word in enumerate(words):
            for order, meaning in enumerate(word.meanings[:meanings]):
                terms = _terms(meaning)
                for term in set(terms):
                    self._meanings[term].append((position, order, terms))

    def find(self, keyword: str) -> list[tuple[Fit, Word]]:
        """Matching words, sorted by fit, by the position of the meaning, and by the order of the words."""
        wanted = _terms(keyword)
        ranks: dict[int, _Rank] = {}
        for position, order, terms in self._meanings.get(wanted[-1], ()) if wanted else ():
            fit = _fit(wanted, terms)
            if fit is not None:
                rank = _Rank(fit, order, position)
                ranks[position] = min(rank, ranks.get(position, rank))
        return [(rank.fit, self._words[rank.word]) for rank in sorted(ranks.values())]


def _terms(text: str) -> tuple[str, ...]:
    words = _ENGLISH_WORD.findall(without_notes(text).lower())
    return tuple(word for word in words if word not in _ARTICLES)


def _fit(wanted: tuple[str, ...], terms: tuple[str, ...]) -> Fit | None:
    if wanted == terms:
        return Fit.EXACT
    if ("to", *wanted) == terms:
        return Fit.SAME_VERB
    # Phrasal verbs are different verbs: "to go" is not "to go back", and "hand" is not "to hand over".
    if "to" not in (wanted[0], terms[0]) and _contains(terms, wanted):
        return Fit.PART_OF_TERM
    return None


def _contains(terms: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return any(terms[start : start + len(wanted)] == wanted for start in range(len(terms) - len(wanted) + 1))
