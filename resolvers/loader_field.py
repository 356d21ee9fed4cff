"""Fields that are resolved by a loader."""

from collections.abc import Callable
from typing import Any

from engine.loading.batch_loader import BatchLoader
from engine.loading.loader_field import loader_field
from loaders import Loaders
from resolvers.context import Context


def load_by_key(
    loader: Callable[[Loaders], BatchLoader[Any, Any]],
    key: str | Callable[..., Any] = "id",
    transform: Callable[[Any], Any] | None = None,
) -> Callable[..., Any]:
    """A resolver. `key`: a column of the parent's row, or a function of the parent, the info and the arguments.

    The field is null if its key is. `transform` maps the loaded row to the value of the field.
    """

    def of_context(context: Context) -> BatchLoader[Any, Any]:
        return loader(context.loaders)

    return loader_field(of_context, key, transform)
