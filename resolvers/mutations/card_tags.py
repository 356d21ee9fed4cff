"""Mutations of flags and tags of cards."""

from dataclasses import dataclass
from functools import partial

import strawberry

from db.services import card_tags as tag_service
from domain.card_tags import MAX_FLAG, validated_tags
from domain.ids import CardId
from domain.rate_limits import CARDS
from domain.validation import Validator, validated_ids
from resolvers.context import Info
from resolvers.mutations.cards import MAX_CARDS, CardsPayload
from resolvers.mutations.payload_base import returns_user_errors
from resolvers.rate_limits import rate_limited


@dataclass(kw_only=True)
class FlagCardsInput:
    card_ids: list[strawberry.ID]
    flag: int


@dataclass(kw_only=True)
class TagCardsInput:
    card_ids: list[strawberry.ID]
    tags: list[str]


@dataclass(kw_only=True)
class UntagCardsInput:
    card_ids: list[strawberry.ID]
    tags: list[str]


@returns_user_errors(CardsPayload)
@rate_limited(CARDS, lambda input: len(input.card_ids))
async def flag_cards(info: Info, input: FlagCardsInput) -> CardsPayload:
    ids = validated_ids(CardId, input.card_ids, MAX_CARDS, "cardIds")
    validator = Validator()
    validator.number(input.flag, 0, MAX_FLAG, "flag")
    validator.raise_if_invalid()
    flag = partial(tag_service.flag_cards, card_ids=ids, flag=input.flag)
    return CardsPayload(cards=await info.context.run_transaction(flag))


@returns_user_errors(CardsPayload)
@rate_limited(CARDS, lambda input: len(input.card_ids))
async def tag_cards(info: Info, input: TagCardsInput) -> CardsPayload:
    ids = validated_ids(CardId, input.card_ids, MAX_CARDS, "cardIds")
    tag = partial(tag_service.tag_cards, card_ids=ids, tags=validated_tags(input.tags, "tags"))
    return CardsPayload(cards=await info.context.run_transaction(tag))


@returns_user_errors(CardsPayload)
@rate_limited(CARDS, lambda input: len(input.card_ids))
async def untag_cards(info: Info, input: UntagCardsInput) -> CardsPayload:
    ids = validated_ids(CardId, input.card_ids, MAX_CARDS, "cardIds")
    untag = partial(tag_service.untag_cards, card_ids=ids, tags=validated_tags(input.tags, "tags"))
    return CardsPayload(cards=await info.context.run_transaction(untag))
