"""Shares the words of a level out to the chapters of a textbook."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from domain.list_sizes import MAX_WORDS_OF_CHAPTER
from domain.textbooks.matching import Fit, MeaningIndex
from domain.textbooks.model import ChapterPlan, Word
from domain.textbooks.sentences import usable_sentences

WORDS_AT_LEAST = 12
WORDS_AT_MOST = MAX_WORDS_OF_CHAPTER


def choose_words(chapters: Sequence[ChapterPlan], candidates: Sequence[Word]) -> tuple[tuple[Word, ...], ...]:
    """The words of each chapter: those that match its keywords, best first, then others to fill it up.

    No word is in two chapters. A chapter has fewer words than WORDS_AT_LEAST only where the candidates run out.
    """
    share = len(candidates) // len(chapters)
    most, least = min(WORDS_AT_MOST, share), min(WORDS_AT_LEAST, share)
    chosen: list[list[Word]] = [[] for _ in chapters]
    left = dict.fromkeys(candidates)
    for chapter, fit, word in _offers(chapters, candidates):
        # A word that only comes near a keyword is better than any other word, and worse than a shorter chapter.
        if word in left and len(chosen[chapter]) < (most if fit is Fit.EXACT else least):
            chosen[chapter].append(word)
            del left[word]
    if any(len(words) < least for words in chosen):
        _fill(chosen, left, least)
    return tuple(tuple(words) for words in chosen)


def _offers(chapters: Sequence[ChapterPlan], candidates: Sequence[Word]) -> Iterator[tuple[int, Fit, Word]]:
    """Exact matches first; among them, each keyword's best word comes before any keyword's second-best one."""
    index = MeaningIndex(candidates)
    matches = [
        [(number, fit, word) for fit, word in index.find(keyword)]
        for number, chapter in enumerate(chapters)
        for keyword in chapter.keywords
    ]
    in_turn = [match for turn in zip_longest(*matches) for match in turn if match]
    yield from sorted(in_turn, key=lambda match: match[1] is not Fit.EXACT)


def _fill(chosen: Sequence[list[Word]], left: dict[Word, None], least: int) -> None:
    # An example sentence that bears the meaning out says that the entry is sound: those words go first.
    fillers = sorted(left, key=lambda word: not usable_sentences(word))
    for words in chosen:
        known = {kanji for word in words for kanji in word.kanji}
        # Words written with a kanji of the chapter belong there more than others.
        by_kinship = sorted(fillers, key=lambda word: known.isdisjoint(word.kanji))
        added = by_kinship[: max(0, least - len(words))]
        words.extend(added)
        fillers = [word for word in fillers if word not in added]
