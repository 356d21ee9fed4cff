"""The limits of requests and streams that are neither limits of an operation nor rate limits."""

from enum import StrEnum


class RequestLimit(StrEnum):
    """The settings that have these limits: `extensions.limit` of an error beyond one."""

    BODY_BYTES = "MAX_BODY_BYTES"
    STREAMS_PER_USER = "MAX_STREAMS_PER_LEARNER"
    SOCKETS_PER_USER = "MAX_SOCKETS_PER_LEARNER"
    STREAMS_PER_SOCKET = "MAX_STREAMS_PER_SOCKET"
    DIRECT_EXPORTS = "MAX_DIRECT_EXPORTS"
    COST = "COST_PLANS"
    RUNNING_OPERATIONS = "MAX_RUNNING_OPERATIONS"
