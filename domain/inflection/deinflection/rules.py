"""One step of deinflection: a rule, and the trie in which rules are found by the end of a form."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from domain.inflection.deinflection.stems import ICHIDAN_STEM, Stem
from domain.inflection.inflections import Inflection as I


class Rule(NamedTuple):
    """A form of the kind `surface` becomes a form of the kind `base`, unless one of `excluded` follows already."""

    surface: int
    base: int
    ending: str
    """Replaces the ending of the surface."""
    chain: str
    """The inflections as characters of `CODES`."""
    used: int
    excluded: int
    is_ichidan: bool
    """Whether the stem is ichidan, whose last vowel is i or e."""


class Trie(NamedTuple):
    """Rules by their ending, from its last character to its first."""

    children: dict[str, "Trie"]
    rules: list[Rule]

    def add(self, surface: str, rule: Rule) -> None:
        node = self
        for character in reversed(surface):
            node = node.children.setdefault(character, Trie({}, []))
        if rule not in node.rules:
            node.rules.append(rule)


# Chains are strings while they grow, because strings are joined and hashed much faster than tuples of enum members.
CODES = {inflection: chr(ord("A") + index) for index, inflection in enumerate(I)}
# Looked up: thousands of rules are made at import.
_BITS = {inflection: 1 << index for index, inflection in enumerate(I)}

# Repeated by a double negation (食べなくない), where two auxiliaries are humble or honorific (お待ちしております), and
# by what follows である (学生であるそうだ).
_REPEATABLE = frozenset((I.NEGATIVE, I.HUMBLE, I.HONORIFIC, I.COPULA))
# Voices have an order: 食べさせられる is a passive of a causative, and a potential takes no voice.
_EXCLUDED_BY = {I.POTENTIAL: (I.PASSIVE, I.CAUSATIVE), I.PASSIVE: (I.CAUSATIVE,)}


def _bits(inflections: Iterable[I]) -> int:
    return reduce(or_, (_BITS[inflection] for inflection in inflections), 0)


def make_rule(surface: int, stem: Stem, inflections: Sequence[I]) -> Rule:
    """The rule that replaces an ending after `stem`."""
    excluded = [inflection for inflection in inflections if inflection not in _REPEATABLE]
    excluded += [other for inflection in inflections for other in _EXCLUDED_BY.get(inflection, ())]
    return Rule(
        surface,
        stem.classes,
        stem.base,
        "".join(CODES[inflection] for inflection in inflections),
        _bits(inflections),
        _bits(excluded),
        stem is ICHIDAN_STEM,
    )


def add_endings(rules: Trie, stems: Sequence[Stem], endings: str, surface: int, *inflections: I) -> None:
    """Add endings, separated by spaces, after each of the stems. `surface`: as what such a form inflects further."""
    for ending in endings.split():
        for stem in stems:
            rules.add(stem.end + ending, make_rule(surface, stem, inflections))
