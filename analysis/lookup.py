"""Finds the dictionary entries of tokens, and joins tokens that are one entry together, such as 運転 and 手.

The dictionary is read once for a string: `keys_of` returns the keys of the search index for all of its words, and
`EntryMatcher` chooses among the entries that have them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import orjson

from analysis.parts_of_speech import TokenPartOfSpeech
from analysis.tokens import Sentence, Token
from domain.ids import VocabularyId, to_uuid
from domain.inflection import Inflection, WordClass
from domain.search.folding import fold_japanese, has_kanji
from domain.search.index_keys import MAX_KEY_LENGTH, READING, SPELLING
from domain.search.kana import hiragana, is_kana

_STEM = (Inflection.STEM,)
_MAX_JOINED, _MAX_JOINED_LENGTH = 4, 10
_NOT_LOOKED_UP = frozenset((TokenPartOfSpeech.PARTICLE, TokenPartOfSpeech.SYMBOL, TokenPartOfSpeech.WHITESPACE))
_JOINED = frozenset(
    (
        TokenPartOfSpeech.NOUN,
        TokenPartOfSpeech.PROPER_NOUN,
        TokenPartOfSpeech.PRONOUN,
        TokenPartOfSpeech.NUMERAL,
        TokenPartOfSpeech.PREFIX,
        TokenPartOfSpeech.SUFFIX,
    )
)
_NAMES = frozenset((TokenPartOfSpeech.PROPER_NOUN, TokenPartOfSpeech.PRONOUN))
_NOUN = int(WordClass.NOUN)
_SURU = int(WordClass.SURU)
_SURU_NOUN = int(WordClass.SURU_NOUN)
_MIN_SCORE_OF_JOINED = 0.7


class Entry(NamedTuple):
    """An entry of the dictionary that has a key. `score`: of the key. `classes`: bits of its word classes."""

    id: str
    score: float
    classes: int
    reading: str


Entries = Mapping[str, Sequence[Entry]]


def entries_of(keys: Sequence[str], encoded: str) -> dict[str, list[Entry]]:
    """Return the entries of the keys that have any. `encoded`: JSON of the query `entries_by_key`."""
    entries: dict[str, list[Entry]] = {}
    for number, id, score, classes, reading in orjson.loads(encoded):
        entries.setdefault(keys[number - 1], []).append(Entry(id, score, classes, reading))
    return entries


def keys_of(sentences: Iterable[Sentence]) -> list[str]:
    """Return the keys by which the entries of all words are found, without duplicates."""
    keys: dict[str, None] = {}
    # By identity, because equal tokens of sentences are the same object most of the time, and hashes of tuples are not
    # stored.
    seen: dict[int, Token] = {}
    for sentence in sentences:
        for token in sentence.tokens:
            if id(token) not in seen:
                seen[id(token)] = token
                if token.part_of_speech not in _NOT_LOOKED_UP:
                    spelling, reading = _keys_of_token(token)
                    keys.update(dict.fromkeys(spelling))
                    keys.update(dict.fromkeys(reading))
        for _, _, surface in _joined(sentence.tokens):
            keys[_key(SPELLING, surface)] = None
    # PostgreSQL stores neither null characters nor lone surrogates.
    return [key for key in keys if key.isprintable()]


class EntryMatcher:
    """Chooses entries for the tokens of a request: once for each distinct token.

    `entries`: by key, for all keys of `keys_of`.
    """

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        # By identity, as above: the token and the one with its entry.
        self._matched: dict[int, tuple[Token, Token]] = {}

    def match(self, sentence: Sentence) -> Sentence:
        """Return the sentence with the entries of its tokens."""
        compounds: dict[int, tuple[int, Token]] = {}
        for start, end, surface in _joined(sentence.tokens):
            entries = self._entries.get(_key(SPELLING, surface))
            if not entries:
                continue
            parts = sentence.tokens[start:end]
            agreeing = (entry for entry in entries if _agrees(entry, parts))
            found = max(agreeing, default=None, key=lambda entry: entry.score)
            # The longest compound is the last one that starts here.
            if found is not None and found.score >= _MIN_SCORE_OF_JOINED:
                compounds[start] = (end, _compound(parts, surface, found))
        tokens = []
        index = 0
        while index < len(sentence.tokens):
            compound = compounds.get(index)
            if compound is not None:
                index = compound[0]
                tokens.append(compound[1])
                continue
            token = sentence.tokens[index]
            matched = self._matched.get(id(token))
            if matched is None:
                matched = self._matched[id(token)] = token, _with_best_entry(token, self._entries)
            tokens.append(matched[1])
            index += 1
        return Sentence(sentence.text, tuple(tokens))


@lru_cache(maxsize=1 << 14)
def _key(kind: str, text: str) -> str:
    return (kind + fold_japanese(text))[:MAX_KEY_LENGTH]


def _keys_of_token(token: Token) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys of spellings and those of readings."""
    return _keys_of_form(token.dictionary_form, token.dictionary_reading, bool(token.classes & _SURU))


