"""Answers in English."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from domain.answers.edit_distance import edit_distance, max_typing_errors
from domain.answers.model import INCORRECT, AnswerMatch
from domain.enums import AnswerResult
from domain.search.english import american, expand_contractions, negation_count, stem, words
from domain.search.index_keys import GLOSS
from domain.text import without_notes

_BRACKETS = str.maketrans("()[]", "    ")
# Glosses such as "shop; store", "he/she" and "yes, that is right" have alternatives; "10,000" has none.
_ALTERNATIVES = re.compile(r"[;/]|,\s")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_DIGITS = "zero one two three four five six seven eight nine ten eleven twelve"
_WORD_OF_NUMBER = {str(number): word for number, word in enumerate(_DIGITS.split())}
_WORD_OF_NUMBER |= {"20": "twenty", "100": "hundred", "1000": "thousand", "10000": "ten thousand"}
_POSSESSIVE = re.compile(r"['\u2019]s\b")
# Words that a gloss may or may not have: "to lose one's way", "the sun".
_OPTIONAL = frozenset({"a", "an", "the", "ones", "oneself", "your", "my", "his", "someones", "somebodys"})
_LEADING = frozenset({"to", "be", "is", "am", "are"})
_OBJECTS = frozenset({"something", "someone", "somebody", "sth", "sb"})
# The endings by which forms of a word differ, after the letters that they have in common.
_ENDINGS = re.compile(r"s|es|e|y|d|ed|ies|ied|[a-z]?(?:ing|ed)|")
# The share of words, in their order, that a phrase has in common with a gloss.
_MIN_SIMILARITY, _MIN_PHRASE, _MAX_PHRASE = 0.75, 4, 40


def check_meaning(answer: str, meanings: Sequence[str]) -> AnswerMatch:
    """Compare an answer with glosses.

    CORRECT: a gloss in any spelling, with or without `to`, articles and notes in brackets; an alternative of one; a
    plural. CLOSE: another form of the word, or a typing error that does not make another word; a long phrase with most
    words.
    """
    typed = _words_of(answer.translate(_BRACKETS))
    if not typed:
        return INCORRECT
    glosses = [(meaning, accepted) for meaning in meanings for accepted in _accepted_words(meaning)]
    for meaning, accepted in glosses:
        if typed == accepted or "".join(typed) == "".join(accepted):
            return AnswerMatch(AnswerResult.CORRECT, meaning)
    for meaning, accepted in glosses:
        if typed[:-1] == accepted[:-1] and _is_plural(typed[-1], accepted[-1]):
            return AnswerMatch(AnswerResult.CORRECT, meaning)
    for meaning, accepted in glosses:
        if len(typed) == len(accepted) and all(map(_is_form, typed, accepted)):
            return AnswerMatch(AnswerResult.CLOSE, meaning)
    for meaning, accepted in glosses:
        wrong = _misspelt_words(typed, accepted)
        if wrong:
            return AnswerMatch(AnswerResult.CLOSE, meaning, frozenset(GLOSS + word for word in wrong))
    for meaning, accepted in glosses:
        if _is_similar_phrase(typed, accepted):
            return AnswerMatch(AnswerResult.CLOSE, meaning)
    return INCORRECT


@lru_cache(maxsize=4096)
def _accepted_words(meaning: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of a gloss and of its alternatives, each with and without its notes in brackets."""
    # Alternatives in a note are no alternatives of the gloss.
    texts = (meaning, meaning.translate(_BRACKETS), *_ALTERNATIVES.split(without_notes(meaning)))
    found: dict[tuple[str, ...], None] = {}
    for text in texts:
        accepted = _words_of(text)
        found[accepted] = None
        found[tuple(word for word in accepted if word not in _OBJECTS)] = None
    found.pop((), None)
    return tuple(found)


def _words_of(text: str) -> tuple[str, ...]:
    """Return the words in American spelling without articles, a leading `to` or `be`, and possessives."""
    text = _THOUSANDS.sub("", expand_contractions(_POSSESSIVE.sub("s", text)))
    typed: list[str] = []
    for word in words(text):
        typed += _WORD_OF_NUMBER.get(word, american(word)).split()
    important = [word for word in typed if word not in _OPTIONAL] or typed
    start = 0
    while start < len(important) - 1 and important[start] in _LEADING:
        start += 1
    return tuple(important[start:])


def _is_plural(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return long in (f"{short}s", f"{short}es") or (short.endswith("y") and long == f"{short[:-1]}ies")


def _is_form(one: str, other: str) -> bool:
    """Whether one is another form of the same word: eat and ate, make and making."""
    if one == other:
        return True
    if stem(one) != stem(other):
        return False
    common = 0
    while common < min(len(one), len(other)) and one[common] == other[common]:
        common += 1
    # University and universe have the same stem.
    is_regular = all(_ENDINGS.fullmatch(word[common:]) for word in (one, other))
    return is_regular or stem(one) in (american(one), american(other))


def _misspelt_words(typed: tuple[str, ...], accepted: tuple[str, ...]) -> list[str]:
    """Return the words of an answer with typing errors; none if it differs by more than that."""
    if len(typed) != len(accepted):
        one, other = "".join(typed), "".join(accepted)
        is_split = len(other) >= 8 and edit_distance(one, other, 1) == 1
        return [" ".join(typed)] if is_split and negation_count(typed) == negation_count(accepted) else []
    wrong = [(word, right) for word, right in zip(typed, accepted, strict=True) if word != right]
    if len(wrong) > 2:
        return []
    for word, right in wrong:
        limit = max_typing_errors(min(len(word), len(right)))
        if not limit or not word.isalpha() or edit_distance(word, right, limit) > limit:
            return []
    return [word for word, _ in wrong]


def _is_similar_phrase(typed: tuple[str, ...], accepted: tuple[str, ...]) -> bool:
    if not (_MIN_PHRASE <= len(accepted) <= _MAX_PHRASE and len(typed) <= _MAX_PHRASE):
        return False
    if negation_count(typed) != negation_count(accepted):
        return False
    matcher = SequenceMatcher(None, typed, accepted, autojunk=False)
    return matcher.real_quick_ratio() >= _MIN_SIMILARITY and matcher.ratio() >= _MIN_SIMILARITY
