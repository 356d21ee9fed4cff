"""Merges the cards of words that turned out to be one word."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from db.commands import card_contexts as context_commands
from db.commands import card_tags as tag_commands
from db.commands import cards as commands
from db.commands import leeches as leech_commands
from db.commands import locked_cards as lock_commands
from db.commands import reviews as review_commands
from db.commands import schedule_changes as change_commands
from db.commands.locked_cards import MergedCardRow
from db.commands.moved_cards import moved_values
from db.core.transaction import Transaction
from db.services.rescheduling import log_entries, reschedule_cards, save_schedules
from domain.enums import CardKind, LeechAction
from domain.ids import CardId, VocabularyId


async def merge_cards(transaction: Transaction, remaining: Mapping[VocabularyId, VocabularyId]) -> None:
    """Replace the words of the viewer's cards. Cards of one kind that now have the same word become one with the
    reviews of all.

    The oldest card remains, with a context if any has one, and the tags of all. It is deleted only if all were, and
    suspended only if all were, or if it is a leech: its schedule, with the lapses, is recomputed from the log of all,
    as are the daily totals. The first review of another card no longer counts as that of a new one. Requires the owner
    of the tables, because the application role cannot delete cards.
    """
    locked = await transaction.rows(lock_commands.lock_cards_of_words, ids=[*remaining, *set(remaining.values())])
    cards_by_word: dict[tuple[VocabularyId, CardKind], list[MergedCardRow]] = defaultdict(list)
    for card in sorted(locked, key=lambda card: (card.created_at, card.id)):
        assert card.vocabulary_id is not None  # They were found by it.
        cards_by_word[remaining.get(card.vocabulary_id, card.vocabulary_id), card.kind].append(card)
    replaced = {card.id: cards[0].id for cards in cards_by_word.values() for card in cards[1:]}
    if replaced:
        # Before the words change, because a learner has one card of a word and a kind.
        moved = moved_values(replaced.items())
        for move in (
            review_commands.move_reviews,
            context_commands.move_contexts,
            tag_commands.move_tags,
            change_commands.move_changes,
        ):
            await transaction.rows(move, **moved)
        await transaction.rows(commands.purge_cards, ids=list(replaced))
    await transaction.rows(
        commands.change_words,
        **commands.word_values(
            (cards[0].id, word, *_suspension(cards), _deleted_at(cards))
            for (word, _), cards in cards_by_word.items()
            if len(cards) > 1 or cards[0].vocabulary_id != word
        ),
    )
    if replaced:
        merged = set(replaced.values())
        await _reschedule(transaction, [card for card in locked if card.id in merged])
        await transaction.rows(review_commands.clear_days)
        await transaction.rows(review_commands.count_days)


def _suspension(cards: list[MergedCardRow]) -> tuple[bool, bool, int]:
    """Whether the learner suspended all, whether a card is suspended as a leech, and how many marks were dismissed.

    A card that is merged with others is suspended as a leech only by the lapses of all.
    """
    if len(cards) == 1:
        [card] = cards
        return card.suspended, card.suspended_as_leech, card.dismissed_leech_marks
    by_learner = all(card.suspended for card in cards) and not all(card.suspended_as_leech for card in cards)
    return by_learner, False, max(card.dismissed_leech_marks for card in cards)


def _deleted_at(cards: list[MergedCardRow]) -> datetime | None:
    times = [card.deleted_at for card in cards if card.deleted_at is not None]
    return max(times) if len(times) == len(cards) else None


async def _reschedule(transaction: Transaction, cards: list[MergedCardRow]) -> None:
    schedules = await reschedule_cards(cards, await log_entries(transaction, [CardId(card.id) for card in cards]))
    await save_schedules(transaction, schedules)
    rule = cards[0].leech_rule
    if rule.action is LeechAction.SUSPEND:
        marks = ((id, rule.marks(schedule.lapses)) for id, schedule in schedules)
        await transaction.rows(leech_commands.suspend_leeches, **leech_commands.mark_values(marks))
