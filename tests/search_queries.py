"""Real queries, with the words that a good dictionary shows first."""

from collections.abc import Iterator
from pathlib import Path

_FILE = Path(__file__).with_suffix(".txt")


def search_queries() -> Iterator[tuple[str, list[str]]]:
    """Yield each query with the words of which any may be first."""
    for line in _FILE.read_text().splitlines():
        if line and not line.startswith("#"):
            words, _, queries = line.partition(": ")
            for query in queries.split(", "):
                yield query, words.split("|")


def expected_words() -> list[str]:
    return sorted({word for _, words in search_queries() for word in words})
