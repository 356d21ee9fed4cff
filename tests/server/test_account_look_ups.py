"""Accounts of concurrent requests are read in batches, and each request gets what it would have got alone."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from db.core.database import open_database, owner_connection
from db.services.account_look_ups import Account, LookUp, Profile, find_accounts
from domain.errors import AccountBlocked, AccountDeleted, ServiceUnavailable
from domain.viewer import Viewer
from server.auth.account_look_ups import MAX_SUBJECTS
from server.auth.viewer_cache import ViewerCache
from tests.databases import column, created, execute
from tests.server.viewer_cache import (
    EARLIER,
    ISSUED_AT,
    LATER,
    STATES,
    SUBJECTS,
    Sent,
    add_users,
    cache,
    cache_of,
    get,
    sent,
)
from tests.single_look_ups import find_alone

__all__ = ["cache", "sent"]

PROFILES = {
    "same": Profile("{}@example.org", "Haru", ISSUED_AT),
    "newer": Profile("{}@example.com", "Natsu", LATER, email_verified=True),
    "older": Profile("{}@example.com", "Natsu", EARLIER),
    "without time": Profile("{}@example.com", "Natsu", None),
    "empty": Profile(None, None, LATER),
    "other name": Profile(None, "Aki", LATER, email_verified=True),
}
CLIENTS = ("app", "other")


def mix() -> list[LookUp]:
    """A subject for each combination, and some without an account."""
    found = []
    for state, name, client in product([*STATES, "unknown"], PROFILES, CLIENTS):
        subject, profile = f"{state}, {name}, {client}", PROFILES[name]
        email = None if profile.email is None else profile.email.format(subject)
        found.append(LookUp(subject, Profile(email, profile.name, profile.issued_at, profile.email_verified), client))
    return found


async def add_mix(url: str) -> None:
    await add_users(url, [look_up.subject for look_up in mix() if not look_up.subject.startswith("unknown")])
    for state, values in STATES.items():
        await execute(url, f"update users set {values} where starts_with(subject, '{state}, ')")
    await execute(url, "create table before as select * from users")


async def state_of(url: str) -> list[Any]:
    """The accounts, with whether times have changed."""
    return await column(
        url,
        """
        select row(users.subject, users.email, users.email_verified, users.display_name, users.has_chosen_name,
            users.claims_issued_at, users.role, users.blocked_at, users.deleted_at,
            users.last_active_at = before.last_active_at, users.updated_at = before.updated_at,
            array(select key || (value = before.clients -> key) from jsonb_each(users.clients) order by 1))::text
        from users join before using (id) order by users.id
        """,
    )


def comparable(outcomes: Sequence[Any]) -> list[Any]:
    return [
        (outcome.message, outcome.extensions) if isinstance(outcome, AccountBlocked) else outcome
        for outcome in outcomes
    ]


@pytest.mark.parametrize("size", [1, 7, MAX_SUBJECTS])
async def test_batch_equals_single_look_ups(servers: tuple[str, str], template: str, size: int) -> None:
    look_ups = mix()
    async with AsyncExitStack() as stack:
        urls = [
            await stack.enter_async_context(created(servers[0], f"{template}_{name}_{size}", template))
            for name in ("batch", "single")
        ]
        for url in urls:
            await add_mix(url)
        batched, single = [await stack.enter_async_context(open_database(url, min_size=1, max_size=1)) for url in urls]
        found: list[Any] = []
        for start in range(0, len(look_ups), size):
            found += await find_accounts(batched, look_ups[start : start + size])
        alone = [await find_alone(single, look_up) for look_up in look_ups]
        assert comparable(found) == comparable(alone)
        states = [await state_of(url) for url in urls]
        assert states[0] == states[1]
        # Each kind is there.
        assert {type(outcome) for outcome in found} == {Account, AccountBlocked, type(None)}
        before = await column(urls[0], "select (before.*)::text from before order by id")
        after = await column(urls[0], "select (users.*)::text from users order by id")
        assert 0 < sum(old != new for old, new in zip(before, after, strict=True)) < len(look_ups)


async def test_clients_and_tokens_of_a_subject_follow_each_other(
    cache: ViewerCache, sent: Sent, writable_database_url: str
) -> None:
    """The newest token counts, in any order, and each client is noted."""
    times = [LATER, EARLIER, LATER + timedelta(days=1), ISSUED_AT]
    await asyncio.gather(
        *(
            get(cache, subject, f"client {number}", name=f"Name {number}", issued_at=issued_at)
            for subject in SUBJECTS[:3]
            for number, issued_at in enumerate(times)
        )
    )
    found = await column(
        writable_database_url,
        "select display_name || ', ' || (select count(*) from jsonb_object_keys(clients)) from users"
        " where clients ? 'client 0'",
    )
    assert found == ["Name 2, 5"] * 3


async def test_new_subjects_are_created_once(cache: ViewerCache, writable_database_url: str) -> None:
    viewers = await asyncio.gather(*(get(cache, f"new {number % 2}") for number in range(10)))
    assert len(set(viewers)) == 2
    assert await column(writable_database_url, "select count(*) from users where subject like 'new %'") == [2]


async def test_refusals_concern_their_subject_only(cache: ViewerCache, writable_database_url: str) -> None:
    url = writable_database_url
    await execute(url, f"update users set {STATES['blocked']} where subject = 'subject 1'")
    await execute(url, f"update users set {STATES['deleted']} where subject = 'subject 2'")
    # PostgreSQL has no null characters, and no encoding has lone surrogates. Claims are validated; this is in case.
    subjects = [*SUBJECTS[:9], "null \0", "surrogate \ud800"]
    outcomes = await asyncio.gather(*(get(cache, subject) for subject in subjects), return_exceptions=True)
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds[:9] == [Viewer, AccountBlocked, AccountDeleted, *[Viewer] * 6]
    assert all(isinstance(outcome, Exception) for outcome in outcomes[9:])
    # Also of an update.
    outcomes = await asyncio.gather(
        *(get(cache, subject, name=f"{subject}\0", issued_at=LATER) for subject in SUBJECTS[10:12]),
        *(get(cache, subject, name="Natsu", issued_at=LATER) for subject in SUBJECTS[12:15]),
        *(get(cache, subject) for subject in SUBJECTS[15:20]),
        return_exceptions=True,
    )
    assert [isinstance(outcome, Viewer) for outcome in outcomes] == [False] * 2 + [True] * 8
    natsu = await column(url, "select count(*) from users where display_name = 'Natsu'")
    assert natsu == [3]


async def test_failed_update_concerns_the_updated_only(writable_database_url: str) -> None:
    url = writable_database_url
    await add_users(url, SUBJECTS)
    name = await column(url, "select current_database()")
    await execute(url, f'alter database "{name[0]}" set default_transaction_read_only = on')
    async with open_database(url, min_size=1, max_size=1) as database:
        cache = cache_of(database)
        outcomes = await asyncio.gather(
            get(cache, SUBJECTS[0]), get(cache, SUBJECTS[1], "other"), get(cache, SUBJECTS[2]), return_exceptions=True
        )
    assert [type(outcome) for outcome in outcomes] == [Viewer, ServiceUnavailable, Viewer]


async def test_locked_account_holds_up_none(cache: ViewerCache, writable_database_url: str) -> None:
    """Its use is noted next time."""
    url = writable_database_url
    noted = "select subject from users where clients ? 'other' and subject like 'subject%' order by 1"
    async with owner_connection(url) as owner, owner.transaction(), asyncio.timeout(30):
        await owner.execute("select from users where subject = 'subject 0' for update")
        await asyncio.gather(*(get(cache, subject, "other", issued_at=LATER) for subject in SUBJECTS[:3]))
        assert await column(url, noted) == ["subject 1", "subject 2"]
    cache.on_connect()
    await get(cache, SUBJECTS[0], "other", issued_at=LATER)
    assert await column(url, noted) == ["subject 0", "subject 1", "subject 2"]
