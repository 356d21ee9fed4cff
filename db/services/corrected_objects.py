"""Reads and writes the correctable values of words, example sentences and kanji, with what depends on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import orjson

from db.commands import corrections as commands
from db.core.statement import Row
from db.core.transaction import Transaction
from db.queries.kanji import kanji_by_id
from db.queries.texts import readings_by_characters
from db.queries.vocabulary import forms_by_vocabulary_id, senses_by_vocabulary_id, vocabulary_by_id
from domain.corrections import Values
from domain.dictionary_words import Word
from domain.furigana import reading_forms
from domain.ids import KanjiId, VocabularyId
from domain.kanji_search import partial_readings, whole_meanings, whole_readings, words_of
from domain.list_sizes import MAX_KANJI_OF_WORD
from domain.search.folding import has_kanji


class CorrectedObject(Protocol):
    """An object whose values can be corrected. `row`: of the word or kanji, after a read."""

    row: Row | None

    async def read(self, transaction: Transaction) -> Values | None:
        """Return its values by field; None if the dictionary does not have it."""

    async def write(self, transaction: Transaction, values: Values) -> None:
        """Replace the values that were read."""


@dataclass
class CorrectedWord:
    """A word: `word`, `reading`, `forms`, `senses` and `jlptLevel`, from which `popularity` follows."""

    id: VocabularyId
    row: Row | None = None
    _word: Word | None = None

    async def read(self, transaction: Transaction) -> Values | None:
        """Three statements."""
        self.row = row = await transaction.row(vocabulary_by_id, ids=[self.id])
        if row is None:
            return None
        forms = await transaction.rows(forms_by_vocabulary_id, ids=[self.id])
        senses = await transaction.rows(senses_by_vocabulary_id, ids=[self.id])
        values = {
            "word": row.word,
            "reading": row.reading,
            "jlptLevel": row.jlpt_level,
            "popularity": row.popularity,
            "forms": [
                {"text": form.text, "kind": form.kind, "isCommon": form.is_common, "tags": form.tags} for form in forms
            ],
            "senses": [
                {
                    "partsOfSpeech": sense.parts_of_speech,
                    "fields": sense.fields,
                    "misc": sense.misc,
                    "dialects": sense.dialects,
                    "glosses": sense.glosses,
                    "note": sense.note,
                    "forms": sense.forms,
                }
                for sense in senses
            ],
        }
        self._word = Word(values, row.romaji, row.is_common)
        return values

    async def write(self, transaction: Transaction, values: Values) -> None:
        """Two statements. Keys that the word has for other reasons than its forms and senses stay."""
        assert self._word is not None
        before, after = self._word, self._word.replace(values)
        texts = [word.values["word"] for word in (before, after)] + [
            form["text"] for word in (before, after) for form in word.values["forms"]
        ]
        characters = sorted({character for text in texts for character in text if has_kanji(character)})
        rows = await transaction.rows(readings_by_characters, characters=characters)
        known = {row.character: reading_forms(tuple(row.onyomi), tuple(row.kunyomi)) for row in rows}
        none: frozenset[str] = frozenset()
        old, new = (word.search_keys(lambda one: known.get(one, none)) for word in (before, after))
        added = {key: score for key, score in new.items() if old.get(key) != score}
        kanji = [one for one in dict.fromkeys(values["word"]) if has_kanji(one)][:MAX_KANJI_OF_WORD]
        written = {
            **values,
            "romaji": after.latin,
            "meanings": after.meanings,
            "inflection": after.inflection,
            "kanji": kanji,
        }
        await transaction.rows(
            commands.write_word,
            word_id=self.id,
            written=_json(written),
            removed_keys=[*(key for key in old if key not in new), *added],
            added_keys=_json(added),
        )


@dataclass(frozen=True)
class WordsOfSentence:
    """The words of a sentence that the dictionary has, and the number of others."""

    ids: Sequence[UUID]
    unknown: int


@dataclass
class CorrectedSentence:
    """An example sentence: `japanese` and `english`. `words`: of the written sentence; None if not known."""

    vocabulary_id: VocabularyId
    position: int
    words: WordsOfSentence | None = None
    row: Row | None = None

    async def read(self, transaction: Transaction) -> Values | None:
        """Two statements."""
        self.row = await transaction.row(vocabulary_by_id, ids=[self.vocabulary_id])
        for row in await transaction.rows(commands.lock_sentences, word_id=self.vocabulary_id):
            if row.position == self.position:
                return {"japanese": row.japanese, "english": row.english}
        return None

    async def write(self, transaction: Transaction, values: Values) -> None:
        """One statement."""
        await transaction.rows(
            commands.write_sentence,
            word_id=self.vocabulary_id,
            position=self.position,
            words=None if self.words is None else list(self.words.ids),
            unknown_words=0 if self.words is None else self.words.unknown,
            **values,
        )


@dataclass
class CorrectedKanji:
    """A kanji: `meanings`, `onyomi`, `kunyomi` and `nanori`."""

    id: KanjiId
    row: Row | None = None

    async def read(self, transaction: Transaction) -> Values | None:
        """One statement."""
        self.row = row = await transaction.row(kanji_by_id, ids=[self.id])
        return None if row is None else {name: row[name] for name in ("meanings", "onyomi", "kunyomi", "nanori")}

    async def write(self, transaction: Transaction, values: Values) -> None:
        """One statement."""
        meanings = whole_meanings(values["meanings"])
        written = {
            **values,
            "searchReadings": whole_readings((*values["onyomi"], *values["kunyomi"])),
            "searchPartialReadings": partial_readings(values["kunyomi"], values["nanori"]),
            "searchMeanings": meanings,
            "searchMeaningWords": list(words_of(" ".join(meanings))),
        }
        await transaction.rows(commands.write_kanji, kanji_id=self.id, written=_json(written))


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
