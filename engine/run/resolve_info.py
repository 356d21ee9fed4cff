"""The info argument of resolvers, with attributes computed on access."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.pyutils import Path as CorePath
from graphql.pyutils import gather_with_cancel
from graphql.type import GraphQLResolveInfoHelpers
from strawberry.execution import optimized_is_awaitable as is_awaitable
from strawberry.types.info import Info

from engine.nodes import FieldPlan, Path
from engine.run.context import ExecutionContext
from engine.run.discarding import discard_awaitables


class ResolveInfo:
    """Has the attributes of graphql-core's GraphQLResolveInfo, and the operation extensions that Strawberry adds."""

    __slots__ = ("_field", "_path", "_run", "context")

    is_awaitable = staticmethod(is_awaitable)
    abort_signal = None
    async_helpers = GraphQLResolveInfoHelpers(
        gather=lambda values: gather_with_cancel(*values), track=discard_awaitables
    )

    def __init__(self, run: ExecutionContext, field: FieldPlan, path: Path) -> None:
        self._run = run
        self._field = field
        self._path = path
        self.context = run.context

    @property
    def field_name(self) -> str:
        return self._field.name

    @property
    def field_nodes(self) -> list[FieldNode]:
        return self._field.nodes

    @property
    def return_type(self) -> GraphQLOutputType:
        return self._field.definition.type

    @property
    def parent_type(self) -> GraphQLObjectType:
        return self._field.parent_type

    @property
    def schema(self) -> GraphQLSchema:
        return self._run.plan.source.schema

    @property
    def fragments(self) -> Mapping[str, FragmentDefinitionNode]:
        return self._run.plan.source.fragments

    @property
    def root_value(self) -> object:
        return self._run.root

    @property
    def operation(self) -> OperationDefinitionNode:
        return self._run.plan.source.operation

    @property
    def operation_extensions(self) -> Mapping[str, object] | None:
        return self._run.extensions

    @property
    def variable_values(self) -> object:
        """Strawberry's resolvers expect the coerced values only."""
        variables = self._run.variables
        return variables if self._run.plan.source.strawberry is None else variables.coerced

    @property
    def path(self) -> CorePath:
        """A path of graphql-core, with type names."""
        steps: list[tuple[str | int, str | None]] = []
        field, path = self._field, self._path
        while path is not None:
            path, key = path
            if isinstance(key, int):
                steps.append((key, None))
            else:
                steps.append((key, field.parent_type.name))
                if field.parent is not None:
                    field = field.parent.field
        found: CorePath | None = None
        for key, type_name in reversed(steps):
            found = CorePath(found, key, type_name)
        assert found is not None
        return found


@cache
def lazy_info_class(info_class: type[Info[Any, Any]]) -> type:
    """A subclass of the schema's info class that creates graphql-core's info on access."""

    class LazyInfo(info_class):  # type: ignore[valid-type,misc]  # a base class from a variable
        def __init__(self, run: ExecutionContext, field: FieldPlan, path: Path) -> None:
            self._run = run
            self.field_plan = field
            self._place = path

        @property
        def _raw_info(self) -> ResolveInfo:
            return ResolveInfo(self._run, self.field_plan, self._place)

        @property
        def _field(self) -> object:
            return self.field_plan.definition.extensions["strawberry-definition"]

        if info_class.context is Info.context:

            @property
            def context(self) -> object:
                return self._run.context

    LazyInfo.__name__ = LazyInfo.__qualname__ = info_class.__name__
    return LazyInfo
