"""Creates and suspends cards."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TypeVar

from db.commands import card_contexts as context_commands
from db.commands import card_deletion as deletion_commands
from db.commands import cards as commands
from db.commands import locked_cards as lock_commands
from db.commands.cards import SubjectColumn, SubjectId
from db.commands.locked_cards import LockedCardRow
from db.core.transaction import Transaction
from db.queries import books, kanji, textbooks, vocabulary
from db.queries.cards import CardRow, RescheduledCard, cards_by_kanji_id, cards_by_vocabulary_id
from db.queries.custom_vocabulary import cards_by_custom_vocabulary_id
from db.services.custom_vocabulary import save_words
from domain.card_context import CardContext
from domain.custom_vocabulary import CustomWord
from domain.enums import CardKind, JlptLevel
from domain.ids import CardId, ChapterId, KanjiId, VocabularyId
from domain.user_errors import UserErrorCode, invalid_input
from domain.validation import Validator, require_found

CardT = TypeVar("CardT", bound=CardRow | RescheduledCard)


async def create_cards_of_words(
    transaction: Transaction,
    word_ids: Sequence[VocabularyId],
    kind: CardKind,
    contexts: Sequence[CardContext] = (),
) -> tuple[list[CardRow], int]:
    """Create missing cards of a kind and return those of the words in order, and how many are new.

    Deleted cards are restored, with one more statement.

    `contexts`: of words of the list; cards that have one keep it. Three statements, four or five with contexts.

    Raises InvalidInput, with the path ("vocabularyIds", N), for an unknown word, and ("contexts", N, …) for a book that
    the viewer cannot see, or a page that it does not have.
    """
    known = {row.id for row in await transaction.rows(vocabulary.vocabulary_by_id, ids=list(word_ids))}
    require_found(word_ids, known, "Word not found.", "vocabularyIds")
    await _check_sources(transaction, contexts)
    created = await _create(transaction, word_ids, kind)
    if contexts:
        await transaction.rows(context_commands.insert_contexts, **context_commands.context_values(contexts))
    return created


async def _check_sources(transaction: Transaction, contexts: Sequence[CardContext]) -> None:
    ids = list(dict.fromkeys(context.book_id for context in contexts if context.book_id is not None))
    if not ids:
        return
    query = books.books_by_id(unpublished=transaction.viewer.is_editor)
    found = {book.id: book for book in await transaction.rows(query, ids=ids)}
    validator = Validator("contexts")
    for index, context in enumerate(contexts):
        book = None if context.book_id is None else found.get(context.book_id)
        if context.book_id is not None and book is None:
            validator.add_error(UserErrorCode.NOT_FOUND, "Book not found.", str(index), "bookId")
        elif book is not None and context.page is not None:
            validator.number(context.page, 1, book.page_count, str(index), "page")
    validator.raise_if_invalid()


async def create_cards_of_chapter(
    transaction: Transaction, chapter_id: ChapterId, kind: CardKind, limit: int
) -> tuple[list[CardRow], int]:
    """Like `create_cards_of_words`, for the first words of a chapter. Four statements.

    Raises InvalidInput, with the path ("chapterId",), for a chapter that the viewer cannot see.
    """
    if await transaction.row(textbooks.chapters_by_id, ids=[chapter_id]) is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Chapter not found.", "chapterId")
    words = await transaction.rows(textbooks.vocabulary_by_chapter_id, ids=[chapter_id])
    return await _create(transaction, [word.id for word in words[:limit]], kind)


async def create_cards_of_level(
    transaction: Transaction, level: JlptLevel, kind: CardKind, limit: int
) -> tuple[list[CardRow], int]:
    """Like `create_cards_of_words`, for the first words of a level. Three statements."""
    words = await transaction.rows(vocabulary.vocabulary_of_level, levels=[level.value], limit=limit)
    return await _create(transaction, [word.id for word in words], kind)


async def create_cards_of_kanji(
    transaction: Transaction, kanji_ids: Sequence[KanjiId], kind: CardKind
) -> tuple[list[CardRow], int]:
    """Like `create_cards_of_words`, for kanji. Raises InvalidInput, with the path ("kanjiIds", N)."""
    known = {row.id for row in await transaction.rows(kanji.kanji_by_id, ids=list(kanji_ids))}
    require_found(kanji_ids, known, "Kanji not found.", "kanjiIds")
    return await _create(transaction, kanji_ids, kind, "kanji_id")


async def create_cards_of_kanji_of_level(
    transaction: Transaction, level: JlptLevel, kind: CardKind, limit: int
) -> tuple[list[CardRow], int]:
    """Like `create_cards_of_level`, for kanji."""
    found = await transaction.rows(kanji.kanji_of_level, levels=[level.value], limit=limit)
    return await _create(transaction, [row.id for row in found], kind, "kanji_id")


async def create_cards_of_own_words(
    transaction: Transaction, words: Sequence[CustomWord], kind: CardKind
) -> tuple[list[CardRow], int]:
    """Like `create_cards_of_words`, for words that the dictionary does not have. Three to six statements.

    A word that exists gets the meaning, if there is one. Words without a reading, or in kana, get no card that asks it.
    """
    ids = await save_words(transaction, words)
    asked = [ids[word[:2]] for word in words if kind is not CardKind.READING or word.has_reading_card]
    return await _create(transaction, list(dict.fromkeys(asked)), kind, "custom_vocabulary_id")


async def suspend_cards(transaction: Transaction, card_ids: Sequence[CardId], *, suspended: bool) -> list[CardRow]:
    """Suspend or resume cards and return them in the order of the ids. Two statements.

    Raises InvalidInput, with the path ("cardIds", N), for a card that is not the viewer's.
    """
    cards = await lock_found(transaction, card_ids)
    threshold = next(iter(cards.values())).leech_rule.threshold
    changed = await transaction.rows(
        commands.suspend_cards, ids=list(cards), suspended_now=suspended, threshold=threshold
    )
    return cards_in_order(card_ids, cards, changed)


async def lock_found(transaction: Transaction, card_ids: Sequence[CardId]) -> dict[CardId, LockedCardRow]:
    """Lock cards and return them by id. One statement.

    Raises InvalidInput, with the path ("cardIds", N), for a card that is not the viewer's.
    """
    cards = {card.id: card for card in await transaction.rows(lock_commands.lock_cards, ids=list(card_ids))}
    require_found(card_ids, cards.keys(), "Card not found.", "cardIds")
    return cards


def cards_in_order(card_ids: Sequence[CardId], cards: Mapping[CardId, CardT], changed: Iterable[CardT]) -> list[CardT]:
    """Return each of the cards once, in the order of the ids, as they are after the change."""
    newest = {**cards, **{card.id: card for card in changed}}
    return [newest[id] for id in dict.fromkeys(card_ids)]


_BY_SUBJECT = {
    "vocabulary_id": cards_by_vocabulary_id,
    "kanji_id": cards_by_kanji_id,
    "custom_vocabulary_id": cards_by_custom_vocabulary_id,
}


async def _create(
    transaction: Transaction,
    ids: Sequence[SubjectId],
    kind: CardKind,
    column: SubjectColumn = "vocabulary_id",
) -> tuple[list[CardRow], int]:
    """Create or restore missing cards of subjects, and return those of all in order, and how many are new."""
    values = commands.new_card_values(((id, kind) for id in ids), transaction.now, column)
    created = await transaction.rows(commands.insert_cards, **values)
    subject = attrgetter(column)
    present = await transaction.rows(_BY_SUBJECT[column], ids=list(ids))
    cards: dict[object, CardRow] = {subject(card): card for card in present if card.kind == kind}
    unique_ids = dict.fromkeys(ids)
    missing = [id for id in unique_ids if id not in cards]
    if missing:
        restore = deletion_commands.restore_cards_of_subjects
        cards |= {subject(card): card for card in await transaction.rows(restore, ids=missing, kind=kind.value)}
    return [cards[id] for id in unique_ids if id in cards], len(created)
