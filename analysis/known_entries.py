"""The entries of words that were looked up before, valid while the dictionary does not change."""

from typing import NamedTuple

from analysis.tokens import Token


class Entry(NamedTuple):
    """An entry of the dictionary that has a key. `score`: of the key. `classes`: bits of its word classes."""

    id: str
    score: float
    classes: int
    reading: str


class KnownEntries:
    """Tokens with their entries, and runs of tokens that are one entry together.

    `tokens`: by identity, the token and the one with its entry, because equal tokens of texts are the same object most
    of the time, and hashes of tuples are not stored. `compounds`: the best entry by surface, None if there is none.
    """

    __slots__ = ("compounds", "tokens")

    def __init__(self) -> None:
        self.tokens: dict[int, tuple[Token, Token]] = {}
        self.compounds: dict[str, Entry | None] = {}
