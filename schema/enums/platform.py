"""The cache, health and errors."""

from domain.enums import CacheControlScope, HealthStatus
from domain.user_errors import UserErrorCode
from schema.enum_descriptions import describe_enum

describe_enum(
    CacheControlScope,
    "Whether a cached value is shared.",
    PUBLIC="Shared by all viewers.",
    PRIVATE="Cached for one viewer.",
)
describe_enum(
    UserErrorCode,
    "Codes of user errors.",
    REQUIRED="The value is required.",
    TOO_SHORT="The value is too short.",
    TOO_LONG="The value is too long.",
    OUT_OF_RANGE="The value is out of range.",
    INVALID="The value is invalid.",
    NOT_FOUND="No object with this id is visible to the viewer.",
    CONFLICT="The value conflicts with the current state.",
    ALREADY_EXISTS="The object exists already.",
    LIMIT_REACHED="The maximum number has been reached.",
)
describe_enum(
    HealthStatus,
    "Health states.",
    OK="Works.",
    DEGRADED="Works slower or with fewer features.",
    DOWN="Unavailable.",
)
