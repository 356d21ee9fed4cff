"""Finds the dictionary entries of tokens, and joins tokens that are one entry together, such as 運転 and 手.

The dictionary is read once for a string: `keys_of` returns the keys of the search index for all of its words, and
`EntryMatcher` chooses among the entries that have them.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain

import orjson

from analysis.compounds import MIN_SCORE_OF_JOINED, Run, agrees, compound_token, has_given_readings, joined_runs
from analysis.counters import counter_reading
from analysis.known_entries import Entry, KnownEntries
from analysis.numbers import PLACES
from analysis.parts_of_speech import TokenPartOfSpeech
from analysis.potentials import as_potential
from analysis.tokens import Sentence, Token
from domain.ids import VocabularyId, to_uuid
from domain.inflection import WordClass
from domain.search.folding import fold_japanese, has_kanji
from domain.search.index_keys import MAX_KEY_LENGTH, READING, SPELLING
from domain.search.kana import hiragana, is_kana

_NOT_LOOKED_UP = frozenset((TokenPartOfSpeech.PARTICLE, TokenPartOfSpeech.SYMBOL, TokenPartOfSpeech.WHITESPACE))
_INFLECTED = frozenset((TokenPartOfSpeech.VERB, TokenPartOfSpeech.AUXILIARY))
_NOUN = int(WordClass.NOUN)
_NA_ADJECTIVE = int(WordClass.NA_ADJECTIVE)
_SURU = int(WordClass.SURU)
_SURU_NOUN = int(WordClass.SURU_NOUN)


# Of the first spelling of an entry.
_MIN_SCORE_OF_NAMES = 0.8

Entries = Mapping[str, Sequence[Entry]]


def entries_of(keys: Sequence[str], encoded: str) -> dict[str, list[Entry]]:
    """Return the entries of the keys that have any. `encoded`: JSON of the query `entries_by_key`."""
    entries: dict[str, list[Entry]] = {}
    for number, id, score, classes, reading in orjson.loads(encoded):
        entries.setdefault(keys[number - 1], []).append(Entry(id, score, classes, reading))
    return entries


def keys_of(sentences: Iterable[Sentence], known: KnownEntries) -> list[str]:
    """Return the keys by which the entries of words that are not known are found, without duplicates."""
    keys: dict[str, None] = {}
    tokens, compounds = known.tokens, known.compounds
    # By identity, as `known.tokens`.
    seen: set[int] = set()
    for sentence in sentences:
        for token in sentence.tokens:
            number = id(token)
            if number not in tokens and number not in seen:
                seen.add(number)
                if token.part_of_speech not in _NOT_LOOKED_UP:
                    for form in filter(None, (token, as_potential(token))):
                        keys.update(dict.fromkeys(chain.from_iterable(_keys_of_token(form))))
        for run in joined_runs(sentence.tokens):
            if run.key not in compounds or has_given_readings(sentence.tokens[run.start : run.end]):
                keys[_key_of_run(run)] = None
                if run.reading is not None:
                    keys[_key(READING, run.reading)] = None
    # PostgreSQL stores neither null characters nor lone surrogates.
    return [key for key in keys if key.isprintable()]


class EntryMatcher:
    """Chooses entries for tokens: once for each distinct token, and not for those that are known.

    `entries`: by key, for all keys of `keys_of`. What is found is added to `known`.
    """

    def __init__(self, entries: Entries, known: KnownEntries) -> None:
        self._entries = entries
        self._known = known

    def match(self, sentence: Sentence) -> Sentence:
        """Return the sentence with the entries of its tokens."""
        known = self._known.tokens
        tokens = []
        compounds = self._compounds(sentence.tokens)
        if not compounds:
            for token in sentence.tokens:
                matched = known.get(id(token))
                tokens.append(self._match_token(token) if matched is None else matched[1])
            return Sentence(sentence.text, tuple(tokens))
        index = 0
        while index < len(sentence.tokens):
            compound = compounds.get(index)
            if compound is None:
                tokens.append(self._match_token(sentence.tokens[index]))
                index += 1
            else:
                end, token = compound
                tokens.append(token)
                for part in sentence.tokens[index:end]:
                    # Its keys were read, too.
                    self._match_token(part)
                index = end
        return Sentence(sentence.text, tuple(tokens))

    def _compounds(self, tokens: Sequence[Token]) -> dict[int, tuple[int, Token]]:
        """Return the compounds by their start, with their end."""
        compounds: dict[int, tuple[int, Token]] = {}
        for run in joined_runs(tokens):
            found = self._best_of_compound(run, tokens[run.start : run.end])
            # The longest compound is the last one that starts here.
            if found is not None:
                compounds[run.start] = (run.end, compound_token(tokens, run, found))
        return compounds

    def _best_of_compound(self, run: Run, parts: Sequence[Token]) -> Entry | None:
        is_annotated = has_given_readings(parts)
        key = run.key
        if not is_annotated and key in self._known.compounds:
            return self._known.compounds[key]
        entries = self._entries.get(_key_of_run(run), ())
        wanted = run.classes
        agreeing = [entry for entry in entries if (not wanted or entry.classes & wanted) and agrees(entry, parts)]
        found = max(self._counted(run, agreeing), default=None, key=lambda entry: entry.score)
        if found is not None and found.score < MIN_SCORE_OF_JOINED:
            found = None
        if not is_annotated:
            self._known.compounds[key] = found
        return found

    def _counted(self, run: Run, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Return those that are read like the number and the counter of the run.

        If there are none, the run is not one entry (四分 is よんぷん, not しぶん), unless it is longer (五分五分).
        """
        if run.counted is None:
            return entries
        read = {entry.id for entry in self._entries.get(_key(READING, run.reading), ())} if run.reading else ()
        counted = [entry for entry in entries if entry.id in read or run.fits(hiragana(entry.reading))]
        return counted or (entries if run.end > run.start + 2 else ())

    def _match_token(self, token: Token) -> Token:
        matched = self._known.tokens.get(id(token))
        if matched is None:
            found = _with_best_entry(token, self._entries)
            if token.furigana:
                # Those with given readings are new objects each time.
                return found
            matched = self._known.tokens[id(token)] = token, found
        return matched[1]


