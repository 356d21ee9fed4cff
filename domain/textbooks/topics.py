"""Topics that textbooks can be generated about: names in English and Japanese, and suggestions for other names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from domain.search.folding import fold_japanese
from domain.search.kana import kana_of_romaji
from domain.textbooks.matching import Fit, MeaningIndex
from domain.textbooks.model import Word

# A topic of a level has words for a chapter at least.
MIN_WORDS_OF_TOPIC = 6
_MAX_SUGGESTIONS = 5
_MIN_SIMILARITY = 0.75
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic. `names`: all names, the English one first. `keywords`: English meanings of words about it."""

    names: tuple[str, ...]
    keywords: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[0]


class TopicIndex:
    """Finds topics by any of their names: in any case, in the plural or singular, in kanji, kana or romaji."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self._topics = tuple(topics)
        self._by_key = {key: topic for topic in self._topics for name in topic.names for key in _keys(name)}

    def find(self, name: str) -> Topic | None:
        keys = (*_keys(name), *kana_of_romaji(name))
        return next((self._by_key[key] for key in keys if key in self._by_key), None)

    def suggest(self, name: str) -> list[str]:
        """Return English names of topics that the name contains, that have it as a keyword, and that have a similar
        name; otherwise of any."""
        wanted = set(_keys(name))
        contained = [topic for topic in self._topics if any(_contains(name, other) for other in topic.names)]
        by_keyword = [topic for topic in self._topics if not wanted.isdisjoint(map(_key, topic.keywords))]
        similar = get_close_matches(_key(name), self._by_key, _MAX_SUGGESTIONS, _MIN_SIMILARITY)
        found = [*contained, *by_keyword, *(self._by_key[key] for key in similar)] or self._topics
        return list(dict.fromkeys(topic.name for topic in found))[:_MAX_SUGGESTIONS]


def words_about(keywords: Iterable[str], index: MeaningIndex) -> list[Word]:
    """Return the words of which a meaning in the index is one of the keywords, in the order of the keywords.

    `index`: of first meanings. Others are often unrelated: the sixth one of a word for "mouth" is "entrance".
    """
    found = (match for keyword in keywords for match in index.find(keyword))
    return list(dict.fromkeys(word for fit, word in found if fit is Fit.EXACT))


def describe_unknown_topic(name: str, suggestions: Sequence[str], level: str) -> str:
    """Return the message for a topic that no textbook of the level can be generated about."""
    names = ", ".join(f'"{suggestion}"' for suggestion in suggestions)
    hint = f" Topics of this level are, for example, {names}." if names else ""
    return f'There is no topic "{name}" at level {level}.{hint} The query textbookTopics has all topics.'


def _contains(name: str, other: str) -> bool:
    """Return whether a name has another one as some of its words: "Numbers and counting", 動物の名前."""
    if not other.isascii():
        return len(other) > 1 and _key(other) in _key(name)
    words = _WORD.findall(name.lower())
    length = len(_WORD.findall(other.lower()))
    runs = (" ".join(words[start : start + length]) for start in range(len(words) - length + 1))
    return any(not set(_keys(run)).isdisjoint(_keys(other)) for run in runs)


def _keys(name: str) -> tuple[str, ...]:
    key = _key(name)
    return (key, key.removesuffix("s"), f"{key}s")


def _key(name: str) -> str:
    return fold_japanese(name).replace("-", "")
