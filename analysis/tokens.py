"""Sentences and tokens."""

from typing import NamedTuple

from analysis.parts_of_speech import TokenPartOfSpeech
from domain.inflection import Inflection


class Token(NamedTuple):
    """A word with its endings, or a symbol.

    `reading`: the surface in hiragana; None for symbols, and for words whose reading is not known. `inflection`: from
    the dictionary form outward; empty for a dictionary form, and for forms that the grammar does not know.
    """

    surface: str
    dictionary_form: str
    reading: str | None
    part_of_speech: TokenPartOfSpeech
    inflection: tuple[Inflection, ...]


class Sentence(NamedTuple):
    """A sentence. The surfaces of the tokens are its text."""

    text: str
    tokens: tuple[Token, ...]
