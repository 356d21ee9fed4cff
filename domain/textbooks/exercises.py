"""The exercises of a chapter, with their answers. Shuffled by a hash, so that the same chapter comes out the same."""

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
# With fewer, the list of choices gives the answers away.
_GAPS_AT_LEAST = 3
_GAPS_AT_MOST = 5
_GAP = "＿＿＿＿"


@dataclass(frozen=True, slots=True)
class Exercise:
    """Lines of Markdown. `answers`: one for each question, in the same order."""

    title: str
    task: str
    choices: tuple[str, ...]
    questions: tuple[str, ...]
    answers: tuple[str, ...]


def make_exercises(words: Sequence[Word], sentences: Sequence[Sentence]) -> tuple[Exercise, ...]:
    """From reading to meaning, fill in the gap, translate. One that has nothing to ask is left out.

    `sentences`: the first are asked first.
    """
    distinct = list(_without_look_alikes(_shuffled(words, "readings")))
    gaps = _one_for_each_word(sentences)[:_GAPS_AT_MOST]
    if len(gaps) < _GAPS_AT_LEAST:
        gaps = []
    rest = [sentence for sentence in sentences if sentence not in gaps]
    exercises = (
        _match_meanings(distinct[:_PAIRS]),
        _fill_gaps(gaps),
        _say_in_japanese(distinct[_PAIRS:][:_WORDS_TRANSLATED]),
        _say_in_english(rest[:_SENTENCES_TRANSLATED]),
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


def _say_in_japanese(words: Sequence[Word]) -> Exercise:
    return Exercise(
        title="Translate into Japanese",
        task="Which word of this chapter means this?",
        choices=(),
        questions=tuple(gloss(word.meanings) for word in words),
        answers=tuple(headword(word) for word in words),
    )


def _say_in_english(sentences: Sequence[Sentence]) -> Exercise:
    return Exercise(
        title="Translate into English",
        task="What do these sentences say?",
        choices=(),
        questions=tuple(literal(sentence.japanese) for sentence in sentences),
        answers=tuple(literal(sentence.english) for sentence in sentences),
    )


def _one_for_each_word(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Without sentences that hold two of the words: one gap would give the other away."""
    words = {sentence.spelling for sentence in sentences}
    first: dict[Word, Sentence] = {}
    for sentence in sentences:
        if not any(word in sentence.before or word in sentence.after for word in words):
            first.setdefault(sentence.word, sentence)
    return list(first.values())


def _without_look_alikes(words: Iterable[Word]) -> Iterable[Word]:
    """Words that share no reading and no meaning, so that each question has one right answer."""
    seen: set[str] = set()
    for word in words:
        signs = {word.reading, *word.meanings}
        if seen.isdisjoint(signs):
            seen |= signs
            yield word


def _shuffled(words: Iterable[Word], purpose: str) -> list[Word]:
    return sorted(words, key=lambda word: sha256(f"{purpose} {word.word} {word.reading}".encode()).digest())
