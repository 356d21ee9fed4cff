"""Normalizes text for search: folds it, and splits it into character bigrams.

PostgreSQL's trigrams cannot find Japanese terms of one or two characters, so Japanese is indexed as bigrams, and single
characters next to them, in a tsvector. English and romaji are indexed as whole words.
"""

import re
import unicodedata
from collections.abc import Iterable

import jaconv

_RUNS = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")
_MAX_LEXEME_BYTES = 200

# Syllables in Hepburn and kunrei, ん before a consonant or at the end, and the first of two equal consonants for っ.
_ROMAJI = re.compile(
    r"(?:(?:[kgsztdhbpmrnfjwyv]|[kgnhbpmrsztdjc]y|sh|ch|ts)?[aiueo]|n(?![aiueoy])|m(?=[bpm])|t(?=ch)"
    r"|k(?=k)|s(?=s)|t(?=t)|p(?=p)|g(?=g)|d(?=d)|b(?=b)|z(?=z)|j(?=j)|c(?=ch))+"
)
_WITHOUT_VOWELS = str.maketrans("", "", "aeiou")

# Syllables that jaconv spells letter by letter, tei for ティ: of foreign words, and those with a small ゎ.
_LOAN_SYLLABLES = {
    "てぃ": "ti",
    "でぃ": "di",
    "とぅ": "tu",
    "どぅ": "du",
    "てゅ": "tyu",
    "でゅ": "dyu",
    "ふゅ": "fyu",
    "ゔゅ": "vyu",
    "すぃ": "si",
    "ずぃ": "zi",
    "いぇ": "ye",
    "うぃ": "wi",
    "うぇ": "we",
    "うぉ": "wo",
    "くゎ": "kwa",
    "ぐゎ": "gwa",
    **{
        f"{kana}{small}": f"{consonant}{vowel}"
        for kana, consonant in (("つ", "ts"), ("く", "kw"), ("ぐ", "gw"))
        for small, vowel in zip("ぁぃぇぉ", "aieo", strict=True)
    },
    **{
        f"{kana}ぇ": f"{consonant}e"
        for kana, consonant in (
            *(("し", "sh"), ("じ", "j"), ("ち", "ch"), ("き", "ky"), ("ぎ", "gy"), ("に", "ny"), ("ひ", "hy")),
            *(("び", "by"), ("ぴ", "py"), ("み", "my"), ("り", "ry")),
        )
    },
}
_LOAN_SYLLABLE = re.compile("|".join(_LOAN_SYLLABLES))
# Read as か and こ: ヶ月 is かげつ, and a reading has them as kana.
_RARE_KANA = str.maketrans("ゕゖゐゑを〜～", "かかいえおーー")
_VOICED = str.maketrans("かきくけこさしすせそたちつてとはひふへほ", "がぎぐげござじずぜぞだぢづでどばびぶべぼ")
_REPEATED = re.compile(r"(.)([ゝゞ])")


def fold(text: str) -> str:
    """NFKC, lower case, katakana as hiragana, single spaces. Applied to both sides of a comparison."""
    folded: str = jaconv.kata2hira(unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def lexemes(text: str) -> list[str]:
    """The lexemes of a string: words of Latin letters and digits, and characters and bigrams of the rest."""
    found: list[str] = []
    for run in _RUNS.findall(fold(text)):
        if run.isascii():
            found.append(run[:_MAX_LEXEME_BYTES])
        else:
            found += run
            found += (run[index : index + 2] for index in range(len(run) - 1))
    return found


def search_vector(*weighted: tuple[str, Iterable[str]]) -> str:
    """A tsvector literal of strings, each with its weight `A` to `D`."""
    weights: dict[str, str] = {}
    for weight, texts in weighted:
        for text in texts:
            for lexeme in lexemes(text):
                weights[lexeme] = min(weight, weights.get(lexeme, weight))
    return " ".join(f"'{lexeme}':1{weight}" for lexeme, weight in weights.items())


def book_search_terms(title: str, title_reading: str | None, author: str, author_reading: str | None = None) -> str:
    """The search terms of a book: its title with weight A, its author with weight B."""
    titles, authors = [title, title_reading], [author, author_reading]
    return search_vector(("A", filter(None, titles)), ("B", filter(None, authors)))


def textbook_search_terms(title: str, topics: Iterable[str]) -> str:
    """The search terms of a textbook: its title with weight A, its topics with weight B."""
    return search_vector(("A", [title]), ("B", topics))


def search_query(text: str, weight: str = "") -> str | None:
    """A tsquery literal that matches texts with all terms; None if there are no terms.

    `weight`: match only terms of this weight.
    """
    terms: list[str] = []
    for run in _RUNS.findall(fold(text)):
        if run.isascii():
            terms.append(f"'{run[:_MAX_LEXEME_BYTES]}':{weight or ''}*")
        elif len(run) == 1:
            terms.append(f"'{run}':{weight}" if weight else f"'{run}'")
        else:
            bigrams = (run[index : index + 2] for index in range(len(run) - 1))
            terms += (f"'{bigram}':{weight}" if weight else f"'{bigram}'" for bigram in bigrams)
    return " & ".join(dict.fromkeys(terms)) or None


def romaji(kana: str) -> str:
    """Modified Hepburn, with long vowels as they are typed: とうきょう is toukyou, きんえん is kin'en.

    A space for a middle dot.
    """
    hiragana = jaconv.kata2hira(kana).translate(_RARE_KANA)
    hiragana = _REPEATED.sub(
        lambda found: found[1] + (found[1].translate(_VOICED) if found[2] == "ゞ" else found[1]), hiragana
    )
    return " ".join(filter(None, (_romaji(part) for part in hiragana.split("・"))))


def _romaji(hiragana: str) -> str:
    spelt = _LOAN_SYLLABLE.sub(lambda found: _LOAN_SYLLABLES[found[0]], hiragana.strip("っ"))
    typed: str = jaconv.kana2alphabet(re.sub(r"ん(?=[あいうえおやゆよ])", "ん'", spelt))
    # jaconv doubles the first letter after っ.
    typed = re.sub(r"っ(?=([a-z]))", r"\1", typed).replace("cch", "tch").replace("っ", "")
    # A prolonged sound mark repeats the vowel before it, as it is typed on a Latin keyboard.
    return re.sub(r"([aeiou])[ー-]+", r"\1\1", typed).replace("ー", "").replace("-", "")


def plain(text: str) -> str:
    """Lower case without accents and macrons: tōkyō becomes tokyo."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def folded_romaji(text: str) -> str:
    """Normalized romaji: Hepburn with short vowels, because long vowels are written in many ways.

    Input that is not romaji, such as a word with a typo, keeps its letters.
    """
    letters = re.sub(r"[^a-z]", "", plain(text))
    # jaconv reads `we` as っえ.
    hepburn = romaji(jaconv.alphabet2kana(letters.replace("we", "ue"))) if _ROMAJI.fullmatch(letters) else letters
    return re.sub(r"ou|oo|uu|aa|ii|ee|ei", lambda found: found[0][0], hepburn)


def consonants(text: str) -> str | None:
    """The consonants, which most typos leave unchanged; None if there are fewer than two."""
    left = text.translate(_WITHOUT_VOWELS)
    return left if len(left) > 1 else None


def folded_meaning(text: str) -> str:
    """Normalized English: without notes in brackets, articles, and the `to` of a verb."""
    folded = fold(re.sub(r"\([^)]*\)?", " ", text))
    return re.sub(r"^(to|an?|the) (?=.)", "", folded)
