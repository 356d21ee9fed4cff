"""Analyses Japanese text."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from analysis.expressions import join_expressions
from analysis.morphemes import Morpheme, morphemes_of
from analysis.parts_of_speech import TokenPartOfSpeech
from analysis.readings import dictionary_reading, readings_of, usual_readings
from analysis.sentences import split_sentences
from analysis.tokens import Sentence, Token
from analysis.words import Word, morphemes_of_word, word_at
from domain.inflection import Inflection
from domain.search.folding import INVISIBLE_IN_JAPANESE, VARIATION_SELECTORS

MAX_LENGTH = 100_000


def analyze(text: str) -> list[Sentence]:
    """Return the sentences of text of at most 100,000 characters; all surfaces, joined, are the text.

    It takes about 3 µs for each character. Raises ValueError for longer texts.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"The text has {len(text)} characters; the maximum is {MAX_LENGTH}.")
    return [analyze_sentence(sentence) for sentence in split_sentences(text)]


@lru_cache(maxsize=4096)
def analyze_sentence(text: str) -> Sentence:
    """Return the analysis of a sentence. Recent ones are cached, because the same text is often analysed again."""
    read = INVISIBLE_IN_JAPANESE.sub("", text)
    tokens = join_expressions(split_words(read))
    return Sentence(text, tuple(tokens if read == text else _with_invisible(text, tokens)))


def _with_invisible(text: str, tokens: Iterable[Token]) -> Iterator[Token]:
    """Yield the tokens with the invisible characters of the text: as a part of a word, and alone between words."""
    position = 0
    for token in tokens:
        start = position
        while text[position] != token.surface[0]:
            position += 1
        if position > start:
            yield _symbol(text[start:position])
        start = position
        for character in token.surface:
            while text[position] != character:
                position += 1
            position += 1
        # They belong to the kanji before them.
        selectors = VARIATION_SELECTORS.match(text, position)
        position = selectors.end() if selectors else position
        yield token._replace(surface=text[start:position])
    if position < len(text):
        yield _symbol(text[position:])


def _symbol(text: str) -> Token:
    return _token(text, text, None, TokenPartOfSpeech.SYMBOL, (), 0, None, None)


def split_words(text: str) -> list[Token]:
    """Return the words of a sentence, of which some are an expression together."""
    morphemes = tuple(morphemes_of(text))
    in_context = readings_of(morphemes)
    tokens = []
    index = 0
    while index < len(morphemes):
        word, usual, token = _first_word(morphemes_of_word(morphemes, index))
        end = index + word.end
        if in_context is not None:
            readings = in_context.readings[index:end]
            if readings != usual or index in in_context.alone:
                alone = in_context.alone.get(index) if word.end == 1 else None
                token = _token_of(word, readings, alone, _usual_spelling(word, morphemes[index]))
        tokens.append(token)
        index = end
    return tokens


@lru_cache(maxsize=1 << 15)
def _first_word(morphemes: tuple[Morpheme, ...]) -> tuple[Word, list[str | None], Token]:
    """Return the word that starts with the first morpheme, its usual readings, and the token that has them.

    Cached, because joining morphemes takes most of the time and texts have mostly the same words.
    """
    word = word_at(morphemes, 0)
    readings = usual_readings(morphemes[: word.end])
    return word, readings, _token_of(word, readings, usual_spelling=_usual_spelling(word, morphemes[0]))


def _usual_spelling(word: Word, first: Morpheme) -> str | None:
    return first.usual_spelling if word.dictionary_form == first.dictionary_form else None


def _token_of(
    word: Word, readings: Sequence[str | None], alone: str | None = None, usual_spelling: str | None = None
) -> Token:
    """`alone`: the reading that the word has alone, if it is another."""
    reading = None if None in readings else "".join(filter(None, readings))
    return _token(
        word.surface,
        word.dictionary_form,
        reading,
        word.part_of_speech,
        word.inflection,
        word.classes,
        alone,
        usual_spelling,
    )


@lru_cache(maxsize=1 << 14)
def _token(
    surface: str,
    dictionary_form: str,
    reading: str | None,
    part_of_speech: TokenPartOfSpeech,
    inflection: tuple[Inflection, ...],
    classes: int,
    alone: str | None,
    usual_spelling: str | None,
) -> Token:
    if reading is None and not any(map(str.isalnum, surface)) and not surface.isspace():
        # Sudachi takes unknown symbols for nouns.
        part_of_speech = TokenPartOfSpeech.SYMBOL
    known = alone or dictionary_reading(surface, reading, dictionary_form)
    return Token(
        surface,
        dictionary_form,
        reading,
        part_of_speech,
        inflection,
        known,
        classes,
        usual_spelling=usual_spelling,
    )
