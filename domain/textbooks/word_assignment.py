"""Assigns the words of a level to the chapters of a textbook."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from domain.list_sizes import MAX_WORDS_OF_CHAPTER
from domain.textbooks.matching import Fit, MeaningIndex
from domain.textbooks.model import ChapterPlan, Word

MIN_WORDS = 12
MAX_WORDS = MAX_WORDS_OF_CHAPTER


def assign_words(
    chapters: Sequence[ChapterPlan], candidates: Sequence[Word], *, main_meanings: bool = False
) -> tuple[tuple[Word, ...], ...]:
    """The words of each chapter: those that match its keywords, best first. No word is in two chapters.

    A chapter has fewer words than MIN_WORDS, or none, if no others match. `main_meanings`: only words whose first
    meaning is a keyword.
    """
    chosen: list[list[Word]] = [[] for _ in chapters]
    left = set(candidates)
    index = MeaningIndex(candidates, 1 if main_meanings else None)
    for chapter, fit, word in _ranked_matches(chapters, index):
        if main_meanings and fit is not Fit.EXACT:
            continue
        # Inexact matches are used up to the minimum only.
        if word in left and len(chosen[chapter]) < (MAX_WORDS if fit is Fit.EXACT else MIN_WORDS):
            chosen[chapter].append(word)
            left.remove(word)
    return tuple(tuple(words) for words in chosen)


def _ranked_matches(chapters: Sequence[ChapterPlan], index: MeaningIndex) -> Iterator[tuple[int, Fit, Word]]:
    """Exact matches first; among them, the best word of each keyword precedes the second-best of any keyword."""
    matches = [
        [(number, fit, word) for fit, word in index.find(keyword)]
        for number, chapter in enumerate(chapters)
        for keyword in chapter.keywords
    ]
    in_turn = [match for turn in zip_longest(*matches) for match in turn if match]
    yield from sorted(in_turn, key=lambda match: match[1] is not Fit.EXACT)
