"""Redis's errors: what is an outage, and what is a mistake of ours."""

import re

from redis import exceptions

# What a server answers that cannot do its work. For most of it redis-py has classes of their own; a pipeline puts words
# of its own before the answer.
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
_OUTAGE_ANSWER = re.compile(r"(?:^|caused error: )(?:BUSY|INPROG|LOADING|MISCONF|NOREPLICAS|UNKILLABLE)\b")
_MISTAKES = (exceptions.InvalidPipelineStack, exceptions.CrossSlotTransactionError)


def is_outage(error: BaseException) -> bool:
    """Whether the server or the network is the reason, and not what was sent."""
    if isinstance(error, _OUTAGE_CLASSES):
        return True
    if isinstance(error, AttributeError):
        return _is_from_redis(error)
    if isinstance(error, exceptions.RedisClusterException):
        return not isinstance(error, _MISTAKES)
    return isinstance(error, exceptions.ResponseError) and _OUTAGE_ANSWER.search(str(error)) is not None


def _is_from_redis(error: BaseException) -> bool:
    """Whether redis-py raised it: it stumbles over connections that it has closed itself."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    module = traceback.tb_frame.f_globals.get("__name__", "") if traceback is not None else ""
    return module.partition(".")[0] in ("redis", "asyncio")
