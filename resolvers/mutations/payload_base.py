"""What all payloads share: errors that a person can mend are in them."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any, TypeVar

import strawberry

from domain.user_errors import InvalidInput, UserError
from domain.viewer import Viewer
from resolvers.context import Info

InputT = TypeVar("InputT")
PayloadT = TypeVar("PayloadT", bound="Payload")
# The only argument of every mutation.
Input = Annotated[InputT, strawberry.argument(description="The action and its input.")]
Resolver = Callable[[Info, InputT], Coroutine[Any, Any, PayloadT]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What a mutation answers. Where there are errors, nothing was changed."""

    errors: Sequence[UserError] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedPayload(Payload):
    """The global id of what was deleted."""

    deleted_id: strawberry.ID | None = None


def viewer(parent: strawberry.Parent[Payload], info: Info) -> Viewer | None:
    """So that normalised caches of clients see what the change did to everything that is the viewer's."""
    return None if parent.errors else info.context.viewer


def answering(
    payload: Callable[..., PayloadT],
) -> Callable[[Resolver[InputT, PayloadT]], Resolver[InputT, PayloadT]]:
    """For a resolver that raises InvalidInput: the errors become a payload with nothing else in it."""

    def decorated(resolver: Resolver[InputT, PayloadT]) -> Resolver[InputT, PayloadT]:
        @wraps(resolver)
        async def answer(info: Info, input: InputT) -> PayloadT:
            try:
                return await resolver(info, input)
            except InvalidInput as rejected:
                return payload(errors=rejected.errors)

        return answer

    return decorated
