"""The rate limit by cost, as clients see it."""

from datetime import datetime

import strawberry

from resolvers.cost_limit import RateLimitState
from schema.nodes import is_row


@strawberry.type(
    description=(
        "The client's units of cost. The estimate of this operation is reserved in it; `extensions.cost` of a request "
        "returns its own cost."
    )
)
class RateLimit:
    is_type_of = is_row(RateLimitState)

    maximum: int = strawberry.field(description="The most units that can be available.")
    available: int = strawberry.field(description="The units that operations may cost now.")
    restore_rate: int = strawberry.field(description="The units that are restored each second.")
    full_at: datetime = strawberry.field(description="When `maximum` is available, if no other operation is sent.")
