"""Assigns the words of a level to the chapters of a textbook."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from domain.list_sizes import MAX_WORDS_OF_CHAPTER
from domain.textbooks.matching import Fit, MeaningIndex
from domain.textbooks.model import ChapterPlan, Word
from domain.textbooks.sentences import usable_sentences

MIN_WORDS = 12
MAX_WORDS = MAX_WORDS_OF_CHAPTER


def assign_words(chapters: Sequence[ChapterPlan], candidates: Sequence[Word]) -> tuple[tuple[Word, ...], ...]:
    """The words of each chapter: those that match its keywords, best first, then others up to the minimum.

    No word is in two chapters. A chapter has fewer words than MIN_WORDS only if there are too few candidates.
    """
    share = len(candidates) // len(chapters)
    most, least = min(MAX_WORDS, share), min(MIN_WORDS, share)
    chosen: list[list[Word]] = [[] for _ in chapters]
    left = dict.fromkeys(candidates)
    for chapter, fit, word in _ranked_matches(chapters, candidates):
        # Inexact matches are preferred to other words, but only up to the minimum.
        if word in left and len(chosen[chapter]) < (most if fit is Fit.EXACT else least):
            chosen[chapter].append(word)
            del left[word]
    if any(len(words) < least for words in chosen):
        _fill(chosen, left, least)
    return tuple(tuple(words) for words in chosen)


def _ranked_matches(chapters: Sequence[ChapterPlan], candidates: Sequence[Word]) -> Iterator[tuple[int, Fit, Word]]:
    """Exact matches first; among them, the best word of each keyword precedes the second-best of any keyword."""
    index = MeaningIndex(candidates)
    matches = [
        [(number, fit, word) for fit, word in index.find(keyword)]
        for number, chapter in enumerate(chapters)
        for keyword in chapter.keywords
    ]
    in_turn = [match for turn in zip_longest(*matches) for match in turn if match]
    yield from sorted(in_turn, key=lambda match: match[1] is not Fit.EXACT)


def _fill(chosen: Sequence[list[Word]], left: dict[Word, None], least: int) -> None:
    # Prefers words with a usable example sentence, because it confirms the meaning.
    fillers = sorted(left, key=lambda word: not usable_sentences(word))
    for words in chosen:
        known = {kanji for word in words for kanji in word.kanji}
        # Prefers words that share a kanji with the chapter.
        by_shared_kanji = sorted(fillers, key=lambda word: known.isdisjoint(word.kanji))
        added = by_shared_kanji[: max(0, least - len(words))]
        words.extend(added)
        fillers = [word for word in fillers if word not in added]
