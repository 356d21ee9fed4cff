"""Fields that a loader answers by a key."""

from collections.abc import Callable
from typing import Any

from engine.loading.batch_loader import BatchLoader
from engine.loading.loader_field import loader_field
from loaders import Loaders
from resolvers.context import Context


def loaded(
    loader: Callable[[Loaders], BatchLoader[Any, Any]],
    key: str | Callable[..., Any] = "id",
    then: Callable[[Any], Any] | None = None,
) -> Callable[..., Any]:
    """A resolver. `key`: a column of the parent's row, or a function of the parent, the info and the arguments.

    Null where the key is; `then` makes the field's value from what was loaded.
    """

    def of_context(context: Context) -> BatchLoader[Any, Any]:
        return loader(context.loaders)

    return loader_field(of_context, key, then)