@lru_cache(maxsize=1 << 14)
def _keys_of_form(form: str, reading: str | None, is_suru: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    spellings = [_key(SPELLING, form)]
    readings = []
    if is_suru and form.endswith("する") and len(form) > 2:
        spellings.append(_key(SPELLING, form[:-2]))
        if is_kana(form):
            readings.append(_key(READING, form[:-2]))
    if is_kana(form):
        readings.append(_key(READING, form))
    elif reading is not None:
        readings.append(_key(READING, reading))
    return tuple(spellings), tuple(readings)


def _joined(tokens: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of all runs of tokens that can be one entry, shorter ones first."""
    joins = [token.part_of_speech in _JOINED for token in tokens]
    for last in range(1, len(tokens)):
        start = last - 1
        if not joins[last] or not (joins[start] or tokens[start].inflection == _STEM):
            continue
        surface = tokens[start].surface
        for end in range(last, min(start + _MAX_JOINED, len(tokens))):
            if not joins[end]:
                break
            surface += tokens[end].surface
            if len(surface) > _MAX_JOINED_LENGTH:
                break
            if not _is_hiragana(surface):
                yield start, end + 1, surface


def _is_hiragana(text: str) -> bool:
    return is_kana(text) and hiragana(text) == text


def _with_best_entry(token: Token, entries: Entries) -> Token:
    entry = None if token.part_of_speech in _NOT_LOOKED_UP else _best(token, entries)
    return token if entry is None else _with_entry(token, entry, entries)


def _best(token: Token, entries: Entries) -> Entry | None:
    """Return the entry with the spelling and the reading, else the best with the spelling or, in kana, the reading."""
    spelling_keys, reading_keys = _keys_of_token(token)
    candidates: list[Entry] = []
    for key in spelling_keys:
        candidates += entries.get(key, ())
    read: list[Entry] = []
    for key in reading_keys:
        read += entries.get(key, ())
    if read and is_kana(token.dictionary_form):
        candidates += read
    wanted = token.classes | (_SURU_NOUN if token.classes & _SURU else 0)
    if token.inflection and wanted:
        # Entries that are in no list of parts of speech have no classes.
        candidates = [entry for entry in candidates if entry.classes & wanted or not entry.classes]
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    with_reading = {entry.id for entry in read}

    def rank(entry: Entry) -> tuple[bool, bool, float]:
        return bool(entry.classes & wanted), entry.id in with_reading, entry.score

    return max(candidates, key=rank)


def _with_entry(token: Token, entry: Entry, entries: Entries) -> Token:
    """Return the token with its entry; with its reading, too, if that is the only one, and the token has another that
    the author does not give.
    """
    reading = token.dictionary_reading
    if token.inflection or token.furigana or reading is None or not has_kanji(token.surface):
        return token._replace(vocabulary_id=_id_of(entry))
    if any(found.id == entry.id for found in entries.get(_key(READING, reading), ())):
        return token._replace(vocabulary_id=_id_of(entry))
    reading = hiragana(entry.reading)
    return token._replace(reading=reading, dictionary_reading=reading, vocabulary_id=_id_of(entry))


def _id_of(entry: Entry) -> VocabularyId:
    return VocabularyId(to_uuid(entry.id))


def _agrees(entry: Entry, tokens: Sequence[Token]) -> bool:
    """Return whether the reading of the entry has the readings that the author gives, in their order."""
    position = 0
    for token in tokens:
        for segment in token.furigana:
            if segment.reading is not None:
                reading = hiragana(segment.reading)
                position = hiragana(entry.reading).find(reading, position)
                if position < 0:
                    return False
                position += len(reading)
    return True


def _compound(tokens: Sequence[Token], surface: str, entry: Entry) -> Token:
    first, last = tokens[0].part_of_speech, tokens[-1].part_of_speech
    is_noun = first not in _NAMES or last is TokenPartOfSpeech.NOUN
    reading = hiragana(entry.reading)
    return Token(
        surface, surface, reading, TokenPartOfSpeech.NOUN if is_noun else first, (), reading, _NOUN, _id_of(entry)
    )
