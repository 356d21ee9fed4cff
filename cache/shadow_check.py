"""Recomputes a value that was served from the cache, to find mismatches."""

import structlog

from cache.local_store import LocalStore
from cache.metrics import CacheMetrics
from cache.tag_recorder import TagRecorder
from cache.types import CacheRequest
from domain.errors import ClientError
from engine.caching.template import Template

log = structlog.get_logger()


async def check_served(
    request: CacheRequest, served: Template, local: LocalStore, generation: int, metrics: CacheMetrics
) -> None:
    """Count the check, and a mismatch. `generation`: of the local store when the value was served.

    A value that was invalidated meanwhile is not compared.
    """
    recorder = TagRecorder(None)
    try:
        value = await request.compute(recorder)
    except ClientError:
        # An outage proves nothing.
        return
    if value is None or not local.is_current(recorder.tags, generation):
        # It was valid when it was served.
        return
    metrics.shadow_checks += 1
    if value.encode() != served.encode():
        metrics.shadow_mismatches += 1
        log.error("shadow check mismatch", key=request.key.decode(), tags=sorted(recorder.tags))
