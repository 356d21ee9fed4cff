"""Grades answers. Typed ones are right in any usual spelling of an accepted answer."""

import re
from difflib import SequenceMatcher

from domain.enums import AnswerLanguage
from domain.exercises.model import Answer, Solution
from domain.search.english import expand_contractions, negation_count
from domain.search.folding import fold, fold_japanese
from domain.search.kana import is_kana, kana_of_romaji, latin_letters, phonetic, romaji
from domain.search.typed_readings import has_macron, is_latin, is_same_kana
from domain.text import without_accents, without_notes

# The share of words, in their order, that a translated sentence has in common with the accepted one.
_MIN_SIMILARITY = 0.75
_ENGLISH_WORD = re.compile(r"[a-z0-9]+")
_ARTICLES = frozenset({"a", "an", "the"})


def grade(answer: Answer, solution: Solution, language: AnswerLanguage) -> bool:
    """Return whether the answer to a prompt is right.

    Japanese may be typed in kanji, kana of any kind and width, or romaji. English ignores case, punctuation, articles
    and contractions; of a sentence, three quarters of the words are enough if all negations are the same.
    """
    if answer.option is not None:
        return answer.option == solution.option
    if answer.text is None:
        return False
    is_same = _is_same_japanese if language is AnswerLanguage.JAPANESE else _is_same_english
    # The shown answer may list several accepted ones, as an option does.
    return _is_shown(answer.text, solution.answer, language) or any(
        is_same(answer.text, accepted) for accepted in solution.accepted
    )


def _is_shown(typed: str, shown: str, language: AnswerLanguage) -> bool:
    words = fold_japanese if language is AnswerLanguage.JAPANESE else _english_words
    return words(typed) == words(shown) and bool(words(typed))


def _is_same_japanese(typed: str, accepted: str) -> bool:
    text, wanted = fold_japanese(typed), fold_japanese(accepted)
    if text == wanted:
        return bool(text)
    if not is_kana(wanted):
        return False
    if is_kana(text):
        return is_same_kana(text, wanted)
    latin, sound = fold(typed), romaji(wanted)
    if not sound or not is_latin(typed):
        return False
    if has_macron(typed):
        return phonetic(latin_letters(latin)) == phonetic(sound)
    return sound in map(romaji, kana_of_romaji(latin))


def _is_same_english(typed: str, accepted: str) -> bool:
    text, wanted = _english_words(typed), _english_words(accepted)
    if text == wanted:
        return bool(text)
    # Of a word or a term, another word is another meaning.
    if len(wanted) < 4 or negation_count(text) != negation_count(wanted):
        return False
    return SequenceMatcher(None, text, wanted, autojunk=False).ratio() >= _MIN_SIMILARITY


def _english_words(text: str) -> list[str]:
    folded = expand_contractions(without_accents(fold(without_notes(text))))
    words = [word for word in _ENGLISH_WORD.findall(folded) if word not in _ARTICLES]
    # The dictionary has verbs with "to".
    return words[1:] if len(words) > 1 and words[0] == "to" else words
