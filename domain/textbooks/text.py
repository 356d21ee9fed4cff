"""Formats meanings and fragments of Markdown."""

import re
from collections.abc import Iterable, Sequence

from domain.textbooks.model import Word

_MARKUP = re.compile(r"([\\`*_\[\]<>|#~&])")
_SENSE_NUMBER = re.compile(r"^\(\d+\)\s*")
_MEANINGS_SHOWN = 3


def literal(text: str) -> str:
    """Escape Markdown, and join lines."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def gloss(meanings: Sequence[str]) -> str:
    """The first meanings as Markdown, without sense numbers such as (1)."""
    return literal(plain_gloss(meanings))


def plain_gloss(meanings: Sequence[str]) -> str:
    return "; ".join(map(without_sense_number, meanings[:_MEANINGS_SHOWN]))


def without_sense_number(meaning: str) -> str:
    return _SENSE_NUMBER.sub("", meaning)


def headword(word: Word) -> str:
    """The word with its reading, unless they are equal, as Markdown."""
    return literal(plain_headword(word))


def plain_headword(word: Word) -> str:
    return word.word if word.reading == word.word else f"{word.word}（{word.reading}）"


def numbered(lines: Iterable[str]) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def bulleted(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