@lru_cache(maxsize=1 << 14)
def _key(kind: str, text: str) -> str:
    return (kind + fold_japanese(text))[:MAX_KEY_LENGTH]


def _key_of_run(run: Run) -> str:
    """Words in katakana have no spelling but their reading."""
    return _key(READING if run.is_katakana else SPELLING, run.spelling)


def _keys_of_token(token: Token) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the keys of spellings, those of readings, and that of the usual spelling of a word in kana."""
    usual = token.usual_spelling
    spellings, readings = _keys_of_form(token.dictionary_form, token.dictionary_reading, bool(token.classes & _SURU))
    return spellings, readings, () if usual is None else (_key(SPELLING, usual),)


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


def _with_best_entry(token: Token, entries: Entries) -> Token:
    if token.part_of_speech in _NOT_LOOKED_UP:
        return token
    if (entry := _best(token, entries)) is not None:
        return _with_entry(token, entry, entries)
    verb = as_potential(token)
    entry = None if verb is None else _best(verb, entries)
    return token if verb is None or entry is None else _with_entry(verb, entry, entries)


def _best(token: Token, entries: Entries) -> Entry | None:
    """Return the entry with the spelling and the reading, else the best with the spelling or, in kana, the reading.

    Of those of a word in kana, that with the usual spelling is the best: たび is 度 and not 旅, which is more common.
    """
    spelling_keys, reading_keys, usual_keys = _keys_of_token(token)
    candidates = [entry for key in spelling_keys for entry in entries.get(key, ())]
    read = [entry for key in reading_keys for entry in entries.get(key, ())]
    if len(token.dictionary_form) == 1 and token.part_of_speech in _INFLECTED:
        # り of 思へり is no 里, and す of 行かむとす no 巣.
        read = [entry for entry in read if entry.classes & token.classes]
    if read and is_kana(token.dictionary_form):
        candidates += read
    wanted = token.classes | (_SURU_NOUN if token.classes & _SURU else 0)
    if token.classes & _NA_ADJECTIVE:
        # 同じ has the forms of a な adjective and is a noun in the dictionary.
        wanted |= _NOUN
    if token.inflection and wanted:
        # Entries that are in no list of parts of speech have no classes.
        candidates = [entry for entry in candidates if entry.classes & wanted or not entry.classes]
    with_reading = {entry.id for entry in read}
    if token.part_of_speech is TokenPartOfSpeech.PROPER_NOUN:
        # The family 山本 is no 山元, which is written like it, too, and タクシン no 宅診.
        form = token.dictionary_form
        candidates = [entry for entry in candidates if entry.score >= _MIN_SCORE_OF_NAMES or entry.reading == form]
    if token.part_of_speech is TokenPartOfSpeech.NUMERAL and not PLACES.isdisjoint(token.surface):
        # 二十 is にじゅう; はたち is another word.
        candidates = [entry for entry in candidates if entry.id in with_reading]
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    if token.dictionary_reading == counter_reading(token.dictionary_form):
        # Short readings have more entries than are read.
        with_reading.update(entry.id for entry in candidates if hiragana(entry.reading) == token.dictionary_reading)
    # Keys of kana have no long vowels: オレ is not オーレ.
    usual = {
        entry.id
        for key in usual_keys
        for entry in entries.get(key, ())
        if has_kanji(key) or hiragana(entry.reading) == hiragana(token.usual_spelling or "")
    }
    ranks = [
        (entry.classes & wanted != 0, entry.id in with_reading, entry.id in usual, entry.score) for entry in candidates
    ]
    return candidates[ranks.index(max(ranks))]


def _with_entry(token: Token, entry: Entry, entries: Entries) -> Token:
    """Return the token with its entry; with its reading, too, if the token has none, or another one that is no reading
    of the entry and that the author does not give.
    """
    reading = token.dictionary_reading
    surface, form, read, part_of_speech, inflection, _, classes, _, given, usual = token
    # The entry of 勉強する is read べんきょう.
    is_alone = (
        not (inflection or given or classes & _SURU)
        and has_kanji(surface)
        and part_of_speech is not TokenPartOfSpeech.NUMERAL
    )
    # Numbers and counters that are read otherwise alone have a reading by rule.
    if (
        is_alone
        and read == reading
        and (reading is None or not any(found.id == entry.id for found in entries.get(_key(READING, reading), ())))
    ):
        read = reading = hiragana(entry.reading)
    # By position: `_replace` takes three times as long.
    return Token(surface, form, read, part_of_speech, inflection, reading, classes, _id_of(entry), given, usual)


def _id_of(entry: Entry) -> VocabularyId:
    return VocabularyId(to_uuid(entry.id))
