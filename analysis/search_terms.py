"""What books and textbooks are found by: titles, names and topics as they are written, in kana and in romaji."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from analysis.analyzer import split_words
from analysis.parts_of_speech import TokenPartOfSpeech
from analysis.sentences import split_sentences
from analysis.tokens import Token
from domain.search.kana import hiragana, is_kana, phonetic, romaji
from domain.search.terms import search_vector, sound_terms

# Incremented when the same books and textbooks have different terms.
REVISION = 2

# Words of a title from which on its romaji is a term. Titles are shorter than this; the limit is for those of users.
_MAX_WORDS = 40
# は, へ and を at the end of a particle.
_PRONOUNCED = dict(zip("はへを", "わえお", strict=True))


def book_search_terms(title: str, title_reading: str | None, author: str, author_reading: str | None = None) -> str:
    """Return what a book is found by: its title with weight A, its author with weight B.

    Readings that are not given are those that the analysis finds.
    """
    return search_vector(("A", _texts(title, title_reading)), ("B", _texts(author, author_reading)))


def textbook_search_terms(title: str, topics: Iterable[str]) -> str:
    """Return what a textbook is found by: its title with weight A, its topics with weight B."""
    return search_vector(("A", _texts(title)), ("B", (text for topic in topics for text in _texts(topic))))


def _texts(text: str, reading: str | None = None) -> Iterator[str]:
    """Yield a title or a name, its reading, and the romaji of the reading from each word on, as one word."""
    yield text
    runs = list(_readable_runs(text))
    given = reading or (text if is_kana(hiragana(text)) else None)
    whole = given or " ".join("".join(token.reading or "" for token in run) for run in runs)
    yield whole
    yield from sound_terms(whole)
    for run in runs:
        for start in range(len(run)):
            kana = "".join(token.reading or "" for token in run[start:])
            # A given reading is right where the analysis differs.
            if given is None or hiragana(given).endswith(kana):
                # Queries with spaces have は and へ for wa and e between words, others do not.
                yield phonetic(romaji(kana))
                yield phonetic(romaji("".join(map(_pronounced, run[start:]))))


def _readable_runs(text: str) -> Iterator[list[Token]]:
    """Yield the words of a title or a name, without those that have no reading, such as Latin letters."""
    # Also 人 of 男の人, which is one token elsewhere.
    tokens = [token for sentence in split_sentences(text) for token in split_words(sentence)]
    for is_read, run in groupby(tokens[:_MAX_WORDS], key=lambda token: token.reading is not None):
        if is_read:
            yield list(run)


def _pronounced(token: Token) -> str:
    reading = token.reading or ""
    if token.part_of_speech is TokenPartOfSpeech.PARTICLE:
        return reading[:-1] + _PRONOUNCED.get(reading[-1:], reading[-1:])
    return reading
