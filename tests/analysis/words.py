"""Words as the tests of this folder write them."""

from analysis import analyze


def words_of(text: str) -> list[str]:
    """Return the surface and the dictionary form of each token."""
    return [f"{token.surface}/{token.dictionary_form}" for sentence in analyze(text) for token in sentence.tokens]
