"""Limits on what is expensive, for each learner: refused before the database is asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid5

from cache import rate_limits
from cache.client import CacheUnavailable
from domain.ids import new_id
from domain.rate_limits import RateLimit
from resolvers.context import Context


@asynccontextmanager
async def limited(context: Context, limit: RateLimit, idempotency_key: str | None) -> AsyncIterator[None]:
    """For as long as it is tried; it does not count where that fails, and once for a key. Raises RateLimited.

    Without Redis nothing is refused here: what is written has to look, too.
    """
    viewer, redis = context.signed_in(), context.services.redis
    token = new_id() if idempotency_key is None else uuid5(viewer.id, idempotency_key)
    if redis is None:
        yield
        return
    with suppress(CacheUnavailable):
        wait = await rate_limits.take(redis, limit, viewer.id, token.hex)
        if wait:
            raise limit.exceeded(wait)
    try:
        yield
    except BaseException:
        with suppress(CacheUnavailable):
            await rate_limits.give_back(redis, limit, viewer.id, token.hex)
        raise
