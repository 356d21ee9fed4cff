"""Mutations that delete and restore cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import strawberry

from db.services import card_deletion as deletion_service
from domain.ids import CardId, global_id
from domain.rate_limits import CARDS
from domain.validation import validated_ids
from resolvers.context import Info
from resolvers.mutations.cards import MAX_CARDS, CardsPayload
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class DeleteCardsInput:
    card_ids: list[strawberry.ID]


@dataclass(kw_only=True)
class RestoreCardsInput:
    card_ids: list[strawberry.ID]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteCardsPayload(Payload):
    """`deleted_ids`: global ids, each once, in the order of the input."""

    deleted_ids: Sequence[str] = ()


@returns_user_errors(DeleteCardsPayload)
@rate_limited(CARDS, lambda input: len(input.card_ids))
async def delete_cards(info: Info, input: DeleteCardsInput) -> DeleteCardsPayload:
    ids = validated_ids(CardId, input.card_ids, MAX_CARDS, "cardIds")
    await info.context.run_transaction(partial(deletion_service.delete_cards, card_ids=ids))
    return DeleteCardsPayload(deleted_ids=[global_id("Card", id) for id in dict.fromkeys(ids)])


@returns_user_errors(CardsPayload)
@rate_limited(CARDS, lambda input: len(input.card_ids))
async def restore_cards(info: Info, input: RestoreCardsInput) -> CardsPayload:
    ids = validated_ids(CardId, input.card_ids, MAX_CARDS, "cardIds")
    restore = partial(deletion_service.restore_cards, card_ids=ids)
    return CardsPayload(cards=await info.context.run_transaction(restore))
