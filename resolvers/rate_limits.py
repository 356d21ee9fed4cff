"""Limits over time on what is expensive, declared beside the resolver that they hold for."""

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


def limited(
    limit: RateLimit, amount: Callable[[Any], int] = lambda _: 1
) -> Callable[[Resolver[InputT, PayloadT]], Resolver[InputT, PayloadT]]:
    """For a resolver of a mutation, which raises RateLimited before it does anything.

    `amount`: how many uses an input is. Every attempt counts, also one that fails.
    """

    def decorated(resolver: Resolver[InputT, PayloadT]) -> Resolver[InputT, PayloadT]:
        @wraps(resolver)
        async def answer(info: Info, input: InputT) -> PayloadT:
            context = info.context
            await context.services.rate_limits.take(limit, context.signed_in().client_id, max(1, amount(input)))
            return await resolver(info, input)

        return limited_inside(limit)(answer)

    return decorated


def limited_inside(limit: RateLimit) -> Callable[[ResolverT], ResolverT]:
    """For a resolver that takes from the limit itself."""

    def decorated(resolver: ResolverT) -> ResolverT:
        setattr(resolver, _DECLARATION, limit)
        return resolver

    return decorated


def rate_limit_of(resolver: Callable[..., Any]) -> RateLimit | None:
    """The one that was declared."""
    found: RateLimit | None = getattr(resolver, _DECLARATION, None)
    return found


@asynccontextmanager
async def taking(context: Context, limit: RateLimit, idempotency_key: str | None) -> AsyncIterator[RateLimit]:
    """The limit as it is configured, for as long as something is tried that counts where it succeeds, once for a key.

    Raises RateLimited.
    """
    viewer, limits = context.signed_in(), context.services.rate_limits
    token = (new_id() if idempotency_key is None else uuid5(viewer.id, idempotency_key)).hex
    await limits.take(limit, viewer.client_id, token=token)
    try:
        yield limits.configured(limit)
    except BaseException:
        await limits.give_back(limit, viewer.client_id, token)
        raise
