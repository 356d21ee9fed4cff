"""Fields that are resolved by a loader."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.loading.batch_loader import BatchLoader
from engine.loading.loader_field import loader_field
from loaders import Loaders
from resolvers.context import Context


def load_by_key(
    loader: Callable[[Loaders], BatchLoader[Any, Any]],
    key: str | Callable[..., Any] = "id",
    transform: Callable[[Any], Any] | None = None,
    known: Callable[[Loaders], Mapping[Any, Any]] | None = None,
    column: str | None = None,
    *,
    is_shared: bool = False,
) -> Callable[..., Any]:
    """A resolver. `key`: a column of the parent's row, or a function of the parent, the info and the arguments.

    The field is null if its key is. `transform` maps the loaded row to the value of the field. `known`: values that
    the loader would return without a statement. `column` and `is_shared`: see `LoaderField`.
    """

    def of_context(context: Context) -> BatchLoader[Any, Any]:
        return loader(context.loaders)

    def known_of_context(context: Context) -> Mapping[Any, Any]:
        assert known is not None
        return known(context.loaders)

    of_known = None if known is None else known_of_context
    return loader_field(of_context, key, transform, of_known, column, is_shared=is_shared)
