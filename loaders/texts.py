"""Loaders of analyses of text."""

import asyncio
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from time import perf_counter

from analysis import Sentence, Token
from analysis.analyzer import analyze_sentence
from analysis.lookup import Entry, EntryMatcher, entries_of, keys_of
from analysis.ruby import apply_ruby
from analysis.sentences import split_sentences
from common.task_set import TaskSet
from db.queries.texts import entries_by_key, kanji_by_characters, readings_by_characters
from db.queries.vocabulary import KanjiRow
from domain.annotated_text import Ruby, decode_ruby
from domain.furigana import Segment, furigana, reading_forms
from domain.list_sizes import MAX_FURIGANA, MAX_KANJI_OF_TOKEN
from domain.search.folding import has_kanji
from loaders.base import Loader, LoaderGroup

# The analysis of 2,000 characters takes longer than other requests should wait for the event loop.
_MAX_SECONDS_WITHOUT_YIELD = 0.005

_reading_forms = lru_cache(maxsize=1 << 14)(reading_forms)


class _Turns:
    """Yields to the event loop between parts of a computation, when 5 ms have passed."""

    def __init__(self) -> None:
        self._started = perf_counter()

    async def next(self) -> None:
        if perf_counter() - self._started > _MAX_SECONDS_WITHOUT_YIELD:
            await asyncio.sleep(0)
            self._started = perf_counter()


class SentencesByText(Loader[str, list[Sentence]]):
    """The sentences of text, with the entries of their words. One statement for all texts."""

    async def load_keys(self, keys: Sequence[str]) -> list[list[Sentence]]:
        return await self.analyze([(key, ()) for key in keys])

    async def analyze(self, texts: Iterable[tuple[str, Sequence[Ruby]]]) -> list[list[Sentence]]:
        """Return the sentences of each text with the readings that it gives."""
        turns = _Turns()
        analyzed: list[list[Sentence]] = []
        for text, ruby in texts:
            sentences = []
            for part in split_sentences(text):
                sentences.append(analyze_sentence(part))
                await turns.next()
            analyzed.append(apply_ruby(sentences, ruby))
        matcher = EntryMatcher(await self._entries(keys_of(chain.from_iterable(analyzed))))
        answers: list[list[Sentence]] = []
        for sentences in analyzed:
            answers.append([])
            for sentence in sentences:
                answers[-1].append(matcher.match(sentence))
                await turns.next()
        return answers

    async def _entries(self, keys: list[str]) -> dict[str, list[Entry]]:
        row = await self.reads.row(entries_by_key, keys=keys) if keys else None
        return entries_of(keys, row.entries) if row is not None else {}


class TokensByAnnotatedText(Loader[tuple[str, str], list[Token]]):
    """The tokens of text with its readings as JSON, which replace those of the analysis. One statement for all."""

    def __init__(self, sentences: SentencesByText, running: TaskSet) -> None:
        super().__init__(sentences.reads, running)
        self._sentences = sentences

    async def load_keys(self, keys: Sequence[tuple[str, str]]) -> list[list[Token]]:
        texts = await self._sentences.analyze((text, decode_ruby(ruby)) for text, ruby in keys)
        return [[token for sentence in sentences for token in sentence.tokens] for sentences in texts]


class KanjiByText(Loader[str, list[KanjiRow]]):
    """The kanji of a word, in order and each once. One statement for all words."""

    async def load_keys(self, keys: Sequence[str]) -> list[list[KanjiRow]]:
        characters = _kanji_in(keys)
        rows = await self.reads.rows(kanji_by_characters, characters=characters) if characters else []
        found = {row.character: row for row in rows}
        return [
            [found[character] for character in dict.fromkeys(key) if character in found][:MAX_KANJI_OF_TOKEN]
            for key in keys
        ]


class FuriganaByWord(Loader[tuple[str, str | None, tuple[Segment, ...]], tuple[Segment, ...]]):
    """The furigana of a word with its reading, or those that the text has. One statement for all words."""

    async def load_keys(self, keys: Sequence[tuple[str, str | None, tuple[Segment, ...]]]) -> list[tuple[Segment, ...]]:
        turns = _Turns()
        characters = _kanji_in(word for word, reading, given in keys if reading is not None and not given)
        rows = await self.reads.rows(readings_by_characters, characters=characters) if characters else []
        forms = {row.character: _reading_forms(tuple(row.onyomi), tuple(row.kunyomi)) for row in rows}
        answers: list[tuple[Segment, ...]] = []
        for surface, reading, given in keys:
            if given:
                answers.append(given if len(given) <= MAX_FURIGANA else (Segment(surface, reading),))
                continue
            if reading is None or not has_kanji(surface):
                answers.append((Segment(surface, None),))
                continue
            known = tuple((character, forms[character]) for character in surface if character in forms)
            answers.append(_segments(surface, reading, known))
            await turns.next()
        return answers


@lru_cache(maxsize=1 << 14)
def _segments(surface: str, reading: str, reading_forms: tuple[tuple[str, frozenset[str]], ...]) -> tuple[Segment, ...]:
    forms = dict(reading_forms)
    segments = furigana(surface, reading, lambda character: forms.get(character, frozenset()))
    return segments if len(segments) <= MAX_FURIGANA else (Segment(surface, reading),)


def _kanji_in(texts: Iterable[str]) -> list[str]:
    return sorted(character for character in set().union(*texts) if has_kanji(character))


class TextLoaders(LoaderGroup):
    @cached_property
    def sentences_by_text(self) -> SentencesByText:
        return SentencesByText(self.reads, self._running)

    @cached_property
    def tokens_by_annotated_text(self) -> TokensByAnnotatedText:
        return TokensByAnnotatedText(self.sentences_by_text, self._running)

    @cached_property
    def kanji_by_text(self) -> KanjiByText:
        return KanjiByText(self.reads, self._running)

    @cached_property
    def furigana_by_word(self) -> FuriganaByWord:
        return FuriganaByWord(self.reads, self._running)
