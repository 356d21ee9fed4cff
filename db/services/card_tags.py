"""Flags and tags cards."""

from collections.abc import Iterable, Sequence

from db.commands import card_tags as commands
from db.commands import users as user_commands
from db.core.transaction import Transaction
from db.queries import card_tags as queries
from db.queries.cards import CardRow
from db.services.cards import cards_in_order, lock_found
from domain.card_tags import MAX_TAGS_OF_CARD, MAX_TAGS_OF_LEARNER
from domain.ids import CardId
from domain.user_errors import InvalidInput, UserError, UserErrorCode, invalid_input


async def flag_cards(transaction: Transaction, card_ids: Sequence[CardId], *, flag: int) -> list[CardRow]:
    """Flag cards, or remove their flags by 0, and return them in the order of the ids. Two statements.

    Raises InvalidInput, with the path ("cardIds", N), for a card that is not the viewer's.
    """
    cards = await lock_found(transaction, card_ids)
    changed = await transaction.rows(commands.flag_cards, ids=list(cards), flag=flag)
    return cards_in_order(card_ids, cards, changed)


async def tag_cards(transaction: Transaction, card_ids: Sequence[CardId], *, tags: Sequence[str]) -> list[CardRow]:
    """Add tags to cards and return them in the order of the ids. Five statements, or six if there are changes.

    Raises InvalidInput like `flag_cards`, and with LIMIT_REACHED for a card with too many tags, or the path ("tags",)
    for a learner with too many.
    """
    # A learner's tags are counted by one transaction at a time.
    await transaction.row(user_commands.lock_settings)
    cards = await lock_found(transaction, card_ids)
    present = {row.card_id: row.tags for row in await transaction.rows(queries.tags_by_card_id, ids=list(cards))}
    errors = [
        UserError(UserErrorCode.LIMIT_REACHED, f"A card has up to {MAX_TAGS_OF_CARD} tags.", ("cardIds", str(index)))
        for index, id in enumerate(card_ids)
        if len({*present.get(id, ()), *tags}) > MAX_TAGS_OF_CARD
    ]
    if errors:
        raise InvalidInput(*errors)
    [count] = await transaction.rows(queries.tag_count, tags=list(tags))
    if count.tags > MAX_TAGS_OF_LEARNER:
        raise invalid_input(UserErrorCode.LIMIT_REACHED, f"A learner has up to {MAX_TAGS_OF_LEARNER} tags.", "tags")
    tagged = await transaction.rows(commands.tag_cards, ids=list(cards), tags=list(tags))
    return cards_in_order(card_ids, cards, await _touch(transaction, tagged))


async def untag_cards(transaction: Transaction, card_ids: Sequence[CardId], *, tags: Sequence[str]) -> list[CardRow]:
    """Remove tags from cards and return them in the order of the ids. Two statements, or three if there are changes.

    Raises InvalidInput like `flag_cards`.
    """
    cards = await lock_found(transaction, card_ids)
    untagged = await transaction.rows(commands.untag_cards, ids=list(cards), tags=list(tags))
    return cards_in_order(card_ids, cards, await _touch(transaction, untagged))


async def _touch(transaction: Transaction, changed: Iterable[commands.TaggedCardRow]) -> Sequence[CardRow]:
    ids = list({row.card_id for row in changed})
    return await transaction.rows(commands.touch_cards, ids=ids) if ids else ()
