"""What subscriptions do while the database is unavailable."""

import asyncio

import structlog

from common.error_descriptions import describe_error
from common.throttle import Throttle
from domain.errors import ServiceUnavailable

RETRY_SECONDS = 2.0

log = structlog.get_logger()
# An outage concerns all subscriptions of the process.
_throttle = Throttle()


async def wait_for_recovery(event: str, error: ServiceUnavailable) -> None:
    """Wait before the next attempt. The event is logged at most once a second."""
    if _throttle.admit(event) is not None:
        log.warning(event, reason=describe_error(error.__cause__ or error))
    await asyncio.sleep(RETRY_SECONDS)
