"""A learner's statistics computed from all rows of the log, slowly."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from db.core.database import owner_connection
from domain.ids import global_id
from tests.review_assertions import study_day

_INTERVALS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


@dataclass(frozen=True)
class ReviewLog:
    """`reviews`: those that moved a schedule and are not undone, with what is filtered by, in order."""

    zone: ZoneInfo
    starts_at_hour: int
    reviews: list[Any]
    cards: list[Any]

    @classmethod
    async def of(cls, url: str, user_id: UUID) -> "ReviewLog":
        async with owner_connection(url) as owner:
            settings = await owner.fetchrow("select * from user_settings where user_id = $1", user_id)
            assert settings is not None
            found = await owner.fetch(
                "select cards.*, coalesce(vocabulary.jlpt_level, kanji.jlpt_level) as jlpt_level from cards"
                " left join vocabulary on vocabulary.id = vocabulary_id left join kanji on kanji.id = kanji_id"
                " where user_id = $1",
                user_id,
            )
            logged = await owner.fetch(
                "select * from reviews where user_id = $1 and not undone and rescheduled", user_id
            )
            tagged = await owner.fetch("select card_id, tag from card_tags where user_id = $1", user_id)
        tags: dict[UUID, set[str]] = defaultdict(set)
        for row in tagged:
            tags[row["card_id"]].add(row["tag"])
        cards = [dict(card) | {"tags": tags[card["id"]]} for card in found]
        by_id = {card["id"]: {name: card[name] for name in ("jlpt_level", "kind", "tags")} for card in cards}
        reviews = [dict(review) | by_id[review["card_id"]] for review in logged]
        reviews.sort(key=lambda review: (review["reviewed_at"], review["idempotency_key"]))
        return cls(
            ZoneInfo(settings["time_zone"]),
            settings["day_starts_at_hour"],
            reviews,
            [card for card in cards if card["deleted_at"] is None],
        )

    @property
    def today(self) -> date:
        return self._day(datetime.now(UTC))

    def statistics(self, first: date, last: date, filter: dict[str, list[str]]) -> dict[str, Any]:
        log = self._filtered(filter)
        reviews = [review for review in log.reviews if first <= review["day"] <= last]
        true = [review for review in reviews if review["interval_days_before"] >= 1]
        durations = [review["duration_ms"] for review in reviews if review["duration_ms"] is not None]
        predicted = [review for review in reviews if review["retrievability"] is not None]
        firsts = log._firsts()
        found = {review["jlpt_level"] for review in reviews}
        return {
            "reviews": len(reviews),
            "recalled": _recalled(reviews),
            "started": sum(first <= day <= last for day in firsts.values()),
            "studyMinutes": sum(durations) / 60_000,
            "secondsPerReview": sum(durations) / len(durations) / 1_000 if durations else None,
            "trueRetention": _recalled(true) / len(true) if true else None,
            "byMaturity": [
                {"maturity": name, **_recall([r for r in reviews if _maturity(r["interval_days_before"]) == name])}
                for name in ("NEW", "LEARNING", "YOUNG", "MATURE")
            ],
            "byInterval": [
                {"minDays": low, **_recall([r for r in true if _interval_class(r["interval_days_before"]) == low])}
                for low in _INTERVALS
            ],
            "byLevel": [
                {"jlptLevel": level, **_recall([r for r in true if r["jlpt_level"] == level])}
                for level in ("N5", "N4", "N3", "N2", "N1", None)
                if level in found
            ],
            "byHour": [
                {"hour": hour, **_recall([r for r in true if r["reviewed_at"].astimezone(self.zone).hour == hour])}
                for hour in range(24)
            ],
            "calibration": [
                {"predicted": sum(r["retrievability"] for r in chosen) / (len(chosen) * 10_000), **_recall(chosen)}
                for number in range(20)
                if (chosen := [r for r in predicted if min(r["retrievability"] // 500, 19) == number])
            ],
        }

    def periods(self, first: date, last: date, unit: str, filter: dict[str, list[str]]) -> list[dict[str, Any]]:
        log = self._filtered(filter)
        starts = {day: _start(day, unit) for day in _days(first, min(last, self.today))}
        return [
            log._period(start, [day for day in starts if starts[day] == start])
            for start in sorted(set(starts.values()))
        ]

    def hardest_cards(self, filter: dict[str, list[str]]) -> list[dict[str, Any]]:
        log = self._filtered(filter)
        lapsed = sorted((card for card in log.cards if card["lapses"]), key=lambda card: (-card["lapses"], card["id"]))
        return [
            {
                "card": {"id": global_id("Card", card["id"])},
                **_recall([review for review in log.reviews if review["card_id"] == card["id"]]),
            }
            for card in lapsed[:10]
        ]

    def forecast(self, days: int, filter: dict[str, list[str]]) -> list[dict[str, Any]]:
        counts: Counter[tuple[date, str]] = Counter()
        for card in self._filtered(filter).cards:
            if card["state"] != "NEW" and not card["suspended"]:
                maturity = _maturity(card["interval_days"])
                counts[max(self._day(card["due_at"]), self.today), maturity.replace("NEW", "LEARNING")] += 1
        return [
            {"date": str(day), **{name: counts[day, name.upper()] for name in ("learning", "young", "mature")}}
            for day in _days(self.today, self.today + timedelta(days=days - 1))
        ]

    def _period(self, start: date, days: list[date]) -> dict[str, Any]:
        reviews = [review for review in self.reviews if review["day"] in days]
        added = [self._day(card["created_at"]) for card in self.cards]
        return {
            "startsOn": str(start),
            "reviews": len(reviews),
            "recalled": _recalled(reviews),
            "studyMinutes": sum(review["duration_ms"] or 0 for review in reviews) / 60_000,
            "added": sum(day in days for day in added),
            "started": sum(day in days for day in self._firsts().values()),
            **self._counts(days[-1]),
        }

    def _counts(self, day: date) -> dict[str, int]:
        """The cards at the end of a day, by the intervals that the log has."""
        if day == self.today:
            counts = Counter(_maturity(card["interval_days"]) for card in self.cards)
        else:
            counts = Counter()
            for review in self.reviews:
                if review["day"] <= day:
                    counts[_maturity(review["interval_days_before"])] -= 1
                    counts[_maturity(review["interval_days_after"])] += 1
            started = [self._day(card["first_reviewed_at"]) for card in self.cards if card["first_reviewed_at"]]
            counts["NEW"] = sum(self._day(card["created_at"]) <= day for card in self.cards)
            counts["NEW"] -= sum(at <= day for at in started)
        return {name: max(counts[name.upper()], 0) for name in ("new", "learning", "young", "mature")}

    def _firsts(self) -> dict[UUID, date]:
        firsts: dict[UUID, date] = {}
        for review in self.reviews:
            firsts.setdefault(review["card_id"], review["day"])
        return firsts

    def _day(self, at: datetime) -> date:
        return study_day(at, self.zone, self.starts_at_hour)

    def _filtered(self, filter: dict[str, list[str]]) -> "ReviewLog":
        levels, kinds, tags = (filter.get(name) for name in ("jlptLevels", "kinds", "tags"))

        def is_chosen(row: Any) -> bool:
            return (
                (levels is None or row["jlpt_level"] in levels)
                and (kinds is None or row["kind"] in kinds)
                and (tags is None or not row["tags"].isdisjoint(tags))
            )

        reviews, cards = ([row for row in rows if is_chosen(row)] for rows in (self.reviews, self.cards))
        return ReviewLog(self.zone, self.starts_at_hour, reviews, cards)


def _recalled(reviews: Iterable[Any]) -> int:
    return sum(review["quality"] >= 3 for review in reviews)


def _recall(reviews: list[Any]) -> dict[str, Any]:
    return {"reviews": len(reviews), "recalled": _recalled(reviews)}


def _maturity(interval: float) -> str:
    if interval == 0:
        return "NEW"
    return "LEARNING" if interval < 1 else "YOUNG" if interval < 21 else "MATURE"


def _interval_class(interval: float) -> int:
    return max(low for low in _INTERVALS if low <= interval)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _start(day: date, unit: str) -> date:
    if unit == "MONTH":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if unit == "WEEK" else day
