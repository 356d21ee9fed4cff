"""Loaders of analyses of text."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from time import perf_counter
from typing import TypeAlias

from analysis import Sentence, Token
from analysis.analyzer import analyze_sentence
from analysis.lookup import EntryMatcher, entries_of, keys_of
from analysis.ruby import apply_ruby
from analysis.sentences import split_sentences
from common.task_set import TaskSet
from db.core.read_session import ReadSession
from db.queries.texts import entries_by_key, kanji_by_characters, readings_by_characters
from db.queries.vocabulary import KanjiRow
from domain.annotated_text import decode_ruby
from domain.furigana import Segment, furigana, reading_forms
from domain.list_sizes import MAX_FURIGANA, MAX_KANJI_OF_TOKEN
from domain.search.folding import has_kanji
from loaders.base import Loader, LoaderGroup
from loaders.known_words import AnnotatedText, Lookups

# The analysis of 2,000 characters takes longer than other requests should wait for the event loop.
_MAX_SECONDS_WITHOUT_YIELD = 0.005

# A word, its reading, and the furigana that the text gives.
FuriganaKey: TypeAlias = tuple[str, str | None, tuple[Segment, ...]]

_NO_READINGS: frozenset[str] = frozenset()


class _Turns:
    """Yields to the event loop between parts of a computation, when 5 ms have passed."""

    def __init__(self) -> None:
        self._started = perf_counter()

    async def next(self) -> None:
        if perf_counter() - self._started > _MAX_SECONDS_WITHOUT_YIELD:
            await asyncio.sleep(0)
            self._started = perf_counter()


class SentencesByText(Loader[str, Sequence[Sentence]]):
    """The sentences of text, with the entries of their words. One statement for all words that are not known."""

    def __init__(self, reads: ReadSession, running: TaskSet, lookups: Lookups) -> None:
        super().__init__(reads, running)
        self._lookups = lookups

    async def load_keys(self, keys: Sequence[str]) -> list[Sequence[Sentence]]:
        return await self.analyze([(key, ()) for key in keys])

    async def analyze(self, texts: Sequence[AnnotatedText]) -> list[Sequence[Sentence]]:
        """Return the sentences of each text with the readings that it gives."""
        found = {text: sentences for text in texts if (sentences := self._lookups.texts.get(text)) is not None}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            for text, sentences in zip(missing, await self._analyze(missing), strict=True):
                found[text] = self._lookups.texts[text] = sentences
        return [found[text] for text in texts]

    async def _analyze(self, texts: Sequence[AnnotatedText]) -> list[Sequence[Sentence]]:
        turns = _Turns()
        analyzed: list[list[Sentence]] = []
        for text, ruby in texts:
            sentences = []
            for part in split_sentences(text):
                sentences.append(analyze_sentence(part))
                await turns.next()
            analyzed.append(apply_ruby(sentences, ruby))
        known = self._lookups.entries
        keys = keys_of(chain.from_iterable(analyzed), known)
        row = await self.reads.row(entries_by_key, keys=keys) if keys else None
        matcher = EntryMatcher({} if row is None else entries_of(keys, row.entries), known)
        answers: list[Sequence[Sentence]] = []
        for sentences in analyzed:
            matched = []
            for sentence in sentences:
                matched.append(matcher.match(sentence))
                await turns.next()
            answers.append(tuple(matched))
        return answers


class TokensByAnnotatedText(Loader[tuple[str, str], list[Token]]):
    """The tokens of text with its readings as JSON, which replace those of the analysis. One statement for all."""

    def __init__(self, sentences: SentencesByText, running: TaskSet) -> None:
        super().__init__(sentences.reads, running)
        self._sentences = sentences

    async def load_keys(self, keys: Sequence[tuple[str, str]]) -> list[list[Token]]:
        texts = await self._sentences.analyze([(text, tuple(decode_ruby(ruby))) for text, ruby in keys])
        return [[token for sentence in sentences for token in sentence.tokens] for sentences in texts]


class KanjiByText(Loader[str, list[KanjiRow]]):
    """The kanji of a word, in order and each once. One statement for all that are not known."""

    def __init__(self, reads: ReadSession, running: TaskSet, lookups: Lookups) -> None:
        super().__init__(reads, running)
        self._known = lookups.kanji
        self._of_words = lookups.kanji_of_words

    async def load_keys(self, keys: Sequence[str]) -> list[list[KanjiRow]]:
        known = self._known
        missing = [character for character in _kanji_in(keys) if character not in known]
        if missing:
            rows = await self.reads.rows(kanji_by_characters, characters=missing)
            known.update(dict.fromkeys(missing))
            known.update((row.character, row) for row in rows)
        found = {
            key: [row for character in dict.fromkeys(key) if (row := known.get(character)) is not None][
                :MAX_KANJI_OF_TOKEN
            ]
            for key in keys
        }
        self._of_words.update(found)
        return [found[key] for key in keys]


class FuriganaByWord(Loader[FuriganaKey, tuple[Segment, ...]]):
    """The furigana of a word with its reading, or those that the text has. One statement for all unknown words."""

    def __init__(self, reads: ReadSession, running: TaskSet, lookups: Lookups) -> None:
        super().__init__(reads, running)
        self._known = lookups.furigana
        self._readings = lookups.readings

    async def load_keys(self, keys: Sequence[FuriganaKey]) -> list[tuple[Segment, ...]]:
        known = self._known
        missing = [key for key in keys if key not in known]
        if missing:
            await self._find(missing)
        return [known[key] for key in keys]

    async def _find(self, words: Sequence[FuriganaKey]) -> None:
        turns = _Turns()
        await self._read(_kanji_in(word for word, reading, given in words if reading is not None and not given))
        for word in words:
            surface, reading, given = word
            if given:
                segments = given
            elif reading is None or not has_kanji(surface):
                segments = (Segment(surface, None),)
            else:
                segments = furigana(surface, reading, self._readings_of)
                await turns.next()
            self._known[word] = segments if len(segments) <= MAX_FURIGANA else (Segment(surface, reading),)

    async def _read(self, characters: Sequence[str]) -> None:
        missing = [character for character in characters if character not in self._readings]
        if missing:
            rows = await self.reads.rows(readings_by_characters, characters=missing)
            self._readings.update(dict.fromkeys(missing, _NO_READINGS))
            self._readings.update((row.character, reading_forms(row.onyomi, row.kunyomi)) for row in rows)

    def _readings_of(self, character: str) -> frozenset[str]:
        return self._readings.get(character, _NO_READINGS)


def _kanji_in(texts: Iterable[str]) -> list[str]:
    return sorted(character for character in set().union(*texts) if has_kanji(character))


class TextLoaders(LoaderGroup):
    """`known_furigana`, `known_kanji`: what their loaders return without a statement, by key."""

    def __init__(self, reads: ReadSession, running: TaskSet, lookups: Lookups) -> None:
        super().__init__(reads, running)
        self._lookups = lookups
        self.known_furigana: Mapping[FuriganaKey, tuple[Segment, ...]] = lookups.furigana
        self.known_kanji: Mapping[str, list[KanjiRow]] = lookups.kanji_of_words

    @cached_property
    def sentences_by_text(self) -> SentencesByText:
        return SentencesByText(self.reads, self._running, self._lookups)

    @cached_property
    def tokens_by_annotated_text(self) -> TokensByAnnotatedText:
        return TokensByAnnotatedText(self.sentences_by_text, self._running)

    @cached_property
    def kanji_by_text(self) -> KanjiByText:
        return KanjiByText(self.reads, self._running, self._lookups)

    @cached_property
    def furigana_by_word(self) -> FuriganaByWord:
        return FuriganaByWord(self.reads, self._running, self._lookups)
