"""Classifies Redis errors: outages, and bugs of this project."""

import re

from redis import exceptions

# Errors of a server that cannot serve requests. For most of them redis-py has classes; the others are recognized by
# their reply, which a pipeline prefixes.
_OUTAGE_CLASSES = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.OutOfMemoryError,
    exceptions.ReadOnlyError,
    exceptions.ClusterError,
    exceptions.AskError,
    exceptions.TryAgainError,
    exceptions.InvalidResponse,
    exceptions.SlotNotCoveredError,
    OSError,
)
_OUTAGE_REPLY = re.compile(r"(?:^|caused error: )(?:BUSY|INPROG|LOADING|MISCONF|NOREPLICAS|UNKILLABLE)\b")
_BUGS = (exceptions.InvalidPipelineStack, exceptions.CrossSlotTransactionError)


def is_outage(error: BaseException) -> bool:
    """Whether the server or the network caused the error, not the command."""
    if isinstance(error, _OUTAGE_CLASSES):
        return True
    if isinstance(error, AttributeError):
        return _is_from_redis(error)
    if isinstance(error, exceptions.RedisClusterException):
        return not isinstance(error, _BUGS)
    return isinstance(error, exceptions.ResponseError) and _OUTAGE_REPLY.search(str(error)) is not None


def _is_from_redis(error: BaseException) -> bool:
    """Whether redis-py raised it: it accesses connections that it has closed."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    module = traceback.tb_frame.f_globals.get("__name__", "") if traceback is not None else ""
    return module.partition(".")[0] in ("redis", "asyncio")
