"""RateLimit and RateLimit-Policy, of the Internet-Draft draft-ietf-httpapi-ratelimit-headers."""

from functools import lru_cache

from domain.cost_plans import CostPlan

# The name of the policy. Its unit is not requests, which is the default of the draft.
_NAME = b'"cost"'


def build_rate_limit_headers(plan: CostPlan, available: int) -> list[tuple[bytes, bytes]]:
    """`available`: units of cost. `t` is the time until all of the quota is available again."""
    seconds = -(-(plan.maximum - available) // plan.restore_rate)
    return [_policy(plan.maximum, plan.restore_rate), (b"ratelimit", b"%b;r=%d;t=%d" % (_NAME, available, seconds))]


@lru_cache(maxsize=16)
def _policy(maximum: int, restore_rate: int) -> tuple[bytes, bytes]:
    """Of numbers, because the hash of a plan is computed in Python."""
    window = CostPlan(maximum, restore_rate).window_seconds
    return b"ratelimit-policy", b'%b;q=%d;qu="cost";w=%d' % (_NAME, maximum, window)
