"""Resolver of checked answers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import strawberry

from db.queries.cards import CardRow
from db.queries.custom_vocabulary import CustomVocabularyRow
from db.queries.vocabulary import FormRow, KanjiRow, SenseRow, VocabularyRow
from domain.answers import MAX_EXPECTED, AcceptedAnswers, check_answer, validate_answer
from domain.custom_vocabulary import CustomWord
from domain.dictionary import FormKind, FormTag, PartOfSpeech
from domain.enums import AnswerResult, CardKind
from domain.furigana import reading_forms
from domain.ids import CardId, parse_global_id_as
from loaders import Loaders
from resolvers.context import Info

# What may follow a word that is its own dictionary form.
_ENDINGS = {PartOfSpeech.SURU_NOUN: ("する",), PartOfSpeech.NA_ADJECTIVE: ("な", "だ")}


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """The result, the expected answers, and the accepted answer that is nearest."""

    result: AnswerResult
    expected: Sequence[str]
    matched: str | None


async def checked_answer(info: Info, card_id: strawberry.ID, answer: str) -> CheckedAnswer | None:
    """Six statements: the card, its word with forms, senses and kanji, and words that the answer may be instead.

    Raises BadUserInput for an answer that is too long or has control characters.
    """
    info.context.require_viewer()
    validate_answer("answer", answer)
    loaders = info.context.loaders
    card = await loaders.cards.card_by_id.load(parse_global_id_as(CardId, card_id))
    if card is None:
        return None
    kind = CardKind(card.kind)
    accepted = await _answers_about(loaders, card)
    found = check_answer(kind, answer, accepted)
    others = [loaders.vocabulary.has_word_by_search_key.load(key) for key in sorted(found.search_keys)]
    found = found.settle(is_other_word=any(await asyncio.gather(*others)))
    return CheckedAnswer(found.result, _expected(kind, accepted), found.accepted)


def _expected(kind: CardKind, accepted: AcceptedAnswers) -> Sequence[str]:
    answers = {
        CardKind.RECOGNITION: accepted.meanings,
        CardKind.READING: accepted.readings,
        CardKind.RECALL: accepted.spellings,
    }
    return answers[kind][:MAX_EXPECTED]


async def _answers_about(loaders: Loaders, card: CardRow) -> AcceptedAnswers:
    if card.kanji_id is not None:
        kanji = await loaders.vocabulary.kanji_by_id.load(card.kanji_id)
        assert kanji is not None  # A foreign key holds it.
        return _of_kanji(kanji)
    if card.custom_vocabulary_id is not None:
        own = await loaders.custom_vocabulary.custom_vocabulary_by_id.load(card.custom_vocabulary_id)
        assert own is not None  # A foreign key holds it.
        return _of_own_word(own)
    id = card.vocabulary_id
    assert id is not None  # A constraint of the table.
    word, forms, senses, kanji_of_word = await asyncio.gather(
        loaders.vocabulary.vocabulary_by_id.load(id),
        loaders.vocabulary.forms_by_vocabulary_id.load(id),
        loaders.vocabulary.senses_by_vocabulary_id.load(id),
        loaders.vocabulary.kanji_by_vocabulary_id.load(id),
    )
    assert word is not None  # A foreign key holds it.
    return _of_word(word, forms, senses, kanji_of_word)


def _of_word(
    word: VocabularyRow, forms: Sequence[FormRow], senses: Sequence[SenseRow], kanji: Sequence[KanjiRow]
) -> AcceptedAnswers:
    spellings = [word.word, *(form.text for form in forms if form.kind == FormKind.KANJI)]
    readings = [word.reading, *(form.text for form in forms if form.kind == FormKind.KANA)]
    meanings = [*word.meanings, *(gloss for sense in senses for gloss in sense.glosses)]
    parts_of_speech = {part for sense in senses for part in sense.parts_of_speech}
    return AcceptedAnswers(
        tuple(dict.fromkeys(spellings)),
        tuple(dict.fromkeys(readings)),
        tuple(dict.fromkeys(meanings)),
        tuple(form.text for form in forms if FormTag.IRREGULAR_OKURIGANA in form.tags),
        tuple(ending for part, endings in _ENDINGS.items() if part in parts_of_speech for ending in endings),
        {row.character: reading_forms(row.onyomi, row.kunyomi) for row in kanji},
    )


def _of_own_word(word: CustomVocabularyRow) -> AcceptedAnswers:
    """What a learner separates by semicolons are different meanings."""
    meanings = [meaning for part in word.meaning.split(";") if (meaning := part.strip())]
    reading = CustomWord(word.word, word.reading, word.meaning).spoken
    return AcceptedAnswers((word.word,), (reading,) if reading else (), tuple(dict.fromkeys(meanings)))


def _of_kanji(kanji: KanjiRow) -> AcceptedAnswers:
    kunyomi = [reading.strip("-") for reading in kanji.kunyomi]
    stems = [reading.partition(".")[0] for reading in kunyomi if "." in reading]
    readings = [*kanji.onyomi, *(reading.replace(".", "") for reading in kunyomi), *stems, *kanji.nanori]
    return AcceptedAnswers(
        (kanji.character,),
        tuple(dict.fromkeys(reading.strip("-") for reading in readings)),
        tuple(kanji.meanings),
        is_read_as_word=False,
    )
