"""The resolver of fields that a loader resolves."""

from typing import Any

from engine.loading.loader_field import LoaderField
from engine.nodes import FieldPlan, FieldResolver, Path
from engine.run.context import ExecutionContext


class LoaderResolver:
    """Loads a value by a key of the parent or the arguments. The scheduler passes the keys of a level together."""

    def __init__(self, declared: LoaderField[Any], key: FieldResolver) -> None:
        self.declared = declared
        self.key = key

    def resolve(self, _source: object, _run: ExecutionContext, _field: FieldPlan, _path: Path) -> object:
        """The value without a key."""
        return self.declared.value(None)
