"""The exercises of a chapter, with their answers. Shuffled by a hash, so that the output is deterministic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from string import ascii_lowercase

from domain.textbooks.model import Word
from domain.textbooks.sentences import Sentence
from domain.textbooks.text import gloss, headword, literal

_PAIRS = 8
_WORDS_TRANSLATED = 5
_SENTENCES_TRANSLATED = 4
# With fewer gaps, the answers are too easy to guess from the choices.
_MIN_GAPS = 3
_MAX_GAPS = 5
_GAP = "＿＿＿＿"


@dataclass(frozen=True, slots=True)
class Exercise:
    """An exercise, as lines of Markdown. `answers`: one for each question, in the same order."""

    title: str
    task: str
    choices: tuple[str, ...]
    questions: tuple[str, ...]
    answers: tuple[str, ...]


def build_exercises(words: Sequence[Word], sentences: Sequence[Sentence]) -> tuple[Exercise, ...]:
    """Match meanings, fill gaps, translate in both directions. Exercises without questions are omitted.

    `sentences`: in the order of preference.
    """
    distinct = list(_without_ambiguous_words(_shuffled(words, "readings")))
    gaps = _one_per_word(sentences)[:_MAX_GAPS]
    if len(gaps) < _MIN_GAPS:
        gaps = []
    rest = [sentence for sentence in sentences if sentence not in gaps]
    exercises = (
        _match_meanings(distinct[:_PAIRS]),
        _fill_gaps(gaps),
        _translate_to_japanese(distinct[_PAIRS:][:_WORDS_TRANSLATED]),
        _translate_to_english(rest[:_SENTENCES_TRANSLATED]),
    )
    return tuple(exercise for exercise in exercises if exercise.questions)


def _match_meanings(words: Sequence[Word]) -> Exercise:
    offered = _shuffled(words, "meanings")
    return Exercise(
        title="Reading and meaning",
        task="Which meaning belongs to which reading?",
        choices=tuple(
            f"{letter}) {gloss(word.meanings)}" for letter, word in zip(ascii_lowercase, offered, strict=False)
        ),
        questions=tuple(literal(word.reading) for word in words),
        answers=tuple(f"{ascii_lowercase[offered.index(word)]}) {literal(word.word)}" for word in words),
    )


def _fill_gaps(sentences: Sequence[Sentence]) -> Exercise:
    return Exercise(
        title="Fill in the gap",
        task="Put each word where it belongs.",
        choices=tuple(literal(word.word) for word in _shuffled((sentence.word for sentence in sentences), "gaps")),
        questions=tuple(
            f"{literal(sentence.before)}{_GAP}{literal(sentence.after)} ({literal(sentence.english)})"
            for sentence in sentences
        ),
        answers=tuple(headword(sentence.word) for sentence in sentences),
    )


def _translate_to_japanese(words: Sequence[Word]) -> Exercise:
    return Exercise(
        title="Translate into Japanese",
        task="Which word of this chapter means this?",
        choices=(),
        questions=tuple(gloss(word.meanings) for word in words),
        answers=tuple(headword(word) for word in words),
    )


def _translate_to_english(sentences: Sequence[Sentence]) -> Exercise:
    return Exercise(
        title="Translate into English",
        task="What do these sentences say?",
        choices=(),
        questions=tuple(literal(sentence.japanese) for sentence in sentences),
        answers=tuple(literal(sentence.english) for sentence in sentences),
    )


def _one_per_word(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The first sentence of each word, without sentences that contain another of the words, which would be a hint."""
    words = {sentence.spelling for sentence in sentences}
    first: dict[Word, Sentence] = {}
    for sentence in sentences:
        if not any(word in sentence.before or word in sentence.after for word in words):
            first.setdefault(sentence.word, sentence)
    return list(first.values())


def _without_ambiguous_words(words: Iterable[Word]) -> Iterable[Word]:
    """Words that share no reading and no meaning, so that each question has one right answer."""
    seen: set[str] = set()
    for word in words:
        keys = {word.reading, *word.meanings}
        if seen.isdisjoint(keys):
            seen |= keys
            yield word


def _shuffled(words: Iterable[Word], purpose: str) -> list[Word]:
    return sorted(words, key=lambda word: sha256(f"{purpose} {word.word} {word.reading}".encode()).digest())
