"""The base of all payloads, which have user-correctable errors."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

import strawberry

from domain.user_errors import Conflict, InvalidInput, UserError
from domain.viewer import Viewer
from resolvers.context import Info

InputT = TypeVar("InputT")
PayloadT = TypeVar("PayloadT", bound="Payload")
Resolver = Callable[[Info, InputT], Coroutine[Any, Any, PayloadT]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The result of a mutation. With errors, nothing was changed; a conflict has the current object."""

    errors: Sequence[UserError] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedPayload(Payload):
    """`deleted_id`: the global id of the deleted object."""

    deleted_id: strawberry.ID | None = None


def viewer(parent: strawberry.Parent[Payload], info: Info) -> Viewer | None:
    """The viewer, so that normalized client caches are updated."""
    return None if parent.errors else info.context.viewer


def returns_user_errors(
    payload: Callable[..., PayloadT],
    current: str | None = None,
) -> Callable[[Resolver[InputT, PayloadT]], Resolver[InputT, PayloadT]]:
    """Decorate a resolver that raises InvalidInput: the errors become a payload without other data.

    `current`: the field of the payload for the current object after a conflict.
    """

    def decorator(resolver: Resolver[InputT, PayloadT]) -> Resolver[InputT, PayloadT]:
        @wraps(resolver)
        async def wrapper(info: Info, input: InputT) -> PayloadT:
            try:
                return await resolver(info, input)
            except InvalidInput as error:
                found = {current: error.current} if current and isinstance(error, Conflict) else {}
                return payload(errors=error.errors, **found)

        return wrapper

    return decorator
