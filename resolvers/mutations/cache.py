"""The mutation that purges the cache."""

import re
from dataclasses import dataclass
from functools import partial

import strawberry

from cache.types import ALL_TAG
from common.text import truncate
from db.services import administration as administration_service
from domain.errors import BadUserInput
from domain.list_sizes import MAX_PURGED_TAGS
from domain.rate_limits import CACHE_PURGES
from resolvers.context import Info
from resolvers.rate_limits import rate_limited

# All tags fit into one notification of 8,000 bytes.
MAX_TAG = 60
# Characters that take one byte in JSON.
_TAG = re.compile(rf"[!#-\[\]-~]{{1,{MAX_TAG}}}")


@dataclass(kw_only=True)
class PurgeCacheInput:
    tags: list[str] | None = strawberry.UNSET
    everything: bool | None = strawberry.UNSET


@dataclass(frozen=True, slots=True)
class PurgeCachePayload:
    """The invalidated tags; `*` stands for everything."""

    purged_tags: list[str]


@rate_limited(CACHE_PURGES)
async def purge_cache(info: Info, input: PurgeCacheInput) -> PurgeCachePayload:
    tags = [ALL_TAG] if input.everything else list(dict.fromkeys(input.tags or ()))
    if not 1 <= len(tags) <= MAX_PURGED_TAGS:
        raise BadUserInput(f"tags: pass 1 to {MAX_PURGED_TAGS} tags or `everything`, not {len(tags)} tags.")
    for tag in tags:
        if not _TAG.fullmatch(tag):
            raise BadUserInput(
                f"tags: {truncate(tag)!r} is not a tag, which has 1 to {MAX_TAG} ASCII characters without spaces, "
                "quotation marks and backslashes."
            )
    await info.context.run_transaction(partial(administration_service.request_purge, tags=tags))
    return PurgeCachePayload(tags)
