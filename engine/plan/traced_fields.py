"""Resolvers of the variant of a plan that records a span for each resolver."""

from inspect import isawaitable
from time import perf_counter

from graphql import GraphQLObjectType

from common.tracing.span_types import FIELD
from common.tracing.trace import record
from engine.nodes import FieldPlan, FieldResolver, Path
from engine.plan.field_resolvers import AttributeResolver, TypenameResolver
from engine.run.context import ExecutionContext
from engine.run.loader_resolver import LoaderResolver
from engine.run.traced_awaitable import TracedAwaitable


def trace_resolver(resolver: FieldResolver, type_: GraphQLObjectType, field: str) -> FieldResolver:
    """Attributes take less time than a span, and loaders record their batches."""
    if isinstance(resolver, AttributeResolver | TypenameResolver | LoaderResolver):
        return resolver
    return _TracedResolver(resolver, f"{type_.name}.{field}")


class _TracedResolver:
    """`coordinates`: of the field. What an asynchronous resolver does is in its span."""

    def __init__(self, resolver: FieldResolver, coordinates: str) -> None:
        self._resolver = resolver
        self._coordinates = coordinates

    def resolve(self, source: object, run: ExecutionContext, field: FieldPlan, path: Path) -> object:
        started_at = perf_counter()
        value = self._resolver.resolve(source, run, field, path)
        if isawaitable(value):
            return TracedAwaitable(value, self._coordinates)
        record(FIELD, self._coordinates, started_at, perf_counter())
        return value
