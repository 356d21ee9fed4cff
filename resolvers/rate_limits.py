"""Rate limits, declared on resolvers."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, TypeVar
from uuid import uuid5

from domain.ids import new_id
from domain.rate_limits import RateLimit
from resolvers.context import Context, Info

InputT = TypeVar("InputT")
PayloadT = TypeVar("PayloadT")
Resolver = Callable[[Info, InputT], Coroutine[Any, Any, PayloadT]]
ResolverT = TypeVar("ResolverT", bound=Callable[..., Any])

_DECLARATION = "__rate_limit__"


def rate_limited(
    limit: RateLimit, amount: Callable[[Any], int] = lambda _: 1
) -> Callable[[Resolver[InputT, PayloadT]], Resolver[InputT, PayloadT]]:
    """Decorate a mutation's resolver: raises RateLimited before it runs.

    `amount`: the number of uses of an input. Failed attempts count as well.
    """

    def decorator(resolver: Resolver[InputT, PayloadT]) -> Resolver[InputT, PayloadT]:
        @wraps(resolver)
        async def wrapper(info: Info, input: InputT) -> PayloadT:
            context = info.context
            await context.services.rate_limits.acquire(limit, context.require_viewer().client_id, max(1, amount(input)))
            return await resolver(info, input)

        return declare_rate_limit(limit)(wrapper)

    return decorator


def declare_rate_limit(limit: RateLimit) -> Callable[[ResolverT], ResolverT]:
    """Declare the limit of a resolver that applies it itself."""

    def decorator(resolver: ResolverT) -> ResolverT:
        setattr(resolver, _DECLARATION, limit)
        return resolver

    return decorator


@asynccontextmanager
async def rate_limited_attempt(
    context: Context, limit: RateLimit, idempotency_key: str | None
) -> AsyncIterator[RateLimit]:
    """Count an attempt that succeeds, once for each idempotency key. Yields the configured limit.

    Raises RateLimited.
    """
    viewer, limits = context.require_viewer(), context.services.rate_limits
    token = (new_id() if idempotency_key is None else uuid5(viewer.id, idempotency_key)).hex
    await limits.acquire(limit, viewer.client_id, token=token)
    try:
        yield limits.configured(limit)
    except BaseException:
        await limits.release(limit, viewer.client_id, token)
        raise
