"""Words that auxiliaries make of other words."""

from typing import NamedTuple

from domain.inflection.inflections import Inflection as I
from domain.inflection.word_classes import WordClass


class Derived(NamedTuple):
    """A word that was made of another by an auxiliary, and inflects like any word of its class."""

    form: str
    word_class: WordClass
    chain: tuple[I, ...]
