"""Reviews are saved, and taken back.

The log is the truth: a card is the fold of its reviews, and the totals of days are sums over them. All three change in
one transaction, in a number of statements that does not depend on how many reviews there are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from uuid import UUID

from db.commands import cards as card_commands
from db.commands import reviews as commands
from db.commands.cards import LockedCardRow
from db.commands.reviews import LoggedReviewRow
from db.queries.cards import CardRow
from db.queries.reviews import ReviewRow
from db.transactions import Transaction
from db.writes.folding import folded
from domain.ids import new_id
from domain.reviews import DayChange, LoggedReview, Studied, SubmittedReview, is_late, studied, undone
from domain.scheduling import Answer, Schedule, fold
from domain.user_errors import Rejected, UserError, UserErrorCode


@dataclass(frozen=True, slots=True)
class SavedReview:
    """What became of a submitted review: it is there, once, or `refusal` says why not (NOT_FOUND or CONFLICT)."""

    card: CardRow | None = None
    review: ReviewRow | None = None
    duplicate: bool = False
    refusal: UserErrorCode | None = None


async def save_reviews(transaction: Transaction, submitted: Sequence[SubmittedReview]) -> list[SavedReview]:
    """What became of each, in order, with its card as it is after all of them. At most seven statements.

    A key that was used before is answered with the review that used it, where the content is the same.
    """
    card_ids = list({review.card_id for review in submitted})
    keys = [review.idempotency_key for review in submitted]
    locked = {card.id: card for card in await transaction.rows(card_commands.lock_cards, ids=card_ids)}
    # With the cards locked, what another device saved for them can be seen.
    earlier = {row.idempotency_key: row for row in await _reviews_of_keys(transaction, keys)}
    added: dict[str, SubmittedReview] = {}
    for review in submitted:
        if review.card_id in locked and review.idempotency_key not in earlier:
            added.setdefault(review.idempotency_key, review)
    cards: dict[UUID, CardRow] = {**locked}
    rows: dict[str, LoggedReviewRow] = {}
    if added:
        rows = await _add(transaction, locked, cards, list(added.values()))

    def outcome(review: SubmittedReview) -> SavedReview:
        key = review.idempotency_key
        before, first = earlier.get(key), added.get(key)
        if before is not None and before.is_repeated_by(review):
            return SavedReview(cards[review.card_id], before, duplicate=True)
        if before is not None or (first is not None and first != review):
            return SavedReview(refusal=UserErrorCode.CONFLICT)
        if first is None:
            return SavedReview(refusal=UserErrorCode.NOT_FOUND)
        return SavedReview(cards[review.card_id], rows[key], duplicate=review is not first)

    return [outcome(review) for review in submitted]


async def undo_reviews(transaction: Transaction, review_ids: Sequence[UUID]) -> list[CardRow]:
    """The cards as they are without these reviews, in the order of the ids. At most five statements.

    What was undone before stays so. Raises Rejected, with the path ("reviewIds", N), for a review that is not there, or
    after which another of its card came.
    """
    locked = await transaction.rows(card_commands.lock_cards_of_reviews, review_ids=list(review_ids))
    cards: dict[UUID, CardRow] = {card.id: card for card in locked}
    logs = await logs_of_cards(transaction, list(cards))
    _check_undo(review_ids, logs)
    wanted = set(review_ids)
    removed: list[LoggedReviewRow] = []
    changes: list[DayChange] = []
    remaining: dict[UUID, list[Answer]] = {}
    for card_id, log in logs.items():
        standing = [row for row in log if not row.undone]
        taken_back = [row for row in standing if row.id in wanted]
        if taken_back:
            removed += taken_back
            remaining[card_id] = [row.answer for row in standing[: len(standing) - len(taken_back)]]
            changes += undone([row.answer for row in standing], [row.logged for row in taken_back])
    if removed:

        def schedules() -> list[tuple[UUID, Schedule]]:
            return [
                (card.id, fold(card.algorithm, card.id, card.new, remaining[card.id]))
                for card in locked
                if card.id in remaining
            ]

        after = await folded(schedules, sum(len(answers) for answers in remaining.values()))
        taken_back_values = commands.undo_values((row.id, row.reviewed_at) for row in removed)
        await transaction.rows(commands.undo_reviews, **taken_back_values)
        await _change(transaction, cards, after, changes)
    card_ids = {row.id: row.card_id for log in logs.values() for row in log}
    return [cards[card_id] for card_id in dict.fromkeys(card_ids[id] for id in review_ids)]


async def logs_of_cards(transaction: Transaction, card_ids: list[UUID]) -> dict[UUID, list[LoggedReviewRow]]:
    """The whole logs of cards, each in its order."""
    logs: dict[UUID, list[LoggedReviewRow]] = {id: [] for id in card_ids}
    for row in await transaction.rows(commands.reviews_by_card_id, ids=card_ids):
        logs[row.card_id].append(row)
    # Here and not in the database, whose collation may order keys in another way than Python does.
    for log in logs.values():
        log.sort(key=lambda row: (row.reviewed_at, row.idempotency_key))
    return logs


async def _reviews_of_keys(transaction: Transaction, keys: list[str]) -> list[LoggedReviewRow]:
    """The reviews that used some of these keys before."""
    used = await transaction.rows(commands.used_keys, keys=keys)
    if not used:
        return []
    ids, moments = [key.review_id for key in used], [key.reviewed_at for key in used]
    return await transaction.rows(commands.reviews_by_id_and_moment, ids=ids, moments=moments)


async def _add(
    transaction: Transaction,
    locked: Mapping[UUID, LockedCardRow],
    cards: dict[UUID, CardRow],
    added: Sequence[SubmittedReview],
) -> dict[str, LoggedReviewRow]:
    """Saves reviews that are new, and puts the changed cards into `cards`. The saved rows by key."""
    reviews: dict[UUID, list[LoggedReview]] = defaultdict(list)
    for review in added:
        reviews[review.card_id].append(review.at(transaction.now))
    late = [id for id, of_card in reviews.items() if is_late(locked[id].last_reviewed_at, of_card)]
    logs = await logs_of_cards(transaction, late) if late else {}

    def fold_all() -> dict[UUID, Studied]:
        return {id: _studied(locked[id], logs.get(id), of_card) for id, of_card in reviews.items()}

    after = await folded(fold_all, len(added) + sum(len(log) for log in logs.values()))
    rows = await transaction.rows(
        commands.insert_reviews,
        **commands.saved_values(
            (
                new_id(),
                review.answer.answered_at,
                id,
                review.answer.idempotency_key,
                review.answer.quality,
                *after[id].intervals[review.answer.idempotency_key],
                review.duration_ms,
                transaction.now,
            )
            for id, of_card in reviews.items()
            for review in of_card
        ),
    )
    schedules = [(id, of_card.schedule) for id, of_card in after.items()]
    await _change(transaction, cards, schedules, [change for of_card in after.values() for change in of_card.changes])
    return {row.idempotency_key: row for row in rows}


def _studied(card: LockedCardRow, log: list[LoggedReviewRow] | None, added: list[LoggedReview]) -> Studied:
    """From where the card stands; from its beginning, where its log is there because a review was late."""
    if log is None:
        return studied(card.algorithm, card.id, card.schedule, (), added)
    return studied(card.algorithm, card.id, card.new, [row.answer for row in log if not row.undone], added)


async def _change(
    transaction: Transaction,
    cards: dict[UUID, CardRow],
    schedules: list[tuple[UUID, Schedule]],
    changes: list[DayChange],
) -> None:
    """Moves cards and the totals of days, and puts the changed cards into `cards`."""
    for card in await transaction.rows(card_commands.update_schedules, **card_commands.schedule_values(schedules)):
        cards[card.id] = card
    await transaction.rows(commands.add_to_days, **commands.day_values(changes))


def _check_undo(review_ids: Sequence[UUID], logs: Mapping[UUID, list[LoggedReviewRow]]) -> None:
    wanted = set(review_ids)
    known = {row.id: row for log in logs.values() for row in log}
    # Counted from the newest: those before which only wanted ones stand.
    free = {
        row.id for log in logs.values() for row in takewhile(lambda row: row.undone or row.id in wanted, reversed(log))
    }
    errors = []
    for index, id in enumerate(review_ids):
        path = ("reviewIds", str(index))
        if id not in known:
            errors.append(UserError(UserErrorCode.NOT_FOUND, "There is no such review of yours.", path))
        elif id not in free and not known[id].undone:
            message = "The card was reviewed again after it. Undo the newest review first."
            errors.append(UserError(UserErrorCode.CONFLICT, message, path))
    if errors:
        raise Rejected(*errors)
