"""Words of N5 and N4 have example sentences, which contain them."""

from functools import cache

import pytest

from analysis import Token, analyze
from content.level_words import LevelWord, load_level_words
from content.written_examples import written_examples
from domain.enums import JlptLevel
from domain.inflection import deinflect
from tests.content.jmdict import needs_jmdict


@cache
def words() -> dict[tuple[str, str], LevelWord]:
    return {(found.word, found.reading): found for found in load_level_words()}


@needs_jmdict
def test_every_word_of_the_easy_levels_has_an_example() -> None:
    easy = [found for found in words().values() if found.level in (JlptLevel.N5, JlptLevel.N4)]
    assert len(easy) > 1_400
    assert [(found.word, found.reading) for found in easy if not found.examples] == []


@needs_jmdict
def test_sentences_are_for_words_without_other_examples() -> None:
    unused = [
        key for key, written in written_examples().items() if key not in words() or words()[key].examples != written
    ]
    assert unused == []


def test_sentences_are_written_once_and_end() -> None:
    japanese = [sentence for sentences in written_examples().values() for sentence, _ in sentences]
    english = [sentence for sentences in written_examples().values() for _, sentence in sentences]
    assert len(set(japanese)) == len(japanese)
    assert all(sentence[-1] in "。？」" and len(sentence) <= 40 for sentence in japanese)
    assert all(sentence[-1] in '.?!"' and sentence.isascii() for sentence in english)


@pytest.mark.parametrize(("word", "reading"), written_examples())
def test_sentence_contains_the_word(word: str, reading: str) -> None:
    for japanese, _ in written_examples()[word, reading]:
        tokens = [token for sentence in analyze(japanese) for token in sentence.tokens]
        assert any(contains(tokens, start, word, reading) for start in range(len(tokens))), tokens


def contains(tokens: list[Token], start: int, word: str, reading: str) -> bool:
    """Whether the word is a token here, a run of tokens, a form of the word, or the end of a token."""
    for end in range(start + 1, min(start + 5, len(tokens)) + 1):
        *before, last = tokens[start:end]
        surface = "".join(token.surface for token in before)
        if {word, f"{word}する"} & {surface + last.surface, surface + last.dictionary_form}:
            return True
    token = tokens[start]
    read = token.reading or ""
    if read.endswith(reading) and token.surface.endswith(word):
        # 二十人, 聞きながら
        return True
    return token.surface == reading or any(candidate.form == reading for candidate in deinflect(read))
