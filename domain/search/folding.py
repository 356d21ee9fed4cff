"""Text made comparable: one form for characters that readers consider equal."""

import re
import unicodedata

from domain.kanji_characters import KANJI_RANGES
from domain.search.kana import hiragana
from domain.search.old_characters import MODERN_FORMS
from domain.text import without_accents

_FORMS = str.maketrans(MODERN_FORMS)
_PUNCTUATION = re.compile(
    r"[\s\u3000「」『』【】（）()\[\]{}〈〉《》“”„\"‘’'`´。、．，,.!?！？…‥:;：；·・~〜～|/\\<>=+&^%$#@_]+"
)
_SELECTORS = r"\ufe00-\ufe0f\U000e0100-\U000e01ef"
_INVISIBLE_CLASS = rf"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff{_SELECTORS}"
_INVISIBLE = re.compile(f"[{_INVISIBLE_CLASS}]")
_JAPANESE = rf"\u3041-\u30ff\uff66-\uff9f々〆{KANJI_RANGES}"
VARIATION_SELECTORS = re.compile(f"[{_SELECTORS}]+")
# Of web pages, which have them for line breaks, and of names. In emoji they have a meaning.
INVISIBLE_IN_JAPANESE = re.compile(
    f"(?<=[{_JAPANESE}])[{_INVISIBLE_CLASS}]+(?=[{_JAPANESE}])|(?<=[{KANJI_RANGES}])[{_SELECTORS}]+"
)
_COUNTED_MONTHS = re.compile(
    r"(?<=[0-9一二三四五六七八九十百何数])[ゖゕけか箇個](?=[月国所条年])|^[ゖゕけか箇個](?=月$)"
)
_REPEATED = re.compile(f"([{KANJI_RANGES}])々")
_HIRAGANA = re.compile(r"[ぁ-ゖ]*")
_KANJI = re.compile(f"[{KANJI_RANGES}々]")


def fold(text: str) -> str:
    """Fold width, case, kana and whitespace: NFKC, lower case, katakana as hiragana, single spaces."""
    return " ".join(hiragana(unicodedata.normalize("NFKC", text).casefold()).split())


def plain(text: str) -> str:
    """Return lower case without accents and macrons: tōkyō becomes tokyo."""
    return without_accents(text.casefold())


def visible(text: str) -> str:
    """Remove characters that are not visible, such as variation selectors and bidirectional marks."""
    return _INVISIBLE.sub("", text)


def fold_forms(text: str) -> str:
    """Fold like `fold`, and replace old forms of characters; no invisible ones."""
    return fold(visible(text)).translate(_FORMS)


def fold_japanese(text: str) -> str:
    """Fold a Japanese spelling: `fold`, modern forms of characters, か月 for every spelling of it; no punctuation."""
    if _HIRAGANA.fullmatch(text):
        return text
    folded = _PUNCTUATION.sub("", fold_forms(text))
    return _COUNTED_MONTHS.sub("か", _REPEATED.sub(r"\1\1", folded))


def has_kanji(text: str) -> bool:
    return _KANJI.search(text) is not None
