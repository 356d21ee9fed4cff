"""Mutations that reset, bury and reschedule cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import strawberry

from db.services import schedule_changes as change_service
from domain.enums import ScheduleChangeKind
from domain.ids import CardId, global_id
from domain.rate_limits import CARDS, WRITES
from domain.schedule_changes import MAX_SPREAD_DAYS, SubmittedChange
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.cards import MAX_CARDS, CardsPayload
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_KEY_LENGTH = 200


@dataclass(kw_only=True)
class ResetCardsInput:
    card_ids: list[strawberry.ID]
    changed_at: datetime | None = None
    idempotency_key: str


@dataclass(kw_only=True)
class BuryCardsInput:
    card_ids: list[strawberry.ID]
    changed_at: datetime | None = None
    idempotency_key: str


@dataclass(kw_only=True)
class UnburyCardsInput:
    card_ids: list[strawberry.ID]
    changed_at: datetime | None = None
    idempotency_key: str


@dataclass(kw_only=True)
class RescheduleCardsInput:
    card_ids: list[strawberry.ID]
    days: int
    changed_at: datetime | None = None
    idempotency_key: str


@dataclass(kw_only=True)
class UndoScheduleChangeInput:
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoScheduleChangePayload(Payload):
    """`card_ids`: global ids."""

    card_ids: Sequence[str] = ()


_Input = ResetCardsInput | BuryCardsInput | UnburyCardsInput | RescheduleCardsInput


@returns_user_errors(CardsPayload)
@rate_limited(CARDS, lambda input: len(input.card_ids))
async def reset_cards(info: Info, input: ResetCardsInput) -> CardsPayload:
    return await _save(info, input, ScheduleChangeKind.RESET)


@returns_user_errors(CardsPayload)
@rate_limited(CARDS, lambda input: len(input.card_ids))
async def bury_cards(info: Info, input: BuryCardsInput) -> CardsPayload:
    return await _save(info, input, ScheduleChangeKind.BURY)


@returns_user_errors(CardsPayload)
@rate_limited(CARDS, lambda input: len(input.card_ids))
async def unbury_cards(info: Info, input: UnburyCardsInput) -> CardsPayload:
    return await _save(info, input, ScheduleChangeKind.UNBURY)


@returns_user_errors(CardsPayload)
@rate_limited(CARDS, lambda input: len(input.card_ids))
async def reschedule_cards(info: Info, input: RescheduleCardsInput) -> CardsPayload:
    return await _save(info, input, ScheduleChangeKind.RESCHEDULE)


@returns_user_errors(UndoScheduleChangePayload)
@rate_limited(WRITES)
async def undo_schedule_change(info: Info, input: UndoScheduleChangeInput) -> UndoScheduleChangePayload:
    validator = Validator()
    key = validator.line(input.idempotency_key, MAX_KEY_LENGTH, "idempotencyKey")
    validator.raise_if_invalid()
    undo = partial(change_service.undo_change, idempotency_key=key)
    ids = await info.context.run_transaction(undo)
    return UndoScheduleChangePayload(card_ids=[global_id("Card", id) for id in ids])


async def _save(info: Info, input: _Input, kind: ScheduleChangeKind) -> CardsPayload:
    validator = Validator()
    validator.size(input.card_ids, MAX_CARDS, "cardIds")
    validator.raise_if_invalid()
    ids = validator.parse_ids(CardId, input.card_ids, "cardIds")
    key = validator.line(input.idempotency_key, MAX_KEY_LENGTH, "idempotencyKey")
    validator.timestamp(input.changed_at, "changedAt")
    days = 0
    if isinstance(input, RescheduleCardsInput):
        days = input.days
        validator.number(days, 1, MAX_SPREAD_DAYS, "days")
    validator.raise_if_invalid()
    change = SubmittedChange(kind, ids, key, input.changed_at, days)
    return CardsPayload(cards=await info.context.run_transaction(partial(change_service.save_change, change=change)))
