"""Declares fields that a loader resolves, so that the keys of a whole level are loaded together."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Generic, TypeVar

import strawberry

from engine.loading.batch_loader import BatchLoader

ContextT = TypeVar("ContextT")


class LoaderField(Generic[ContextT]):
    """Which loader resolves a field, by which key.

    `key`: an attribute of the parent, or a function with a resolver's parameters that returns the key. Nothing is
    loaded for None. `transform`: from the loaded value to the field's. `known`: values of keys that need not be loaded,
    which generated code completes with their object. `column`: that of the parent's statement with the value, which the
    loader knows if the statement selected it, as `selected_attributes` says. `is_shared`: all requests know the same
    values, none of which changes as long as the mapping is the same object.
    """

    __slots__ = ("column", "is_shared", "key", "known", "loader", "transform")

    def __init__(
        self,
        loader: Callable[[ContextT], BatchLoader[Any, Any]],
        key: str | Callable[..., object],
        transform: Callable[[Any], Any] | None,
        known: Callable[[ContextT], Mapping[Any, Any]] | None = None,
        column: str | None = None,
        *,
        is_shared: bool = False,
    ) -> None:
        self.column = column
        self.is_shared = is_shared
        self.key = key
        self.known = known
        self.loader = loader
        self.transform = transform

    def value(self, loaded: object) -> object:
        """The field's value, from the loaded one."""
        return loaded if self.transform is None else self.transform(loaded)


def loader_field(
    loader: Callable[[ContextT], BatchLoader[Any, Any]],
    key: str | Callable[..., object] = "id",
    transform: Callable[[Any], Any] | None = None,
    known: Callable[[ContextT], Mapping[Any, Any]] | None = None,
    column: str | None = None,
    *,
    is_shared: bool = False,
) -> Callable[..., Any]:
    """A resolver for `strawberry.field(resolver=…, graphql_type=…)`.

    graphql-core calls it like any other; a plan uses the declaration instead. If `key` is a function, it has a
    parameter `info`. The loader returns the same values as `known`.
    """
    declared = LoaderField(loader, key, transform, known, column, is_shared=is_shared)

    async def load(info: strawberry.Info[Any, Any], found: object) -> object:
        return declared.value(None if found is None else await loader(info.context).load(found))

    if isinstance(key, str):

        async def resolve(parent: strawberry.Parent[Any], info: strawberry.Info[Any, Any]) -> Any:
            return await load(info, getattr(parent, key))

    else:

        @wraps(key)
        async def resolve(**arguments: Any) -> Any:
            return await load(arguments["info"], key(**arguments))

    vars(resolve)["loader_field"] = declared
    return resolve


def loader_field_of(resolver: object) -> LoaderField[Any] | None:
    """The declaration of a resolver that `loader_field` returned."""
    return getattr(resolver, "loader_field", None)
