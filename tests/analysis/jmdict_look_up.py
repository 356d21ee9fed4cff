"""Analyses with the entries of JMdict, without a database."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from uuid import UUID

from analysis import Token, analyze
from analysis.known_entries import Entry, KnownEntries
from analysis.lookup import EntryMatcher, keys_of
from content.jmdict import database_path, open_jmdict
from content.level_words import usual_reading
from content.search_index import indexed_entry
from content.vocabulary_rows import inflection_of
from domain.search.index_keys import READING, SPELLING
from domain.search.index_keys import keys_of as index_keys_of


def look_up(texts: Sequence[str], spellings: Iterable[str]) -> list[list[Token]]:
    """The tokens of texts, with the entries of JMdict that have one of the spellings."""
    analyzed = [analyze(text) for text in texts]
    known = KnownEntries()
    assert keys_of(chain.from_iterable(analyzed), known)
    matcher = EntryMatcher(_entries(spellings), known)
    return [[token for sentence in sentences for token in matcher.match(sentence).tokens] for sentences in analyzed]


def _entries(spellings: Iterable[str]) -> Mapping[str, list[Entry]]:
    path = database_path()
    assert path is not None
    entries: dict[str, list[Entry]] = {}
    with open_jmdict(path) as jmdict:
        for entry in jmdict.entries(set[int]().union(*jmdict.ids_by_form(spellings).values())):
            for key, score in index_keys_of(indexed_entry(entry, _without_readings)).items():
                if key[0] in SPELLING + READING:
                    found = Entry(str(UUID(int=entry.id)), score, inflection_of(entry), usual_reading(entry))
                    entries.setdefault(key, []).append(found)
    return entries


def _without_readings(_: str) -> frozenset[str]:
    return frozenset()
