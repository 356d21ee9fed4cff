"""Finds the words of text in the dictionary."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import analysis
from analysis import Sentence, Token, TokenPartOfSpeech, analyze
from analysis.known_entries import Entry, KnownEntries
from analysis.lookup import EntryMatcher, entries_of, keys_of
from analysis.ruby import apply_ruby
from common.batches import batches
from common.executors import COMPUTING, run_in
from db.core.connection import Connection
from domain.annotated_text import Ruby
from domain.request_stats import RequestStatistics

# Incremented when the same sentences have other words.
_REVISION = 1
_KEYS_OF_STATEMENT = 5_000
# Grammar, which is not learned from cards, and what is no word.
_NOT_COUNTED = frozenset(
    (
        TokenPartOfSpeech.PARTICLE,
        TokenPartOfSpeech.AUXILIARY,
        TokenPartOfSpeech.SYMBOL,
        TokenPartOfSpeech.WHITESPACE,
    )
)
# Those that the dictionary has are words to know, such as 三 and 東京. Others can be read without knowing them.
_COUNTED_IF_KNOWN = frozenset((TokenPartOfSpeech.NUMERAL, TokenPartOfSpeech.PROPER_NOUN))


def is_counted(token: Token) -> bool:
    """Return whether the token, after its entry was looked up, counts as a word of the text."""
    if token.vocabulary_id is None and token.part_of_speech in _COUNTED_IF_KNOWN:
        return False
    return token.part_of_speech not in _NOT_COUNTED


async def analysis_version(connection: Connection) -> str:
    """Return what the words of texts depend on: the analyser, its dictionary, and the entries that are loaded."""
    digest = _analyzer_digest().copy()
    rows = await connection.fetch(
        "select fingerprint from content_versions where name in ('the level words', 'the dictionary') order by name"
    )
    for row in rows:
        digest.update(row["fingerprint"].encode())
    return digest.hexdigest()[:32]


@cache
def _analyzer_digest() -> "hashlib._Hash":
    """Read the sources once: each text of a load asks for the version."""
    digest = hashlib.sha256(f"{_REVISION} {version('sudachipy')} {version('sudachidict-small')}".encode())
    for path in sorted(Path(analysis.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest


class WordFinder:
    """Finds the words of texts. Entries that were read for earlier texts are not read again.

    Computes in a thread, so that the event loop is not blocked.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known = KnownEntries()

    async def find(self, texts: Sequence[str], ruby: Sequence[Sequence[Ruby]] | None = None) -> list[list[Sentence]]:
        """Return the sentences of texts of at most 100,000 characters each, with the entries of their words.

        `ruby`: the readings that each of the texts gives.
        """
        sentences, keys = await run_in(COMPUTING, _analyze, texts, ruby or [()] * len(texts), self._known)
        entries: dict[str, list[Entry]] = {}
        for batch in batches(keys, _KEYS_OF_STATEMENT):
            entries |= await self._read(batch)
        return await run_in(COMPUTING, _match, sentences, EntryMatcher(entries, self._known))

    async def _read(self, keys: Sequence[str]) -> dict[str, list[Entry]]:
        # Imports SQLAlchemy, which servers whose content is loaded do not need at their start.
        from db.queries.texts import entries_by_key

        [row] = await entries_by_key.run(self._connection, {"keys": keys}, RequestStatistics())
        return entries_of(keys, row.entries)


def _analyze(
    texts: Sequence[str], ruby: Sequence[Sequence[Ruby]], known: KnownEntries
) -> tuple[list[list[Sentence]], list[str]]:
    sentences = [apply_ruby(analyze(text), given) for text, given in zip(texts, ruby, strict=True)]
    return sentences, keys_of(chain.from_iterable(sentences), known)


def _match(texts: Iterable[list[Sentence]], matcher: EntryMatcher) -> list[list[Sentence]]:
    return [[matcher.match(sentence) for sentence in sentences] for sentences in texts]


def words_of(sentences: Iterable[Sentence]) -> Iterator[tuple[int, Token]]:
    """Yield the words of sentences with their positions in the text, in code points."""
    position = 0
    for sentence in sentences:
        for token in sentence.tokens:
            if is_counted(token):
                yield position, token
            position += len(token.surface)
