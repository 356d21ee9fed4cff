"""The rate limit by cost, as clients see it."""

from datetime import datetime

import strawberry

from resolvers.cost_limit import CostLimitState
from schema.nodes import is_row


# `RateLimit` in Python is a limit by number (`domain/rate_limits.py`).
@strawberry.type(
    name="RateLimit",
    description=(
        "The client's units of cost. The estimate of this operation is reserved in it; `extensions.cost` of a request "
        "returns its own cost."
    ),
)
class CostLimit:
    is_type_of = is_row(CostLimitState)

    maximum: int = strawberry.field(description="The most units that can be available.")
    available: int = strawberry.field(description="The units that operations may cost now.")
    restore_rate: int = strawberry.field(description="The units that are restored each second.")
    full_at: datetime = strawberry.field(description="When `maximum` is available, if no other operation is sent.")
