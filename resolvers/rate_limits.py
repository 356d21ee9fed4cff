"""Limits on what is expensive, for each learner."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from math import ceil
from uuid import uuid5

from cache.client import CacheUnavailable
from cache.rate_limits import RateLimit
from db.queries.jobs import jobs_since
from domain.errors import RateLimited
from domain.ids import new_id
from domain.values import JobKind
from resolvers.context import Context

GENERATED_TEXTBOOKS = RateLimit("generate-textbook", 5, timedelta(hours=1))


@asynccontextmanager
async def generation_limited(context: Context, idempotency_key: str | None) -> AsyncIterator[None]:
    """For as long as a textbook is asked for; it does not count where that fails, and once for a key.

    Without Redis the learner's jobs are counted. Raises RateLimited.
    """
    limit, viewer, cache = GENERATED_TEXTBOOKS, context.signed_in(), context.services.cache
    token = new_id() if idempotency_key is None else uuid5(viewer.id, idempotency_key)
    try:
        if cache is None:
            raise CacheUnavailable("there is none")
        wait = await limit.take(cache, viewer.id, token)
    except CacheUnavailable:
        wait = await _wait_by_jobs(context, limit)
    if wait > 0:
        raise RateLimited(
            f"{limit.times} textbooks an hour are generated for a learner. Try again in {ceil(wait / 60)} minutes.",
            retry_after=wait,
        )
    try:
        yield
    except BaseException:
        if cache is not None:
            with suppress(CacheUnavailable):
                await limit.give_back(cache, viewer.id, token)
        raise


async def _wait_by_jobs(context: Context, limit: RateLimit) -> int:
    since = context.now - limit.span
    made = await context.reads.rows(
        jobs_since, viewer_id=context.signed_in().id, kind=JobKind.GENERATE_TEXTBOOK.value, since=since
    )
    if len(made) < limit.times:
        return 0
    return max(1, ceil((made[-limit.times].created_at - since).total_seconds()))
