"""Both forms of the statement for learners whose streaks are at risk find the same ones."""

import random
from datetime import UTC, datetime
from typing import Any

from db.core.database import owner_connection
from db.maintenance.streak_reminders import find_learners_at_risk
from domain.ids import new_id

_LEARNERS = 200
_INSERT = """
    with person as (
        insert into users (id, subject, email, display_name, role)
        values ($1::uuid, $1::uuid::text, $1::uuid::text || '@risk.example', 'Risk', 'learner')
    )
    insert into user_settings (
        user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day, time_zone, streak_freezes_per_month
    ) values ($1, 'FSRS', 0.9, 20, 200, $2, $3)
"""
_INSERT_DAYS = """
    insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms, freeze_reason)
    select $1, ((now() at time zone $2) - interval '4 hours')::date - ago, reviews, reviews, 0, reviews, reason
    from unnest($3::int[], $4::int[], $5::text[]) as days (ago, reviews, reason)
"""


async def test_learners_are_found_one_by_one_as_by_one_statement(writable_database_url: str) -> None:
    """Random histories: with days missed, frozen by the allowance, and frozen by vacations."""
    chosen = random.Random(27)
    # A zone in which it is 20 o'clock, and one in which it is morning.
    offset = (20 - datetime.now(UTC).hour + 12) % 24 - 12
    evening, morning = f"Etc/GMT{-offset:+d}", f"Etc/GMT{-((offset + 12 + 11) % 24 - 11):+d}"
    async with owner_connection(writable_database_url) as connection:
        for _ in range(_LEARNERS):
            zone = chosen.choice([evening] * 9 + [morning])
            id, allowed = new_id(), chosen.choice([0, 1, 2, 5, 10])
            await connection.execute(_INSERT, id, zone, allowed)
            await connection.execute(_INSERT_DAYS, id, zone, *zip(*_history(chosen, allowed), strict=True))
        single, distributed = [
            {found.user_id: (found.cause, found.streak_days) for found in await _find(connection, is_distributed=form)}
            for form in (False, True)
        ]
    assert single == distributed
    assert 10 < len(single) < _LEARNERS / 2


async def _find(connection: Any, *, is_distributed: bool) -> Any:
    return await find_learners_at_risk(connection, is_distributed=is_distributed)


def _history(chosen: random.Random, allowed: int) -> list[tuple[int, int, str | None]]:
    """Days that differ in how long ago they are, newest first; many learners have used all that is allowed."""
    ago = chosen.choice([0, 1, 1, 1, 2, allowed, allowed + 1, 2 * allowed, 2 * allowed + 1, 2 * allowed + 2])
    days: list[tuple[int, int, str | None]] = []
    for number in range(ago, ago + chosen.randint(1, 30)):
        kind = chosen.random()
        if kind < 0.05:
            continue
        reason = "MISSED" if kind < 0.15 else "VACATION" if kind < 0.2 else None
        days.append((number, 0 if reason else 1, reason))
    return days or [(ago, 1, None)]
