"""Administrators empty the cache."""

from dataclasses import dataclass
from functools import partial

import strawberry

from cache.values import EVERYTHING
from db.writes.administration import purge_cache as save_purge
from domain.errors import BadUserInput
from domain.ids import shorten
from resolvers.context import Info
from resolvers.mutations.payloads import Input

MAX_TAGS, MAX_TAG = 100, 60


@strawberry.input(description="What to forget: some tags, or everything.")
class PurgeCacheInput:
    tags: list[str] | None = strawberry.field(
        default=None, description="1 to 100 tags, such as `Book:0190…`, `Book:*`, `books` or `books:level=N5`."
    )
    everything: bool | None = strawberry.field(default=False, description="All there is.")


@dataclass(frozen=True, slots=True)
class PurgeCachePayload:
    """What was forgotten. Everything is `*`."""

    purged_tags: list[str]


async def purge_cache(info: Info, input: Input[PurgeCacheInput]) -> PurgeCachePayload:
    tags = [EVERYTHING] if input.everything else list(dict.fromkeys(input.tags or ()))
    if not 1 <= len(tags) <= MAX_TAGS:
        raise BadUserInput(f"tags: 1 to {MAX_TAGS} are needed, or `everything`; there are {len(tags)}.")
    for tag in tags:
        if not 1 <= len(tag) <= MAX_TAG or not tag.isascii():
            raise BadUserInput(f"tags: {shorten(tag)!r} is not a tag.")
    await info.context.write(partial(save_purge, tags=tags))
    return PurgeCachePayload(tags)
