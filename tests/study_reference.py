"""A study session computed from all rows of a learner, slowly."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from db.core.database import owner_connection
from domain.study_sessions import random_order_seed
from tests.review_assertions import study_day

_DECAY = 0.1542


@dataclass(frozen=True)
class Session:
    """`cards`: all of them, in order."""

    cards: list[UUID]
    new_left: int
    learning_left: int
    reviews_left: int
    next_due_at: datetime | None


@dataclass(frozen=True)
class Learner:
    """The settings of a learner, their cards with popularity, level and subject, and their reviews."""

    settings: Any
    cards: list[Any]
    reviews: list[Any]
    extensions: list[Any]

    @classmethod
    async def of(cls, url: str, subject: str) -> "Learner":
        async with owner_connection(url) as connection:
            now = datetime.now(UTC)
            id = await connection.fetchval("select id from users where subject = $1", subject)
            settings = await connection.fetchrow("select * from user_settings where user_id = $1", id)
            cards = await connection.fetch(
                "select cards.*, coalesce(word.popularity, kanji.popularity) as word_popularity,"
                " coalesce(word.jlpt_level, kanji.jlpt_level) as jlpt_level, coalesce(word.id, kanji.id) as subject,"
                " uuid_hash_extended(cards.id, $2) as hash from cards"
                " left join vocabulary as word on word.id = vocabulary_id left join kanji on kanji.id = kanji_id"
                " where user_id = $1 and deleted_at is null",
                *(id, random_order_seed(id, _day(settings, now))),
            )
            reviews = await connection.fetch("select * from reviews where user_id = $1", id)
            extensions = await connection.fetch("select * from limit_extensions where user_id = $1", id)
            return cls(settings, cards, reviews, extensions)

    def session(
        self,
        now: datetime,
        ahead_minutes: int,
        *,
        levels: list[str] | None = None,
        words: set[UUID] | None = None,
        state: str | None = None,
        kinds: list[str] | None = None,
        ignore_limits: bool = False,
    ) -> Session:
        cards = [
            card
            for card in self.cards
            if not card["suspended"]
            and (kinds is None or card["kind"] in kinds)
            and (levels is None or card["jlpt_level"] in levels)
            and (words is None or card["vocabulary_id"] in words)
            and state in (None, card["state"])
        ]
        ahead = now + timedelta(minutes=ahead_minutes)
        new = sorted((card for card in cards if _is_new(card) and card["due_at"] <= now), key=self._new_key)
        learning = [card for card in cards if _is_learning(card)]
        reviews = [card for card in cards if not _is_new(card) and not _is_learning(card) and card["due_at"] <= now]
        reviews.sort(key=lambda card: (self._recall(card, now), card["id"]))
        due_reviews, due_new = reviews, new
        if self.settings["bury_siblings"]:
            learning_today = [card for card in learning if card["due_at"] < self._day_end(now)]
            before = [*self._studied(now), *learning_today]
            reviews = _without_siblings(due_reviews, before)
            new = _without_siblings(due_new, [*before, *due_reviews])
        new_limit, review_limit = self._limits(now)
        shown_new = new if ignore_limits else new[:new_limit]
        shown_reviews = reviews if ignore_limits else reviews[:review_limit]
        soon = sorted((c for c in learning if c["due_at"] <= ahead), key=lambda card: (card["due_at"], card["id"]))
        times = [card["due_at"] for card in cards if card["due_at"] > now and card not in soon]
        if (len(due_new) > len(shown_new) and (ignore_limits or self.settings["new_cards_per_day"])) or (
            len(due_reviews) > len(shown_reviews) and (ignore_limits or self.settings["reviews_per_day"])
        ):
            times.append(self._day_end(now))
        order = [
            *(card for card in soon if card["due_at"] <= now),
            *self._mixed(shown_reviews, shown_new),
            *(card for card in soon if card["due_at"] > now),
        ]
        ids = [card["id"] for card in order]
        return Session(ids, len(shown_new), len(soon), len(shown_reviews), min(times, default=None))

    def cram(self, now: datetime, since: datetime | None, *, state: str | None = None) -> Session:
        """All cards, due or not, without those that were answered right since a time."""
        cards = [card for card in self.cards if not card["suspended"] and state in (None, card["state"])]
        since = since or self._day_end(now) - timedelta(days=1)
        answers: dict[UUID, Any] = {}
        for review in sorted(self.reviews, key=lambda review: (review["reviewed_at"], review["idempotency_key"])):
            if review["reviewed_at"] >= since and not review["undone"]:
                answers[review["card_id"]] = review
        others = [card for card in cards if card["id"] not in answers]
        new = sorted(filter(_is_new, others), key=self._new_key)
        reviews = [card for card in others if not _is_new(card)]
        reviews.sort(key=lambda card: (self._cram_rank(card, now), card["id"]))
        wrong = [card for card in cards if card["id"] in answers and answers[card["id"]]["quality"] < 3]
        wrong.sort(key=lambda card: (answers[card["id"]]["reviewed_at"], card["id"]))
        ids = [card["id"] for card in (*self._mixed(reviews, new), *wrong)]
        return Session(ids, len(new), len(wrong), len(reviews), None)

    def _cram_rank(self, card: Any, now: datetime) -> float:
        since, by = card["due_day"], card["interval_days"]
        if self.settings["scheduler"] == "FSRS":
            since, by = card["last_reviewed_day"], card["stability"]
        return 0 if since is None else -(self._day(now) - since).days / max(by, 0.001)

    def _done(self) -> list[Any]:
        """The reviews that count for the day."""
        return [review for review in self.reviews if not review["undone"] and review["rescheduled"]]

    def _studied(self, now: datetime) -> list[Any]:
        today = self._day(now)
        answered = {review["card_id"] for review in self._done() if review["day"] == today}
        return [card for card in self.cards if card["id"] in answered]

    def _mixed(self, reviews: list[Any], new: list[Any]) -> Iterable[Any]:
        if self.settings["new_card_mix"] == "FIRST":
            return [*new, *reviews]
        if self.settings["new_card_mix"] == "LAST":
            return [*reviews, *new]
        places = [(Fraction(place, len(reviews) + 1), 0, card["id"], card) for place, card in enumerate(reviews, 1)]
        places += [(Fraction(place, len(new) + 1), 1, card["id"], card) for place, card in enumerate(new, 1)]
        return [card for *_, card in sorted(places, key=lambda place: place[:3])]

    def _new_key(self, card: Any) -> tuple[Any, ...]:
        if self.settings["new_card_order"] == "AS_ADDED":
            return card["due_at"], card["id"]
        if self.settings["new_card_order"] == "RANDOM":
            return float(card["hash"]), card["id"]
        return -card["word_popularity"], card["id"]

    def _recall(self, card: Any, now: datetime) -> float:
        """Retrievability, or minus the overdue share of the interval."""
        today = self._day(now)
        if self.settings["scheduler"] == "SM2":
            overdue: float = (today - card["due_day"]).days / card["interval_days"]
            return -overdue
        factor = 0.9 ** (-1 / _DECAY) - 1
        elapsed = (today - card["last_reviewed_day"]).days
        recall: float = math.pow(1 + factor * elapsed / card["stability"], -_DECAY)
        return recall

    def _limits(self, now: datetime) -> tuple[int, int]:
        """What the day still allows, counted from the log."""
        done = self._done()
        first: dict[UUID, Any] = {}
        for review in sorted(done, key=lambda review: (review["reviewed_at"], review["idempotency_key"])):
            first.setdefault(review["card_id"], review)
        today = self._day(now)
        new = sum(review["day"] == today for review in first.values())
        new_cards, reviews = (
            self.settings[f"{name}_per_day"] + sum(row[name] for row in self.extensions if row["day"] == today)
            for name in ("new_cards", "reviews")
        )
        answered = {r["card_id"] for r in done if r["day"] == today and r["interval_days_before"] >= 1}
        return max(new_cards - new, 0), max(reviews - len(answered), 0)

    def _day(self, now: datetime) -> Any:
        return _day(self.settings, now)

    def _day_end(self, now: datetime) -> datetime:
        zone, hour = ZoneInfo(self.settings["time_zone"]), self.settings["day_starts_at_hour"]
        tomorrow = self._day(now) + timedelta(days=1)
        # In UTC: times of a skipped or repeated hour are unequal to all times of other zones.
        return datetime(tomorrow.year, tomorrow.month, tomorrow.day, hour, tzinfo=zone).astimezone(UTC)


def _without_siblings(queue: list[Any], before: list[Any]) -> list[Any]:
    """The cards of a queue of which no other card of the word or kanji is in it or in `before`, earlier."""
    shown: list[Any] = []
    for card in queue:
        if all(other["subject"] != card["subject"] or other["id"] == card["id"] for other in (*before, *shown)):
            shown.append(card)
    return shown


def _is_new(card: Any) -> bool:
    return bool(card["state"] == "NEW")


def _is_learning(card: Any) -> bool:
    return card["state"] in ("LEARNING", "RELEARNING") and card["due_day"] is None


def _day(settings: Any, now: datetime) -> Any:
    return study_day(now, ZoneInfo(settings["time_zone"]), settings["day_starts_at_hour"])
