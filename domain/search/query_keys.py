"""The keys for which the search looks: for any spelling, inflected forms, kana, romaji and English."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product

from domain.enums import SearchField
from domain.inflection import Inflection, WordClass, deinflect
from domain.kanji_characters import KANJI_RANGES
from domain.list_sizes import MAX_INFLECTIONS
from domain.search.english import comparative_bases, gloss_key, stem_key, stems, verb_of, words
from domain.search.english_forms import is_irregular_comparison
from domain.search.folding import fold_japanese, has_kanji, visible
from domain.search.index_keys import (
    CONSONANTS_OF_GLOSS,
    CONSONANTS_OF_SOUND,
    GLOSS,
    MAX_KEY_LENGTH,
    READING,
    ROMAJI,
    SIMILAR_GLOSS,
    SIMILAR_SOUND,
    SOUND,
    SPELLING,
    STEM,
    STEMMED_GLOSS,
    WITHIN,
    consonants,
)
from domain.search.kana import (
    has_syllabic_n,
    is_kana,
    is_rather_english,
    kana_of_romaji,
    latin_letters,
    phonetic,
    phonetic_of_kana,
    romaji,
)
from domain.search.patterns import WILDCARD, patterns_of
from domain.search.typos import typos

_JAPANESE = re.compile(f"[\u3040-\u30ff\u31f0-\u31ff{KANJI_RANGES}\uff66-\uff9f々〆]")
_QUOTED = re.compile(r"""^\s*["“”„「『](.+)["“”„」』]\s*$""")
_BRACKETS = str.maketrans("()", "  ")
_MIN_PREFIX_LETTERS = 3
# Nouns with a particle or the copula match less than inflected words: きの is rather the beginning of きのう than 木の.
_NOUN = 0.6
# A stem such as 引越し is rather the noun, if there is one.
_STEM = 0.95
# A reading is rather a word than a form of another one: まっちゃ is 抹茶 before 待っては.
_INFLECTED_READING = 0.86
# A dictionary form in kana is rather itself than a form of another word: ない is no form of ある.
_INFLECTED_KANA = 0.93
# Classes of words with ー, which romaji does not tell from a second vowel.
_LOANWORDS = WordClass.SURU_NOUN | WordClass.NA_ADJECTIVE
# ず that may be づ, of which every combination is tried.
_MAX_ZU = 3
# じ that may be ぢ in words that inflect: 縮む, and with 近い and 力.
_JI_OF_CHI = re.compile("(?<=ち)じ|じ(?=か)")
# Best is rather 最高 than いい.
_COMPARED = 0.9
# Between the parts of a word, which glosses have with a hyphen or without: re-use, e-mail.
_HYPHENS = re.compile(r"(?<=[A-Za-z])[-‐‑](?=[A-Za-z])")
# Glosses of Japanese verbs describe the change: 疲れる is to get tired.
_VERBS_OF_CHANGE = ("get", "become")
_HONORIFICS = ("お", "ご", "御")
# A noun as it is in a sentence is rather the noun than the beginning of a word: 水が is 水 before 水害.
_NOUN_WITH_PARTICLE, _READING_WITH_PARTICLE = 0.8, 0.6
_WITH_PARTICLE = re.compile(
    "(.+?)(?:からは|までに|には|では|とは|にも|でも|へは|から|まで|より|だけ|しか|など|って|[がをにへとはものでやか])"
)
_ROMAJI_WITH_PARTICLE = re.compile(
    r"(.+\S)\s+(?:ga|o|wo|ni|e|he|to|wa|ha|mo|no|de|ya|ka|kara|made|yori)", re.IGNORECASE
)
# Of a clause, 本を読む, each word with kanji is found, the first one first, after entries that begin with all of it.
_PARTICLES_IN_CLAUSE = re.compile("(?:には|では|とは|にも|でも|から|まで|[がをにへとはものでや])")
_WORD_OF_CLAUSE, _LATER_WORD, _MAX_WORDS_OF_CLAUSE = 0.5, 0.02, 4
# Shorter ones may be the whole word, かに; in romaji, there is a space before the particle.
_MIN_READING_WITH_PARTICLE = 3


@dataclass(frozen=True, slots=True)
class QueryKey:
    """A key with the factor for its score. An entry must have one of the word classes, if there are any."""

    key: str
    weight: float
    field: SearchField
    classes: int = 0
    chain: tuple[Inflection, ...] = ()


@dataclass(slots=True)
class SearchQuery:
    """What the search looks for.

    `prefixes`: keys that start with these match. `patterns`: LIKE patterns, for queries with wildcards. `stems`: an
    entry that has all of them matches. `similar`: keys that are compared by trigrams if nothing matches well.
    """

    keys: list[QueryKey] = field(default_factory=list)
    prefixes: list[QueryKey] = field(default_factory=list)
    patterns: list[QueryKey] = field(default_factory=list)
    stems: list[str] = field(default_factory=list)
    similar: list[QueryKey] = field(default_factory=list)

    def add(
        self,
        kind: str,
        text: str,
        weight: float,
        field: SearchField,
        classes: int = 0,
        chain: tuple[Inflection, ...] = (),
    ) -> None:
        if text:
            self.keys.append(QueryKey((kind + text)[:MAX_KEY_LENGTH], weight, field, classes, chain))


def parse_query(text: str) -> SearchQuery:
    """Return the keys for a query.

    `*` and `?` stand for any characters and for one character. Quotes around the query switch off inflection, prefixes
    and similar words. Raises BadUserInput for a pattern that no index answers.
    """
    quoted = _QUOTED.match(text)
    text = unicodedata.normalize("NFKC", visible(quoted[1] if quoted else text))
    query = SearchQuery()
    if quoted is None and WILDCARD.search(text.rstrip(" ?")):
        for pattern, matched in patterns_of(text, is_japanese=_JAPANESE.search(text) is not None):
            query.patterns.append(QueryKey(pattern[:MAX_KEY_LENGTH], 0.9, matched))
    elif _JAPANESE.search(text):
        _add_japanese(query, fold_japanese(text), exact=quoted is not None)
    else:
        _add_romaji(query, text, exact=quoted is not None)
        _add_english(query, text, exact=quoted is not None)
    return query


def _add_japanese(query: SearchQuery, folded: str, *, exact: bool) -> None:
    query.add(SPELLING, folded, 1, SearchField.WORD)
    kana = is_kana(folded)
    if kana:
        query.add(READING, folded, 1, SearchField.READING)
    if exact:
        return
    if folded.startswith(_HONORIFICS):
        _add_without_honorific(query, folded[1:])
    if found := _WITH_PARTICLE.fullmatch(folded):
        _add_noun(query, found[1], SearchField.READING)
    _add_clause(query, folded)
    query.prefixes.append(QueryKey(SPELLING + folded, 0.72, SearchField.WORD))
    if kana:
        query.add(SOUND, phonetic_of_kana(folded), 0.95, SearchField.READING)
        query.add(SOUND, phonetic(romaji(folded)), 0.97, SearchField.READING)
        query.prefixes.append(QueryKey(READING + folded, 0.7, SearchField.READING))
        for typo in typos(folded):
            query.add(READING, typo, 0.62, SearchField.READING)
    else:
        query.prefixes.append(QueryKey(WITHIN + folded, 1, SearchField.WORD))
    _add_inflected(query, folded, 0.97, SearchField.WORD, SearchField.READING)


def _add_without_honorific(query: SearchQuery, rest: str) -> None:
    if has_kanji(rest[:1]):
        query.add(SPELLING, rest, 0.9, SearchField.WORD)
    elif len(rest) > 1 and is_kana(rest):
        query.add(READING, rest, 0.65, SearchField.READING)


def _add_noun(query: SearchQuery, noun: str, reading: SearchField) -> None:
    """Add the noun before a particle."""
    if has_kanji(noun):
        query.add(SPELLING, noun, _NOUN_WITH_PARTICLE, SearchField.WORD)
    elif len(noun) >= _MIN_READING_WITH_PARTICLE or reading is SearchField.ROMAJI:
        query.add(READING, noun, _READING_WITH_PARTICLE, reading)


def _add_clause(query: SearchQuery, folded: str) -> None:
    """Add the words between the particles, if some are written with kanji."""
    words = [word for word in _PARTICLES_IN_CLAUSE.split(folded) if has_kanji(word)]
    if len(words) < 2:
        return
    for place, word in enumerate(words[:_MAX_WORDS_OF_CLAUSE]):
        weight = _WORD_OF_CLAUSE - place * _LATER_WORD
        query.add(SPELLING, word, weight, SearchField.WORD)
        _add_inflected(query, word, weight, SearchField.WORD, SearchField.READING)


def _add_inflected(query: SearchQuery, text: str, weight: float, spelling: SearchField, reading: SearchField) -> None:
    for candidate in deinflect(text):
        if not 0 < len(candidate.chain) <= MAX_INFLECTIONS:
            continue
        factor = weight - 0.004 * len(candidate.chain)
        if candidate.chain == (Inflection.STEM,):
            factor *= _STEM
        for classes, share in ((candidate.classes & ~WordClass.NOUN, 1), (candidate.classes & WordClass.NOUN, _NOUN)):
            if classes:
                is_read = is_kana(candidate.form)
                score = (_INFLECTED_KANA if is_read else 1) * factor * share
                query.add(SPELLING, candidate.form, score, spelling, int(classes), candidate.chain)
                if is_read:
                    score = _INFLECTED_READING * factor * share
                    query.add(READING, candidate.form, score, reading, int(classes), candidate.chain)
                    loanword = classes & _LOANWORDS
                    if (
                        loanword
                        and reading is SearchField.ROMAJI
                        and (latin := romaji(candidate.form)) != (sound := phonetic(latin))
                    ):
                        query.add(SOUND, sound, score, reading, int(loanword), candidate.chain)


def _add_romaji(query: SearchQuery, text: str, *, exact: bool) -> None:
    letters = latin_letters(text)
    # Words such as ＣＤ, whose spelling has Latin letters.
    query.add(SPELLING, fold_japanese(text), 1, SearchField.WORD)
    readings = kana_of_romaji(text)
    # Romaji in the index has no apostrophes: kin'en is no kinen.
    query.add(ROMAJI, letters, 0.9 if readings and has_syllabic_n(text) else 1, SearchField.ROMAJI)
    for position, kana in enumerate(readings):
        query.add(READING, kana, 0.99 - 0.01 * position, SearchField.ROMAJI)
    if exact:
        return
    if is_rather_english(letters):
        # Their sounds are those of other words: the of 手, two of 戸.
        readings = []
    sound = phonetic(romaji(readings[0])) if readings else phonetic(letters)
    query.similar.append(QueryKey(SIMILAR_SOUND + sound, 1, SearchField.ROMAJI))
    query.add(CONSONANTS_OF_SOUND, consonants(sound), 1, SearchField.ROMAJI)
    if not readings:
        return
    if (found := _ROMAJI_WITH_PARTICLE.fullmatch(text)) and (nouns := kana_of_romaji(found[1])):
        _add_noun(query, nouns[0], SearchField.ROMAJI)
    query.add(SOUND, sound, 1, SearchField.ROMAJI)
    for kana in (*readings[:2], *_with_tsu_and_chi(readings[0])):
        _add_inflected(query, kana, 0.95, SearchField.ROMAJI, SearchField.ROMAJI)
    if len(letters) >= _MIN_PREFIX_LETTERS:
        query.prefixes.append(QueryKey(ROMAJI + letters, 0.68, SearchField.ROMAJI))
        query.prefixes.append(QueryKey(READING + readings[0], 0.66, SearchField.ROMAJI))


def _with_tsu_and_chi(reading: str) -> Iterator[str]:
    """Yield the readings with づ for some ず, or ぢ for じ, which have the same romaji: きづく, つづける, みぢか."""
    chi = _JI_OF_CHI.sub("ぢ", reading)
    if chi != reading:
        yield chi
    first, *others = reading.split("ず", _MAX_ZU)
    for syllables in islice(product("ずづ", repeat=len(others)), 1, None):
        yield first + "".join(map("".join, zip(syllables, others, strict=True)))


def _add_english(query: SearchQuery, text: str, *, exact: bool) -> None:
    # Brackets are notes in glosses, but not in queries.
    typed = words(text.translate(_BRACKETS))
    if not typed:
        return
    whole = gloss_key(typed)
    is_verb = typed[0] == "to" and len(typed) > 1
    query.add(GLOSS, whole, 0.985 if is_verb else 1, SearchField.MEANING)
    if is_verb:
        query.add(GLOSS, f"to {whole}", 1, SearchField.MEANING)
        if not exact and typed[1] == "be":
            for change in _VERBS_OF_CHANGE:
                query.add(GLOSS, f"to {gloss_key([change, *typed[2:]])}", 0.97, SearchField.MEANING)
    if exact:
        return
    query.similar.append(QueryKey(SIMILAR_GLOSS + whole, 1, SearchField.MEANING))
    query.add(CONSONANTS_OF_GLOSS, consonants(whole), 1, SearchField.MEANING)
    has_own_words = len(typed) == 1 and is_irregular_comparison(typed[0])
    query.add(STEMMED_GLOSS, stem_key(typed), _COMPARED if has_own_words else 1, SearchField.MEANING)
    if len(typed) > 1 and (joined := _HYPHENS.sub("", text)) != text:
        together = words(joined.translate(_BRACKETS))
        query.add(GLOSS, gloss_key(together), 0.99, SearchField.MEANING)
        query.add(STEMMED_GLOSS, stem_key(together), 0.98, SearchField.MEANING)
    if len(typed) == 1:
        verb = verb_of(typed[0])
        if verb:
            query.add(GLOSS, f"to {verb}", 0.98, SearchField.MEANING)
        for base in comparative_bases(typed[0]):
            query.add(GLOSS, base, 0.96, SearchField.MEANING)
    query.stems = [STEM + found for found in stems(typed)]
    if len(whole) >= _MIN_PREFIX_LETTERS:
        query.prefixes.append(QueryKey(GLOSS + whole, 0.74, SearchField.MEANING))
