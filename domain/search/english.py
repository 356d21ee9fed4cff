"""English glosses and queries made comparable: inflection, spelling, articles and punctuation."""

import re
from collections.abc import Iterable
from functools import lru_cache

import Stemmer

from domain.search.english_forms import CONTRACTIONS, NEGATIONS, irregular_base
from domain.search.english_spellings import STEMS_IN_ISE, american_spelling
from domain.text import without_accents

# Notes in brackets, also nested once and without their end.
_NOTES = re.compile(r"\((?:[^()]|\([^()]*\))*\)?")
_APOSTROPHES = re.compile(r"(?<=\w)['’‘`´ʼ＇](?=\w)")
_WORDS = re.compile(r"[^\W_]+", re.ASCII)
_LEADING = frozenset({"to", "a", "an", "the"})
_UNIMPORTANT = _LEADING | {
    "of",
    "be",
    "is",
    "or",
    "and",
    "in",
    "on",
    "at",
    "for",
    "with",
    "one",
    "ones",
    "by",
    "as",
    "from",
}

_OUR = re.compile(
    r"^((?:dis|mis|un|multi|water)?(?:colo|favo|flavo|hono|labo|vapo|humo|rumo|neighbo|behavio|harbo|armo|odo|vigo|valo|rigo|parlo|savo|clamo"
    r"|fervo|endeavo|savio|succo|arbo|enamo|splendo|tumo|ranco|cando|glamo|demeano))ur(?!ous)"
)
_ISE = re.compile(r"^([a-z]{3,})is(e[drs]?|ing|ations?)$")
_YSE = re.compile(r"^(anal|paral|catal|electrol)ys(e[drs]?|ing)$")
_DOUBLED_L = re.compile(
    r"^(travel|cancel|label|model|signal|level|quarrel|counsel|fuel|dial|jewel|marvel|shovel|tunnel|total|rival|equal|channel"
    r"|panel|pedal|pencil|initial|unravel|towel|gravel|swivel|grovel|chisel|duel|funnel|libel|yodel|council)"
    r"l(ed|ing|ers?|ors?)$"
)
_LOGUE = re.compile(r"^(cata|dia|mono|ana|pro|epi)logue(s?)$")
_COMPARATIVES = re.compile(r"^([a-z]+?)(?:i?er|i?est)$")

_stemmer = Stemmer.Stemmer("english")


@lru_cache(maxsize=1 << 16)
def american(word: str) -> str:
    """Return a word in American spelling."""
    word = american_spelling(word)
    word = _OUR.sub(r"\1r", word)
    if (found := _ISE.match(word)) and found[1] not in STEMS_IN_ISE:
        word = f"{found[1]}iz{found[2]}"
    word = _YSE.sub(r"\1yz\2", word)
    word = _DOUBLED_L.sub(r"\1\2", word)
    return _LOGUE.sub(r"\1log\2", word)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return the stem of a word in American spelling by the Porter 2 algorithm; of the base of an irregular form."""
    base = american(word)
    stemmed: str = _stemmer.stemWord(irregular_base(base) or base)
    return stemmed


def words(text: str) -> list[str]:
    """Return the words of a string in lower case without accents, notes in brackets and apostrophes."""
    plain = text.casefold()
    if not plain.isascii():
        plain = without_accents(plain)
    if "(" in plain:
        plain = _NOTES.sub(" ", plain)
    return _WORDS.findall(_APOSTROPHES.sub("", plain))


def expand_contractions(text: str) -> str:
    """Return lower case with don't as do not."""
    plain = text.casefold().replace("\u2019", "'")
    for short, long in CONTRACTIONS if "'" in plain or "cannot" in plain else ():
        plain = plain.replace(short, long)
    return plain


def negation_count(text_words: Iterable[str]) -> int:
    return sum(word in NEGATIONS for word in text_words)


def without_article(text_words: list[str]) -> list[str]:
    """Return the words without leading articles and `to`; the last word stays."""
    start = 0
    while start < len(text_words) - 1 and text_words[start] in _LEADING:
        start += 1
    return text_words[start:]


def gloss_key(text_words: list[str]) -> str:
    """Return the key of a whole gloss: its words without articles, in American spelling."""
    return " ".join(map(american, without_article(text_words)))


def stem_key(text_words: list[str]) -> str:
    """Return the key of a whole gloss whose words are stems, so that eating finds to eat."""
    return " ".join(map(stem, without_article(text_words)))


def stems(text_words: list[str]) -> list[str]:
    """Return the stems of the words by which a gloss is found, without duplicates; all words if all are unimportant."""
    important = [word for word in text_words if word not in _UNIMPORTANT] or text_words
    return list(dict.fromkeys(map(stem, important)))


def verb_of(word: str) -> str | None:
    """Return the base if the word is an irregular form."""
    return irregular_base(american(word))


def comparative_bases(word: str) -> list[str]:
    """Return the adjectives of which a word may be a comparative or superlative: bigger, happiest, larger."""
    found = _COMPARATIVES.match(word)
    if found is None or len(found[1]) < 2:
        return []
    base = found[1]
    bases = [base, base + "e", base + "y"]
    if len(base) > 2 and base[-1] == base[-2]:
        bases.insert(0, base[:-1])
    return bases
