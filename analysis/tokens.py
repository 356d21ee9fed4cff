"""Sentences and tokens."""

from collections.abc import Iterator
from typing import NamedTuple

from analysis.parts_of_speech import TokenPartOfSpeech
from domain.furigana import Segment
from domain.ids import VocabularyId
from domain.inflection import Inflection


class Token(NamedTuple):
    """A word with its endings, or a symbol.

    `reading`: the surface in hiragana; None for symbols, and for words whose reading is not known. `inflection`: from
    the dictionary form outward; empty for a dictionary form, and for forms that the grammar does not know. `furigana`:
    with readings that the author gives; empty if there are none. `usual_spelling`: of a word in kana, the one that
    Sudachi has for it; None if it has none.
    """

    surface: str
    dictionary_form: str
    reading: str | None
    part_of_speech: TokenPartOfSpeech
    inflection: tuple[Inflection, ...]
    dictionary_reading: str | None = None
    classes: int = 0
    vocabulary_id: VocabularyId | None = None
    furigana: tuple[Segment, ...] = ()
    usual_spelling: str | None = None

    @property
    def furigana_key(self) -> tuple[str, str | None, tuple[Segment, ...]]:
        """What the furigana depend on."""
        return self.surface, self.reading, self.furigana


class Sentence(NamedTuple):
    """A sentence. The surfaces of the tokens are its text."""

    text: str
    tokens: tuple[Token, ...]


def cut_sentence(sentence: Sentence, max_tokens: int) -> Iterator[Sentence]:
    """Yield the sentence in parts of at most `max_tokens` tokens, which end with a symbol where possible."""
    tokens = sentence.tokens
    if 0 < len(tokens) <= max_tokens:
        yield sentence
        return
    start = 0
    while start < len(tokens):
        end = min(start + max_tokens, len(tokens))
        if end < len(tokens):
            pauses = (i + 1 for i in range(start, end) if tokens[i].part_of_speech is TokenPartOfSpeech.SYMBOL)
            end = max(pauses, default=end)
        part = tokens[start:end]
        yield Sentence("".join(token.surface for token in part), part)
        start = end
