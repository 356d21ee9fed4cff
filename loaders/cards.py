"""Loaders of the viewer's cards and reviews."""

from functools import cached_property

from db.queries import buried_cards, card_tags, cards, reviews
from db.queries.buried_cards import BuriedCardRow
from db.queries.card_tags import TagsRow
from db.queries.cards import CardContextRow, CardRow
from db.queries.reviews import NestedReviewRow, ReviewRow
from domain.ids import CardId, KanjiId, ReviewId, VocabularyId
from loaders.base import LoaderGroup, ManyOwnByKey, OneByKey, OwnByKey, PageByKey


class CardLoaders(LoaderGroup):
    @cached_property
    def card_by_id(self) -> OwnByKey[CardId, CardRow]:
        return self.own(cards.cards_by_id)

    @cached_property
    def card_of_review_by_id(self) -> OwnByKey[CardId, CardRow]:
        """Also deleted cards."""
        return self.own(cards.cards_of_reviews_by_id)

    @cached_property
    def recognition_card_by_vocabulary_id(self) -> OwnByKey[VocabularyId, CardRow]:
        return self.own(cards.recognition_cards_by_vocabulary_id, "vocabulary_id")

    @cached_property
    def recognition_card_by_kanji_id(self) -> OwnByKey[KanjiId, CardRow]:
        return self.own(cards.recognition_cards_by_kanji_id, "kanji_id")

    @cached_property
    def cards_by_vocabulary_id(self) -> ManyOwnByKey[VocabularyId, CardRow]:
        return self.many_own(cards.cards_by_vocabulary_id, "vocabulary_id")

    @cached_property
    def cards_by_kanji_id(self) -> ManyOwnByKey[KanjiId, CardRow]:
        return self.many_own(cards.cards_by_kanji_id, "kanji_id")

    @cached_property
    def context_by_card_id(self) -> OwnByKey[CardId, CardContextRow]:
        return self.own(cards.contexts_by_card_id, "card_id")

    @cached_property
    def buried_card_by_id(self) -> OneByKey[CardId, BuriedCardRow]:
        viewer = self.reads.viewer
        values = {"viewer_id": viewer.id if viewer else None, "now": self.reads.now}
        return OneByKey(self.reads, self._running, buried_cards.buried_cards_by_id, "card_id", **values)

    @cached_property
    def tags_by_card_id(self) -> OwnByKey[CardId, TagsRow]:
        return self.own(card_tags.tags_by_card_id, "card_id")

    @cached_property
    def reviews_by_card_id(self) -> PageByKey[CardId, NestedReviewRow]:
        return self.page(reviews.paged_card_reviews)

    @cached_property
    def review_by_id(self) -> OwnByKey[ReviewId, ReviewRow]:
        return self.own(reviews.reviews_by_id)
