"""The exercises of a chapter. Shuffled by a hash, so that the output is deterministic."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from domain.enums import AnswerLanguage, ExerciseKind
from domain.exercises.model import Exercise, Prompt, Solution
from domain.textbooks.model import Word
from domain.textbooks.sentences import Sentence, spellings_of
from domain.textbooks.text import plain_gloss, plain_headword, without_sense_number

_PAIRS = 8
_WORDS_TRANSLATED = 5
_SENTENCES_TRANSLATED = 4
# With fewer gaps, the answers are too easy to guess from the options.
_MIN_GAPS = 3
_MAX_GAPS = 5
_GAP = "＿＿＿＿"


def build_exercises(words: Sequence[Word], sentences: Sequence[Sentence]) -> tuple[Exercise, ...]:
    """Match meanings, fill gaps, translate in both directions. Exercises without prompts are omitted.

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
    return tuple(exercise for exercise in exercises if exercise.prompts)


def _match_meanings(words: Sequence[Word]) -> Exercise:
    offered = _shuffled(words, "meanings")
    options = tuple(plain_gloss(word.meanings) for word in offered)
    return Exercise(
        kind=ExerciseKind.MATCHING,
        title="Reading and meaning",
        task="Which meaning belongs to which reading?",
        answer_language=AnswerLanguage.ENGLISH,
        prompts=tuple(Prompt(word.reading) for word in words),
        options=options,
        solutions=tuple(
            Solution(options[option], tuple(map(without_sense_number, word.meanings)), option, word.word)
            for word in words
            for option in (offered.index(word),)
        ),
    )


def _fill_gaps(sentences: Sequence[Sentence]) -> Exercise:
    offered = _shuffled((sentence.word for sentence in sentences), "gaps")
    return Exercise(
        kind=ExerciseKind.GAP,
        title="Fill in the gap",
        task="Put each word where it belongs.",
        answer_language=AnswerLanguage.JAPANESE,
        prompts=tuple(Prompt(f"{sentence.before}{_GAP}{sentence.after}", sentence.english) for sentence in sentences),
        options=tuple(word.word for word in offered),
        solutions=tuple(_word_solution(sentence.word, offered.index(sentence.word)) for sentence in sentences),
    )


def _translate_to_japanese(words: Sequence[Word]) -> Exercise:
    return Exercise(
        kind=ExerciseKind.TRANSLATION,
        title="Translate into Japanese",
        task="Which word of this chapter means this?",
        answer_language=AnswerLanguage.JAPANESE,
        prompts=tuple(Prompt(plain_gloss(word.meanings)) for word in words),
        options=(),
        solutions=tuple(map(_word_solution, words)),
    )


def _translate_to_english(sentences: Sequence[Sentence]) -> Exercise:
    return Exercise(
        kind=ExerciseKind.TRANSLATION,
        title="Translate into English",
        task="What do these sentences say?",
        answer_language=AnswerLanguage.ENGLISH,
        prompts=tuple(Prompt(sentence.japanese) for sentence in sentences),
        options=(),
        solutions=tuple(Solution(sentence.english, (sentence.english,)) for sentence in sentences),
    )


def _word_solution(word: Word, option: int | None = None) -> Solution:
    return Solution(plain_headword(word), tuple(dict.fromkeys((*spellings_of(word), word.reading))), option)


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
