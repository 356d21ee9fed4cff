"""The cache and the server's dependencies."""

from enum import StrEnum


class CacheControlScope(StrEnum):
    """Whether a cached value is shared."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


class HealthStatus(StrEnum):
    """DEGRADED: works slower or with fewer features."""

    OK = "OK"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"
