"""Administrators empty the cache."""

import re
from dataclasses import dataclass
from functools import partial

import strawberry

from cache.types import ALL_TAG
from common.text import truncate
from db.services.administration import request_purge as save_purge
from domain.errors import BadUserInput
from domain.list_sizes import MAX_PURGED_TAGS
from domain.rate_limits import CACHE_PURGES
from resolvers.context import Info
from resolvers.mutations.payload_base import Input
from resolvers.rate_limits import limited

# Together they fit into one notification of 8,000 bytes.
MAX_TAG = 60
# Characters that are one byte each in JSON, too.
_TAG = re.compile(rf"[!#-\[\]-~]{{1,{MAX_TAG}}}")


@strawberry.input(description="Input of purgeCache: tags, or everything.")
class PurgeCacheInput:
    tags: list[str] | None = strawberry.field(
        default=None, description="1 to 100 tags, such as `Book:0190…`, `Book:*`, `books` or `books:level=N5`."
    )
    everything: bool | None = strawberry.field(default=False, description="The complete list.")


@dataclass(frozen=True, slots=True)
class PurgeCachePayload:
    """What was forgotten. Everything is `*`."""

    purged_tags: list[str]


@limited(CACHE_PURGES)
async def purge_cache(info: Info, input: Input[PurgeCacheInput]) -> PurgeCachePayload:
    tags = [ALL_TAG] if input.everything else list(dict.fromkeys(input.tags or ()))
    if not 1 <= len(tags) <= MAX_PURGED_TAGS:
        raise BadUserInput(f"tags: 1 to {MAX_PURGED_TAGS} are needed, or `everything`; there are {len(tags)}.")
    for tag in tags:
        if not _TAG.fullmatch(tag):
            raise BadUserInput(
                f"tags: {truncate(tag)!r} is not a tag: those have 1 to {MAX_TAG} characters of ASCII, without blanks, "
                "quotation marks and backslashes."
            )
    await info.context.write(partial(save_purge, tags=tags))
    return PurgeCachePayload(tags)
