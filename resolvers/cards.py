"""Cards and reviews."""

from dataclasses import dataclass
from datetime import datetime

import strawberry

from db.queries.cards import CardRow
from resolvers.context import Info
from resolvers.loader_field import loaded


@dataclass(frozen=True, slots=True)
class ReviewPreview:
    """What an answer would lead to."""

    quality: int
    due_at: datetime
    interval_days: float


vocabulary = loaded(lambda loaders: loaders.vocabulary.vocabulary_by_id, key="vocabulary_id")

review_card = loaded(lambda loaders: loaders.cards.card_by_id, key="card_id")


async def next_reviews(parent: strawberry.Parent[CardRow], info: Info) -> list[ReviewPreview]:
    """From the moment of the request, by the algorithm that the viewer chose."""
    settings = await info.context.loaders.users.settings_by_user_id.load(info.context.signed_in().id)
    if settings is None:
        return []
    schedule, chosen = parent.schedule, settings.algorithm
    after = (chosen.review(parent.id, schedule, quality, info.context.now) for quality in range(6))
    return [ReviewPreview(quality, next_.due_at, next_.interval_days) for quality, next_ in enumerate(after)]
