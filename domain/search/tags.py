"""Tags in a query, as other dictionaries have them: `#n5`, `#common`, `#verb`."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from common.text import truncate
from domain.dictionary import PartOfSpeech
from domain.enums import JlptLevel
from domain.errors import BadUserInput
from domain.search.terms import search_query

# Not `C#` nor `#1`.
_TAG = re.compile(r"(?<!\S)#([a-z][a-z0-9-]*)(?!\S)")
_WORD_CLASSES: dict[str, tuple[str, ...]] = {
    "adjective": ("adj-",),
    "adverb": ("adv",),
    "conjunction": ("conj",),
    "counter": ("ctr",),
    "expression": ("exp",),
    "interjection": ("int",),
    "noun": ("n", "n-pref", "n-suf"),
    "particle": ("prt",),
    "prefix": ("pref",),
    "pronoun": ("pn",),
    "suffix": ("suf",),
    "verb": ("v",),
}
# Of these, the codes of JMdict that start with it.
_STEMS = frozenset({"adj-", "adv", "v"})
_CODES = {part.value: part for part in PartOfSpeech}
_PARTS_OF_SPEECH: dict[str, frozenset[PartOfSpeech]] = {
    name: frozenset(
        part
        for code, part in _CODES.items()
        if any(code.startswith(wanted) if wanted in _STEMS else code == wanted for wanted in codes)
    )
    for name, codes in _WORD_CLASSES.items()
} | {code: frozenset({part}) for code, part in _CODES.items()}
_KNOWN = ", ".join(f"#{tag}" for tag in ("n5", "common", *_WORD_CLASSES)) + ", and codes of JMdict such as #v5k"
_LEVELS = {level.value.lower(): level for level in JlptLevel} | {
    f"jlpt-{level.value.lower()}": level for level in JlptLevel
}


@dataclass(frozen=True, slots=True)
class SearchTags:
    """What the tags of a query require. None: there is no such tag. Of several levels or parts of speech, any."""

    levels: Collection[JlptLevel] | None = None
    parts_of_speech: Collection[PartOfSpeech] | None = None
    is_common: bool = False


def split_tags(name: str, text: str) -> tuple[str, SearchTags]:
    """Return a query without its tags, and these.

    Raises BadUserInput for an unknown tag, and for a query of tags only.
    """
    if "#" not in text and "＃" not in text:
        return text, SearchTags()
    folded = unicodedata.normalize("NFKC", text).casefold()
    levels: list[JlptLevel] = []
    parts: set[PartOfSpeech] = set()
    is_common = False
    for tag in _TAG.findall(folded):
        if tag in _LEVELS:
            levels.append(_LEVELS[tag])
        elif tag in _PARTS_OF_SPEECH:
            parts |= _PARTS_OF_SPEECH[tag]
        elif tag == "common":
            is_common = True
        else:
            raise BadUserInput(f"{name}: {truncate('#' + tag)!r} is no tag; the tags are {_KNOWN}.")
    rest = _TAG.sub(" ", folded)
    if search_query(rest) is None:
        raise BadUserInput(
            f"{name}: {truncate(text)!r} has only tags; use `vocabulary` with a filter to list all words."
        )
    return rest, SearchTags(levels or None, sorted(parts) or None, is_common)
