"""Mutations of cards."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import strawberry

from db.queries.cards import CardRow, RescheduledCard
from db.services import cards as card_service
from domain.card_context import MAX_CONTEXT_LENGTH, CardContext
from domain.custom_vocabulary import MAX_CUSTOM_MEANING_LENGTH, MAX_CUSTOM_WORDS, MAX_WORD_LENGTH, CustomWord
from domain.enums import CardKind, JlptLevel
from domain.ids import BookId, CardId, ChapterId, KanjiId, VocabularyId
from domain.list_sizes import MAX_CREATED_CARDS, MAX_PAGES_OF_BOOK, MAX_WORDS_OF_CHAPTER
from domain.rate_limits import CARDS
from domain.user_errors import UserErrorCode
from domain.validation import Validator, validated_ids
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_WORDS, MAX_CARDS = 1_000, 1_000

# The service that creates the cards, but for their kind.
_Create = Callable[..., Awaitable[tuple[list[CardRow], int]]]


@dataclass(kw_only=True)
class CardContextInput:
    vocabulary_id: strawberry.ID
    text: str
    book_id: strawberry.ID | None = None
    page: int | None = None


@dataclass(kw_only=True)
class CreateCardsInput:
    vocabulary_ids: list[strawberry.ID] | None = None
    chapter_id: strawberry.ID | None = None
    jlpt_level: JlptLevel | None = None
    limit: int | None = None
    kind: CardKind | None = None
    contexts: list[CardContextInput] | None = None


@dataclass(kw_only=True)
class CreateKanjiCardsInput:
    kanji_ids: list[strawberry.ID] | None = None
    jlpt_level: JlptLevel | None = None
    limit: int | None = None
    kind: CardKind | None = None


@dataclass(kw_only=True)
class CustomWordInput:
    word: str
    reading: str | None = None
    meaning: str | None = None


@dataclass(kw_only=True)
class CreateCustomCardsInput:
    words: list[CustomWordInput]
    kind: CardKind | None = None


@dataclass(kw_only=True)
class SetCardsSuspendedInput:
    card_ids: list[strawberry.ID]
    suspended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsPayload(Payload):
    """The updated cards, in the order of the input."""

    cards: Sequence[CardRow | RescheduledCard] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCardsPayload(CardsPayload):
    """`created_count`: number of the cards that did not exist before."""

    created_count: int = 0


def _most_cards(input: CreateCardsInput) -> int:
    """The maximum number of cards that an input can create, for the rate limit."""
    if input.vocabulary_ids is not None:
        most = len(input.vocabulary_ids)
    else:
        most = MAX_CREATED_CARDS if input.chapter_id is None else MAX_WORDS_OF_CHAPTER
    return most if input.limit is None else min(most, input.limit)


def _most_kanji_cards(input: CreateKanjiCardsInput) -> int:
    most = MAX_CREATED_CARDS if input.kanji_ids is None else len(input.kanji_ids)
    return most if input.limit is None else min(most, input.limit)


@returns_user_errors(CreateCardsPayload)
@rate_limited(CARDS, _most_cards)
async def create_cards(info: Info, input: CreateCardsInput) -> CreateCardsPayload:
    validator = Validator()
    limit = _limit(input.limit, validator)
    create = _source(input, limit, validator)
    return await _create(info, validator, create, input.kind)


@returns_user_errors(CreateCardsPayload)
@rate_limited(CARDS, _most_kanji_cards)
async def create_kanji_cards(info: Info, input: CreateKanjiCardsInput) -> CreateCardsPayload:
    validator = Validator()
    limit = _limit(input.limit, validator)
    _check_sources({"kanjiIds": input.kanji_ids, "jlptLevel": input.jlpt_level}, validator)
    create: _Create
    if input.kanji_ids is not None:
        validator.size(input.kanji_ids, MAX_WORDS, "kanjiIds")
        ids = validator.parse_ids(KanjiId, input.kanji_ids[:MAX_WORDS], "kanjiIds")
        create = partial(card_service.create_cards_of_kanji, kanji_ids=ids[:limit])
    else:
        level = input.jlpt_level or JlptLevel.N5
        create = partial(card_service.create_cards_of_kanji_of_level, level=level, limit=limit)
    return await _create(info, validator, create, input.kind)


@returns_user_errors(CreateCardsPayload)
@rate_limited(CARDS, lambda input: len(input.words))
async def create_custom_cards(info: Info, input: CreateCustomCardsInput) -> CreateCardsPayload:
    validator = Validator()
    validator.size(input.words, MAX_CUSTOM_WORDS, "words")
    words = [
        CustomWord(
            validator.line(each.word, MAX_WORD_LENGTH, "words", str(index), "word"),
            validator.line(each.reading or "", MAX_WORD_LENGTH, "words", str(index), "reading", empty=True),
            validator.text(each.meaning or "", MAX_CUSTOM_MEANING_LENGTH, "words", str(index), "meaning", empty=True),
        )
        for index, each in enumerate(input.words[:MAX_CUSTOM_WORDS])
    ]
    create = partial(card_service.create_cards_of_own_words, words=words)
    return await _create(info, validator, create, input.kind)


@returns_user_errors(CardsPayload)
@rate_limited(CARDS, lambda input: len(input.card_ids))
async def set_cards_suspended(info: Info, input: SetCardsSuspendedInput) -> CardsPayload:
    ids = validated_ids(CardId, input.card_ids, MAX_CARDS, "cardIds")
    return CardsPayload(
        cards=await info.context.run_transaction(
            partial(card_service.suspend_cards, card_ids=ids, suspended=input.suspended)
        )
    )


async def _create(info: Info, validator: Validator, create: _Create, kind: CardKind | None) -> CreateCardsPayload:
    validator.raise_if_invalid()
    cards, created_count = await info.context.run_transaction(partial(create, kind=kind or CardKind.RECOGNITION))
    return CreateCardsPayload(cards=cards, created_count=created_count)


def _limit(limit: int | None, validator: Validator) -> int:
    if limit is None:
        return MAX_CREATED_CARDS
    validator.number(limit, 1, MAX_CREATED_CARDS, "limit")
    return limit


def _check_sources(given: Mapping[str, object], validator: Validator) -> None:
    sources = [name for name, value in given.items() if value is not None]
    if not sources:
        validator.add_error(UserErrorCode.REQUIRED, f"One of {', '.join(given)} is required.")
    for name in sources[1:]:
        validator.add_error(UserErrorCode.INVALID, f"{name} and {sources[0]} are mutually exclusive.", name)


def _source(input: CreateCardsInput, limit: int, validator: Validator) -> _Create:
    given = {"vocabularyIds": input.vocabulary_ids, "chapterId": input.chapter_id, "jlptLevel": input.jlpt_level}
    _check_sources(given, validator)
    if input.vocabulary_ids is not None:
        validator.size(input.vocabulary_ids, MAX_WORDS, "vocabularyIds")
        words = validator.parse_ids(VocabularyId, input.vocabulary_ids[:MAX_WORDS], "vocabularyIds")
        contexts = _contexts(input.contexts or (), words, validator)
        return partial(card_service.create_cards_of_words, word_ids=words[:limit], contexts=contexts)
    if input.contexts:
        validator.add_error(UserErrorCode.INVALID, "contexts requires vocabularyIds.", "contexts")
    if input.chapter_id is not None:
        chapter_id = validator.parse_id(ChapterId, input.chapter_id, "chapterId")
        return partial(card_service.create_cards_of_chapter, chapter_id=chapter_id, limit=limit)
    return partial(card_service.create_cards_of_level, level=input.jlpt_level or JlptLevel.N5, limit=limit)


def _contexts(
    inputs: Sequence[CardContextInput], words: Sequence[VocabularyId], validator: Validator
) -> list[CardContext]:
    """The contexts of words in the list; those of words beyond the limit are ignored by the service."""
    if len(inputs) > MAX_WORDS:
        message = f"contexts has {len(inputs)} items; the maximum is {MAX_WORDS}."
        validator.add_error(UserErrorCode.TOO_LONG, message, "contexts")
        return []
    contexts: dict[VocabularyId, CardContext] = {}
    known = frozenset(words)
    for index, input in enumerate(inputs):
        path = ("contexts", str(index))
        found = len(validator.errors)
        word = validator.parse_id(VocabularyId, input.vocabulary_id, *path, "vocabularyId")
        is_word = len(validator.errors) == found
        text = validator.text(input.text, MAX_CONTEXT_LENGTH, *path, "text")
        book_id = None
        if input.book_id is not None:
            book_id = validator.parse_id(BookId, input.book_id, *path, "bookId")
        elif input.page is not None:
            validator.add_error(UserErrorCode.INVALID, "page requires bookId.", *path, "page")
        if input.page is not None:
            validator.number(input.page, 1, MAX_PAGES_OF_BOOK, *path, "page")
        if is_word and word not in known:
            validator.add_error(UserErrorCode.INVALID, "The word is not in vocabularyIds.", *path, "vocabularyId")
        elif word in contexts:
            validator.add_error(UserErrorCode.INVALID, "The word has two contexts.", *path, "vocabularyId")
        contexts[word] = CardContext(word, text, book_id, input.page)
    return list(contexts.values())
