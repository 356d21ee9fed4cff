"""Fields that a loader answers, declared instead of written, so that a whole level of them is asked for at once."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Generic, TypeVar

import strawberry

from engine.loading.batch_loader import BatchLoader

ContextT = TypeVar("ContextT")


class LoaderField(Generic[ContextT]):
    """Which loader answers a field, by which key.

    `key`: an attribute of the parent, or a function of what a resolver may take, which gives the key. A key of None is
    not loaded: there is nothing. `then` makes the field's value from what was loaded.
    """

    __slots__ = ("key", "loader", "then")

    def __init__(
        self,
        loader: Callable[[ContextT], BatchLoader[Any, Any]],
        key: str | Callable[..., Any],
        then: Callable[[Any], Any] | None,
    ) -> None:
        self.key = key
        self.loader = loader
        self.then = then

    def value(self, loaded: object) -> object:
        """The field's value, from what was loaded for its key."""
        return loaded if self.then is None else self.then(loaded)


def loader_field(
    loader: Callable[[ContextT], BatchLoader[Any, Any]],
    key: str | Callable[..., Any] = "id",
    then: Callable[[Any], Any] | None = None,
) -> Callable[..., Any]:
    """A resolver for `strawberry.field(resolver=…, graphql_type=…)`.

    graphql-core calls it like any other; a compiled plan finds the declaration and asks for a level's keys at once.
    A function that gives the key has `info` among its parameters.
    """
    declared = LoaderField(loader, key, then)

    async def load(info: strawberry.Info[Any, Any], found: Any) -> Any:
        return declared.value(None if found is None else await loader(info.context).load(found))

    if isinstance(key, str):

        async def resolve(parent: strawberry.Parent[Any], info: strawberry.Info[Any, Any]) -> Any:
            return await load(info, getattr(parent, key))

    else:

        @wraps(key)
        async def resolve(**arguments: Any) -> Any:
            return await load(arguments["info"], key(**arguments))

    resolve.loader_field = declared  # type: ignore[attr-defined]  # where a plan finds it
    return resolve


def declared_on(resolver: object) -> LoaderField[Any] | None:
    """The declaration of a resolver that `loader_field` made."""
    return getattr(resolver, "loader_field", None)
