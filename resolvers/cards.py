"""Resolvers of cards and reviews."""

from dataclasses import dataclass
from datetime import datetime

import strawberry

from db.queries.card_lists import DeletedCardRow
from db.queries.cards import CardRow, RescheduledCard
from db.queries.custom_vocabulary import CustomVocabularyRow
from db.queries.reviews import NewReview, ReviewRow
from db.queries.vocabulary import KanjiRow, VocabularyRow
from domain.ids import global_id
from domain.retention import DELETED_ROW_RETENTION
from domain.scheduling import Answer
from engine.plan.selected_attributes import reads_attributes
from resolvers.connections import nested_page_key
from resolvers.context import Info
from resolvers.loader_field import load_by_key


@dataclass(frozen=True, slots=True)
class ReviewPreview:
    """The schedule after a review with this quality."""

    quality: int
    due_at: datetime
    interval_days: float


vocabulary = load_by_key(
    lambda loaders: loaders.vocabulary.vocabulary_by_id,
    key="vocabulary_id",
    known=lambda loaders: loaders.vocabulary.known,
    is_shared=True,
)

kanji = load_by_key(lambda loaders: loaders.vocabulary.kanji_by_id, key="kanji_id")


custom_vocabulary = load_by_key(
    lambda loaders: loaders.custom_vocabulary.custom_vocabulary_by_id, key="custom_vocabulary_id"
)


@reads_attributes("custom_vocabulary_id", "kanji_id", "vocabulary_id")
async def subject(
    parent: strawberry.Parent[CardRow], info: Info
) -> VocabularyRow | KanjiRow | CustomVocabularyRow | None:
    loaders = info.context.loaders.vocabulary
    if parent.custom_vocabulary_id is not None:
        return await info.context.loaders.custom_vocabulary.custom_vocabulary_by_id.load(parent.custom_vocabulary_id)
    if parent.kanji_id is not None:
        return await loaders.kanji_by_id.load(parent.kanji_id)
    assert parent.vocabulary_id is not None  # A constraint of the table.
    return await loaders.vocabulary_by_id.load(parent.vocabulary_id)


context = load_by_key(lambda loaders: loaders.cards.context_by_card_id)

buried_until = load_by_key(
    lambda loaders: loaders.cards.buried_card_by_id, transform=lambda row: row.buried_until if row else None
)

tags = load_by_key(lambda loaders: loaders.cards.tags_by_card_id, transform=lambda row: row.tags if row else [])

context_book = load_by_key(lambda loaders: loaders.books.book_by_id, key="book_id")

review_card = load_by_key(lambda loaders: loaders.cards.card_of_review_by_id, key="card_id")


reviews = load_by_key(lambda loaders: loaders.cards.reviews_by_card_id, key=nested_page_key)


def review_card_id(parent: strawberry.Parent[ReviewRow | NewReview]) -> str:
    return global_id("Card", parent.card_id)


def deleted_card(parent: strawberry.Parent[DeletedCardRow]) -> CardRow:
    return parent


def deleted_card_id(parent: strawberry.Parent[DeletedCardRow]) -> str:
    return global_id("Card", parent.id)


def restorable_until(parent: strawberry.Parent[DeletedCardRow]) -> datetime:
    return parent.deleted_at + DELETED_ROW_RETENTION


@reads_attributes("lapses")
async def leech(parent: strawberry.Parent[CardRow], info: Info) -> bool:
    settings = await info.context.loaders.users.settings_by_user_id.load(info.context.require_viewer().id)
    return settings is not None and 0 < settings.leech_threshold <= parent.lapses


async def next_reviews(parent: strawberry.Parent[CardRow | RescheduledCard], info: Info) -> list[ReviewPreview]:
    """Reviews at the time of the request, by the viewer's algorithm."""
    settings = await info.context.loaders.users.settings_by_user_id.load(info.context.require_viewer().id)
    if settings is None:
        return []
    schedule, chosen, now = parent.schedule, settings.algorithm, info.context.now
    day = chosen.days.day_of(now)
    after = (chosen.review(parent.id, schedule, Answer(now, "", quality, day)) for quality in range(6))
    return [ReviewPreview(quality, next_.due_at, next_.interval_days) for quality, next_ in enumerate(after)]
