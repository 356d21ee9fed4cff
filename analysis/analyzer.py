"""Analyses Japanese text."""

from functools import lru_cache

from analysis.morphemes import morphemes_of
from analysis.parts_of_speech import TokenPartOfSpeech
from analysis.readings import dictionary_reading, readings_of
from analysis.sentences import split_sentences
from analysis.tokens import Sentence, Token
from analysis.words import join_words
from domain.inflection import Inflection

MAX_LENGTH = 100_000


def analyze(text: str) -> list[Sentence]:
    """Return the sentences of text of at most 100,000 characters; all surfaces, joined, are the text.

    It takes about 5 µs for each character. Raises ValueError for longer texts.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"The text has {len(text)} characters; the maximum is {MAX_LENGTH}.")
    return [analyze_sentence(sentence) for sentence in split_sentences(text)]


@lru_cache(maxsize=4096)
def analyze_sentence(text: str) -> Sentence:
    """Return the analysis of a sentence. Recent ones are cached, because the same text is often analysed again."""
    morphemes = morphemes_of(text)
    readings = readings_of(morphemes)
    tokens = []
    for word in join_words(morphemes):
        parts = readings[word.start : word.end]
        reading = None if None in parts else "".join(filter(None, parts))
        tokens.append(
            _token(word.surface, word.dictionary_form, reading, word.part_of_speech, word.inflection, word.classes)
        )
    return Sentence(text, tuple(tokens))


@lru_cache(maxsize=1 << 14)
def _token(
    surface: str,
    dictionary_form: str,
    reading: str | None,
    part_of_speech: TokenPartOfSpeech,
    inflection: tuple[Inflection, ...],
    classes: int,
) -> Token:
    if reading is None and not any(map(str.isalnum, surface)) and not surface.isspace():
        # Sudachi takes unknown symbols for nouns.
        part_of_speech = TokenPartOfSpeech.SYMBOL
    known = dictionary_reading(surface, reading, dictionary_form)
    return Token(surface, dictionary_form, reading, part_of_speech, inflection, known, classes)
